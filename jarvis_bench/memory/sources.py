"""Where readings come from: a process tree on this machine, or a tier that says itself what it holds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Protocol

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory.process_tree import read_tree, read_tree_cheap, tree_pids
from jarvis_bench.process_memory import reset_peak
from jarvis_bench.tiers.tier import MemoryReading, Tier


class Source(Protocol):
    """Something whose memory can be read."""

    @property
    def cpu_s(self) -> float:
        """CPU seconds that reading has taken in this process."""

    def dense(self) -> dict[str, int]:
        """Cheap figures in bytes by metric, for ten readings a second; empty where there are none."""

    async def full(self) -> tuple[MemoryReading, ...]:
        """All figures there are.

        Raises:
            NothingMeasured: it is gone.
        """

    def reset_peak(self) -> bool:
        """Set the high-water mark to the present; False where that cannot be done."""


class ProcessSource:
    """A process of this machine with all that it has started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._pids: tuple[int, ...] = (pid,)
        self._cpu_s = 0.0

    @property
    def cpu_s(self) -> float:
        """CPU seconds of the threads that read."""
        return self._cpu_s

    def dense(self) -> dict[str, int]:
        """RSS and its parts, of the processes that were there at the last full reading."""
        started_s = time.thread_time()
        try:
            return read_tree_cheap(self._pids)
        finally:
            self._cpu_s += time.thread_time() - started_s

    async def full(self) -> tuple[MemoryReading, ...]:
        """All that `read_memory` gives, over the tree."""
        figures = await asyncio.to_thread(self._read)
        return tuple(MemoryReading(metric, value) for metric, value in figures.items())

    def _read(self) -> dict[str, int]:
        started_s = time.thread_time()
        try:
            self._pids = tree_pids(self.pid)
            return read_tree(self._pids)
        finally:
            self._cpu_s += time.thread_time() - started_s

    def reset_peak(self) -> bool:
        """Of every process of the tree."""
        return all(reset_peak(pid) for pid in self._pids)


class ContainerSource:
    """A container: what its engine and its cgroup say, and its first process where this user may read it."""

    def __init__(self, tier: Tier, pid: int | None) -> None:
        self._tier = TierSource(tier)
        self._process = ProcessSource(pid) if pid else None

    @property
    def cpu_s(self) -> float:
        """CPU seconds of the threads that read the process; the engine's are its own."""
        return self._process.cpu_s if self._process else 0.0

    def dense(self) -> dict[str, int]:
        """RSS of its process, which is one of this machine's; nothing where the engine is elsewhere."""
        with contextlib.suppress(NothingMeasured):
            return self._process.dense() if self._process else {}
        return {}

    async def full(self) -> tuple[MemoryReading, ...]:
        """The container's figures, then its process's."""
        found = list(await self._tier.full())
        if self._process is not None:
            with contextlib.suppress(NothingMeasured):
                found += await self._process.full()
        return tuple(found)

    def reset_peak(self) -> bool:
        """Of its process; the cgroup's mark is the highest since it was made."""
        return self._process is not None and self._process.reset_peak()


class TierSource:
    """A tier that is asked: a container by its engine, a remote instance by what it reports."""

    cpu_s = 0.0

    def __init__(self, tier: Tier) -> None:
        self._tier = tier

    def dense(self) -> dict[str, int]:
        """Nothing: asking takes too long for ten times a second."""
        return {}

    async def full(self) -> tuple[MemoryReading, ...]:
        """What the tier says."""
        if not (readings := await self._tier.memory()):
            raise NothingMeasured(f"the tier {self._tier.name} gives no figure of its memory")
        return readings

    def reset_peak(self) -> bool:
        """Its marks are its own."""
        return False
