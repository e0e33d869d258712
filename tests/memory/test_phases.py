"""A model process's memory at each step of its life."""

from __future__ import annotations

from collections import defaultdict

import pytest

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.memory.phases import WITNESS, memory_phases
from jarvis_bench.process_memory import HAS_PROC
from jarvis_bench.settings import Settings

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)"),
]
PARAMETERS_BYTES = 83_000_000
BATCH_BYTES = 2_000_000  # the kernel counts for vm-hwm in batches, and exactly for smaps


async def test_memory_of_a_model_process_step_by_step(weights: Weights) -> None:
    """Python, then the imports, then the weights: each step shows, and the peak is that of all."""
    told: list[str] = []
    clips = load_clips(Settings().data_dir, (1.0,))[:2]
    async with ModelProcess(weights) as process:
        found = await memory_phases(
            process, clips, tier="local", runtime="speechbrain", repeats=2, progress=told.append
        )
    readings: dict[str, dict[str, int]] = defaultdict(dict)
    for row in found.phases:
        readings[row.phase][row.metric] = row.bytes
    assert told == ["process", "import", "load", "embed 1 s"]
    assert list(readings) == [*told, "peak"]
    before, imported, loaded = (readings[phase] for phase in told[:3])
    assert before["pss"] < 50_000_000 < imported["pss"]
    assert loaded["pss"] - imported["pss"] > PARAMETERS_BYTES
    for phase in told:
        assert readings[phase]["pss"] <= readings[phase]["rss"]
        assert readings[phase]["rss"] <= readings[phase]["vm-hwm"] + BATCH_BYTES
        assert readings[phase][WITNESS] == pytest.approx(readings[phase]["rss"], rel=0.02)
    assert readings["peak"]["vm-hwm"] == max(readings[phase]["vm-hwm"] for phase in told)
    assert {row.metric for row in found.timeline} == {"rss", "pss"}
    assert set(found.timeline).isdisjoint(found.phases)
