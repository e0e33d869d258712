"""The lines of an encoder, without a model."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.memory import line_process
from jarvis_bench.memory.interactive import LineRow


class Encoder:
    """Holds what it is told to."""

    def __init__(self, model: Path, *, threads: int) -> None:
        self.block = bytearray(b"x") * 40_000_000
        if threads > 1:
            self.block *= 2

    def encode(self, clips: NDArray[np.float32]) -> int:
        """As many as there are."""
        return len(clips)


def watched(folder: Path) -> tuple[LineRow, ...]:
    """The lines of the encoder above."""
    vars(line_process)["encoder_class"] = lambda _: Encoder
    clip = folder / "clip.npy"
    np.save(clip, np.zeros(10, np.float32))
    return line_process.watch("onnx", folder, clip)


def test_each_line_has_its_rise_and_skipped_lines_have_none(tmp_path: Path) -> None:
    """The line that takes 40 MB is told, and what never ran is not 0; a process that has freed memory would hide it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        rows = fresh.submit(watched, tmp_path).result(timeout=60)
    taking = next(row for row in rows if "40_000_000" in row.code)
    assert taking.increment_bytes == pytest.approx(40_000_000, rel=0.2)
    assert next(row for row in rows if "*= 2" in row.code).rss_bytes is None
    assert rows[0].increment_bytes is None
