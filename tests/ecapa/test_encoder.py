"""Runtimes are chosen by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.ecapa.encoder import import_runtime, open_encoder
from jarvis_bench.errors import UsageError


def test_unknown_runtime_names_the_nearest(tmp_path: Path) -> None:
    """A mistyped runtime is an error that names the one that was meant, before anything is imported."""
    with pytest.raises(UsageError, match=r"unknown runtime 'speech-brain'; did you mean 'speechbrain'\?"):
        import_runtime("speech-brain")
    with pytest.raises(UsageError, match="unknown runtime 'onyx'"):
        open_encoder("onyx", tmp_path, threads=1)
