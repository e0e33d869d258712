"""memory-profiler for people."""

from __future__ import annotations

import time

import pytest

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.memory.interactive import line_memory, memit
from jarvis_bench.settings import Settings

TAKEN = 60_000_000


def hold() -> None:
    """Take it for a tenth of a second."""
    block = bytearray(b"x") * TAKEN
    time.sleep(0.1)
    assert len(block) == TAKEN


async def test_a_call_is_sampled_while_it_runs() -> None:
    """Its increment is about what it takes; the sentence has both numbers and the metric."""
    taken = await memit(hold)
    assert taken.increment_bytes == pytest.approx(TAKEN, rel=0.2)
    assert taken.peak_bytes > taken.baseline_bytes
    assert "RSS" in str(taken)


@pytest.mark.model
async def test_each_line_of_the_encoder_is_watched(weights: Weights) -> None:
    """The line that computes is the one that takes; lines that did not run have no number."""
    (clip, *_) = load_clips(Settings().data_dir, (3.0,))
    rows = await line_memory(weights, "onnx", clip.samples)
    assert {row.function for row in rows} == {"__init__", "encode"}
    computing = next(row for row in rows if "_session.run" in row.code)
    assert computing.increment_bytes is not None
    assert computing.increment_bytes > 50_000_000
    assert all(row.rss_bytes is None for row in rows if "raise UsageError" in row.code)
