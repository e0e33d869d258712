"""Memory at each step of a life."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ, load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.memory.phases import PHASES, WITNESS, Walk, is_peak, memory_phases
from jarvis_bench.memory.subjects import ModelSubject, TierSubject
from jarvis_bench.process_memory import HAS_PROC
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.tier import MemoryReading

from .test_sources import TellingTier

WEIGHTS_BYTES = 83_000_000
BATCH_BYTES = 2_000_000  # the kernel counts for vm-hwm in batches, and exactly for smaps
CLIP = np.zeros(SAMPLE_RATE_HZ, np.float32)


@pytest.mark.model
@pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)")
async def test_memory_of_a_model_process_step_by_step(weights: Weights) -> None:
    """Python, then the imports, then the weights: each step shows, and the peak is that of all."""
    told: list[str] = []
    short, long = (load_clips(Settings().data_dir, (seconds,))[0].samples for seconds in (1.0, 10.0))
    async with ModelProcess(weights, runtime="onnx") as process:
        walk = Walk(short, long, repeats=2, idle_s=0.1)
        found = await memory_phases(ModelSubject(process, "onnx"), walk, told.append)
    readings: dict[str, dict[str, int]] = defaultdict(dict)
    for row in found.phases:
        assert row.bytes is not None
        readings[row.phase][row.metric] = row.bytes
    assert told == list(PHASES[:-1])
    assert list(readings) == list(PHASES)
    assert readings["before"]["pss"] < readings["imported"]["pss"] < readings["loaded"]["pss"]
    # Not pss-file: other processes of the suite may map the same graph, and share its pages.
    assert readings["first clip"]["rss"] > WEIGHTS_BYTES
    for phase in told:
        assert readings[phase]["uss"] <= readings[phase]["pss"] <= readings[phase]["rss"]
        assert readings[phase]["rss"] <= readings[phase]["vm-hwm"] + BATCH_BYTES
        assert readings[phase][WITNESS] == pytest.approx(readings[phase]["rss"], rel=0.02)
    assert readings["peak"]["vm-hwm"] == max(readings[phase]["vm-hwm"] for phase in told)
    assert {"rss", "pss", "uss"} <= {row.metric for row in found.timeline}
    assert set(found.timeline).isdisjoint(found.phases)
    assert found.cost.alone_wall_s >= 0.1


async def test_what_a_tier_cannot_be_halted_at_is_none_with_the_reason() -> None:
    """A container that loads by itself: its rows are there, without a number, and never 0."""
    tier = TellingTier(MemoryReading("anon", 7), MemoryReading("memory-peak", 9, "self-reported"))
    walk = Walk(CLIP, CLIP, repeats=1, idle_s=0.0)
    found = await memory_phases(TierSubject(tier, "onnx"), walk, list[str]().append)
    unmeasured = [row for row in found.phases if row.bytes is None]
    assert {(row.phase, row.metric) for row in unmeasured} == {
        (phase, metric) for phase in ("before", "imported") for metric in ("anon", "memory-peak")
    }
    assert all("by itself" in row.note for row in unmeasured)
    (peak,) = [row for row in found.phases if row.phase == "peak"]
    assert (peak.metric, peak.bytes, peak.how) == ("memory-peak", 9, "self-reported")


async def test_a_source_without_marks_says_so() -> None:
    """The peak is not made up from samples."""
    walk = Walk(CLIP, CLIP, repeats=1, idle_s=0.0)
    found = await memory_phases(
        TierSubject(TellingTier(MemoryReading("rss", 7)), "onnx"), walk, list[str]().append
    )
    (peak,) = [row for row in found.phases if row.phase == "peak"]
    assert peak.bytes is None
    assert "no high-water mark" in peak.note


def test_varied_clips_are_the_same_each_time_and_differ_in_length() -> None:
    """Drawn with the seed, between half a second and the longest clip."""
    longest = np.zeros(10 * SAMPLE_RATE_HZ, np.float32)
    walk = Walk(CLIP, longest, repeats=20, idle_s=0.0, varied=True)
    lengths = [len(clip) for clips in walk.rounds(1) for clip in clips]
    assert lengths == [len(clip) for clips in walk.rounds(1) for clip in clips]
    assert len(set(lengths)) == 20
    assert SAMPLE_RATE_HZ // 2 <= min(lengths) < max(lengths) <= len(longest)
    rounds = Walk(CLIP, longest, repeats=2, idle_s=0.0).rounds(1)
    assert [[len(clip) for clip in clips] for clips in rounds] == [[len(CLIP)]] * 2


@pytest.mark.parametrize(
    ("repeats", "concurrency", "expected"),
    [(1, 1, (1, 1)), (8, 1, (4, 2)), (8, 4, (4, 4)), (2, 4, (2, 4)), (9, 1, (4, 3))],
)
def test_each_round_keeps_all_callers_busy(repeats: int, concurrency: int, expected: tuple[int, int]) -> None:
    """As many rounds as readings, where there are clips enough."""
    rounds = Walk(CLIP, CLIP, repeats=repeats, idle_s=0.0).rounds(concurrency)
    assert (len(rounds), len(rounds[0])) == expected


class Swinging(TellingTier):
    """A tier that holds another amount each time that it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self._amounts = itertools.cycle((10, 20, 30, 40))

    async def memory(self) -> tuple[MemoryReading, ...]:
        """A level, and a mark that is the same amount."""
        amount = next(self._amounts)
        return MemoryReading("anon", amount), MemoryReading("memory-peak", amount)


async def test_a_steady_phase_is_the_mean_of_its_readings_and_the_highest_of_its_marks() -> None:
    """One reading would be a matter of luck: what is kept of freed memory differs after each clip."""
    walk = Walk(CLIP, CLIP, repeats=4, idle_s=0.0)
    found = await memory_phases(TierSubject(Swinging(), "onnx"), walk, list[str]().append)
    steady = {row.metric: row.bytes for row in found.phases if row.phase == "steady ×1"}
    assert steady == {"anon": 25, "memory-peak": 40}
    assert [row.metric for row in found.phases if row.phase == "steady ×4"] == ["anon", "memory-peak"]


@pytest.mark.parametrize(("metric", "expected"), [("vm-hwm", True), ("memory-peak", True), ("pss", False)])
def test_marks_are_told_from_levels_by_their_name(metric: str, expected: bool) -> None:
    """Whoever keeps them."""
    assert is_peak(metric) is expected
