"""What holds how much RAM at each step of its life."""

from __future__ import annotations

import asyncio
import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.errors import RequestRefused
from jarvis_bench.memory.sources import ProcessSource, Source
from jarvis_bench.memory.subjects import Subject
from jarvis_bench.memory.timeline import SamplerCost, Timeline
from jarvis_bench.records import MemoryRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WITNESS = "rss (memory-profiler)"
STARTING = ("before", "imported", "loaded")
PHASES = (*STARTING, "first clip", "steady ×1", "steady ×4", "longest clip", "after idle", "peak")
SHORTEST_S = 0.5
# Of a steady phase: what the C library keeps of freed blocks is another amount after each clip.
READINGS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """What is done in the phases.

    `clip` and `longest`: samples, float32 `[n]` at 16 kHz; `repeats`: at least so many clips in each steady phase;
    `varied`: whether those have lengths from half a second to `longest`, drawn with `seed`, in place of `clip`;
    `idle_s`: how long nothing is done before the last reading; `condition`: what is special about it, in words.
    """

    clip: NDArray[np.float32]
    longest: NDArray[np.float32]
    repeats: int
    idle_s: float
    varied: bool = False
    condition: str = "usual"
    seed: int = 1

    def rounds(self, concurrency: int) -> list[list[NDArray[np.float32]]]:
        """The clips of a steady phase with so many callers, in rounds that keep all of them busy."""
        count = min(READINGS, self.repeats)
        size = max(concurrency, math.ceil(self.repeats / count))
        if not self.varied:
            return [[self.clip] * size] * count
        draw = random.Random(self.seed)
        longest_s = len(self.longest) / SAMPLE_RATE_HZ
        lengths = [int(draw.uniform(SHORTEST_S, longest_s) * SAMPLE_RATE_HZ) for _ in range(size * count)]
        return [[self.longest[:length] for length in lengths[start::count]] for start in range(count)]


@dataclass(frozen=True, slots=True)
class MemoryPhases:
    """`phases`: readings at the end of each phase; `timeline`: samples in between; `cost`: of the sampling."""

    phases: tuple[MemoryRow, ...]
    timeline: tuple[MemoryRow, ...]
    cost: SamplerCost


async def memory_phases(subject: Subject, walk: Walk, progress: Callable[[str], None]) -> MemoryPhases:
    """Walk something from before its imports to after a rest, and read its memory at the end of each phase.

    A steady phase is read after each of its rounds; its levels are the means of these readings. Where the kernel
    allows it the high-water mark is set to the present before each phase, so that it is the peak within the phase;
    `peak` is the largest of all. A phase whose clips are refused has no figures, and the reason.

    Args:
        subject: as new.
        walk: what is done.
        progress: told the name of each phase as it begins.

    Raises:
        NothingMeasured: it gives no figure of its memory, or ended.
    """
    line = Timeline(
        subject.source, tier=subject.tier, runtime=subject.runtime, condition=walk.condition, of=subject.of
    )
    # Apart from the sampler's, so that what the sampler costs is its own.
    source = subject.source
    readings: list[MemoryRow] = []
    skipped = dict(subject.skipped)
    async with line.sampling():
        for phase in PHASES[:-1]:
            if phase not in subject.skipped:
                line.phase = phase
                progress(phase)
                source.reset_peak()
                try:
                    readings += await _figures(subject, walk, phase, line, source)
                except RequestRefused as exc:  # others may take longer clips, or shorter ones
                    skipped[phase] = f"it refuses these clips: {exc}"
    readings += _peaks(line, readings)
    kept = {id(row) for row in readings}
    timeline = tuple(row for row in line.rows if id(row) not in kept)
    return MemoryPhases((*_unmeasured(line, skipped, readings), *readings), timeline, line.cost)


async def _figures(
    subject: Subject, walk: Walk, phase: str, line: Timeline, source: Source
) -> list[MemoryRow]:
    """Go through a phase, and read."""
    if not phase.startswith("steady"):
        await _do(subject, walk, phase, line)
        return await _read(line, source)
    concurrency = int(phase.rpartition("×")[2])
    found: list[MemoryRow] = []
    for clips in walk.rounds(concurrency):
        await subject.embed(clips, concurrency=concurrency)
        found += await _read(line, source)
    return _means(line, found)


def _means(line: Timeline, found: Sequence[MemoryRow]) -> list[MemoryRow]:
    """One row a metric: the mean of a level, the highest of a mark."""
    values: dict[str, list[int]] = {}
    for row in found:
        values.setdefault(row.metric, []).append(row.bytes or 0)
    hows = {row.metric: row.how for row in found}
    return [
        line.add(
            metric, max(amounts) if is_peak(metric) else round(statistics.fmean(amounts)), how=hows[metric]
        )
        for metric, amounts in values.items()
    ]


async def _do(subject: Subject, walk: Walk, phase: str, line: Timeline) -> None:
    if phase in STARTING:
        await subject.reach(phase)
    elif phase == "first clip":
        await subject.embed([walk.clip], concurrency=1)
    elif phase == "longest clip":
        await subject.embed([walk.longest], concurrency=1)
    else:
        await line.rest(walk.idle_s)


async def _read(line: Timeline, source: Source) -> list[MemoryRow]:
    rows = [line.add(one.metric, one.bytes, how=one.how) for one in await source.full()]
    return [*rows, *await asyncio.to_thread(_witness, line)]


def is_peak(metric: str) -> bool:
    """Whether a figure is a high-water mark, whoever keeps it."""
    return "hwm" in metric or "peak" in metric


def _peaks(line: Timeline, readings: Sequence[MemoryRow]) -> list[MemoryRow]:
    """The largest of each high-water mark; a system that keeps none has none, and says so."""
    marks: dict[str, MemoryRow] = {}
    for row in readings:
        if is_peak(row.metric) and (
            row.metric not in marks or (row.bytes or 0) > (marks[row.metric].bytes or 0)
        ):
            marks[row.metric] = row
    if not marks:
        return [line.add("vm-hwm", None, phase="peak", note="no high-water mark is kept here")]
    return [line.add(metric, row.bytes, phase="peak", how=row.how) for metric, row in marks.items()]


def _unmeasured(line: Timeline, skipped: Mapping[str, str], readings: Sequence[MemoryRow]) -> list[MemoryRow]:
    """A row without a number for each metric of each phase that it could not be halted at, or that it refused."""
    metrics = dict.fromkeys(row.metric for row in readings if row.phase != "peak")
    return [
        line.add(metric, None, phase=phase, note=why) for phase, why in skipped.items() for metric in metrics
    ]


def _witness(line: Timeline) -> list[MemoryRow]:
    """The same process as memory-profiler sees it: an independent reading of rss."""
    if not isinstance(line.source, ProcessSource):
        return []
    try:
        from memory_profiler import memory_usage
    except ModuleNotFoundError:
        return []
    mebibytes = memory_usage(line.source.pid, interval=0.01, timeout=0.01, max_iterations=1)
    return [line.add(WITNESS, int(mebibytes[0] * 1024**2))] if mebibytes else []
