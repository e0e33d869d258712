"""torchaudio beside a CPU build of torch."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from jarvis_bench.ecapa.pure_torchaudio import LOADER, use_pure_torchaudio


@pytest.mark.model
def test_torchaudio_imports_without_its_native_library() -> None:
    """After the cure the import works, whatever build of torch is installed, and what SpeechBrain uses is there."""
    source = (
        "from jarvis_bench.ecapa.pure_torchaudio import use_pure_torchaudio\n"
        "use_pure_torchaudio(); use_pure_torchaudio()\n"
        "import torchaudio, torch\n"
        "print(torchaudio.functional.resample(torch.zeros(1, 160), 16000, 8000).shape[-1])"
    )
    assert subprocess.check_output([sys.executable, "-c", source], text=True) == "80\n"


def test_without_torchaudio_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, nothing happens."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, LOADER, raising=False)
    use_pure_torchaudio()
    assert LOADER not in sys.modules
