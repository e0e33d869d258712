"""What a model process holds in RAM at each step of its life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.memory.timeline import Timeline
from jarvis_bench.process_memory import read_memory, reset_peak
from jarvis_bench.records import MemoryRow

WITNESS = "rss (memory-profiler)"


@dataclass(frozen=True, slots=True)
class MemoryPhases:
    """`phases`: readings at the end of each phase; `timeline`: samples in between."""

    phases: tuple[MemoryRow, ...]
    timeline: tuple[MemoryRow, ...]


async def memory_phases(
    process: ModelProcess,
    clips: Sequence[Clip],
    *,
    tier: str,
    runtime: str,
    repeats: int,
    progress: Callable[[str], None],
) -> MemoryPhases:
    """Walk an entered, idle model process through its life: process, import, load, then each clip length.

    `vm-hwm` is reset before each phase, so that it is the peak within the phase; `peak` is the largest of all.

    Args:
        process: entered, nothing imported yet.
        clips: sent in the order of their lengths, shortest first.
        repeats: how often each clip is sent.
        progress: told the name of each phase as it begins.
    """
    line = Timeline(process.pid, tier=tier, runtime=runtime)
    readings: list[MemoryRow] = []
    async with line.sampling():
        for phase in ("process", "import", "load"):
            _enter(line, phase, progress)
            await _do(process, phase)
            readings += _read(line)
        for seconds in sorted({clip.seconds for clip in clips}):
            _enter(line, f"embed {seconds:g} s", progress)
            for clip in [clip for clip in clips if clip.seconds == seconds] * repeats:
                await process.embed(clip.samples)
            readings += _read(line)
    peak = max((row.bytes for row in readings if row.metric == "vm-hwm"), default=None)
    if peak is not None:
        readings.append(line.add("vm-hwm", peak, phase="peak"))
    kept = {id(row) for row in readings}
    return MemoryPhases(tuple(readings), tuple(row for row in line.rows if id(row) not in kept))


def _enter(line: Timeline, phase: str, progress: Callable[[str], None]) -> None:
    line.phase = phase
    progress(phase)
    reset_peak(line.pid)


async def _do(process: ModelProcess, phase: str) -> None:
    if phase == "process":
        await process.hello()
    elif phase == "import":
        await process.import_runtime()
    elif phase == "load":
        await process.load()


def _read(line: Timeline) -> list[MemoryRow]:
    rows = [line.add(metric, value) for metric, value in read_memory(line.pid).items()]
    return [*rows, *_witness(line)]


def _witness(line: Timeline) -> list[MemoryRow]:
    """The same process as memory-profiler sees it: an independent reading of rss."""
    try:
        from memory_profiler import memory_usage
    except ModuleNotFoundError:
        return []
    mebibytes = memory_usage(line.pid, interval=0.01, timeout=0.01, max_iterations=1)
    return [line.add(WITNESS, int(mebibytes[0] * 1024**2))] if mebibytes else []
