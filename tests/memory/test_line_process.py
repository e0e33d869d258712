"""The lines of an encoder, without a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.memory import line_process


class Encoder:
    """Holds what it is told to."""

    def __init__(self, model: Path, *, threads: int) -> None:
        self.block = bytearray(b"x") * 40_000_000
        if threads > 1:
            self.block *= 2

    def encode(self, clips: NDArray[np.float32]) -> int:
        """As many as there are."""
        return len(clips)


def test_each_line_has_its_rise_and_skipped_lines_have_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The line that takes 40 MB is told, and what never ran is not 0."""
    monkeypatch.setattr(line_process, "encoder_class", lambda _: Encoder)
    clip = tmp_path / "clip.npy"
    np.save(clip, np.zeros(10, np.float32))
    rows = line_process.watch("onnx", tmp_path, clip)
    taking = next(row for row in rows if "40_000_000" in row.code)
    assert taking.increment_bytes == pytest.approx(40_000_000, rel=0.2)
    assert next(row for row in rows if "*= 2" in row.code).rss_bytes is None
    assert rows[0].increment_bytes is None
