"""Sample a process's memory while something else makes it work."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.process_memory import read_memory, read_rss
from jarvis_bench.records import MemoryRow

DENSE_PERIOD_S = 0.1
PSS_EVERY = 10


class Timeline:
    """Rows of one process, stamped in seconds since `started_s`; `phase` is written into each row."""

    def __init__(self, pid: int, *, tier: str, runtime: str, started_s: float | None = None) -> None:
        self.pid = pid
        self.phase = ""
        self.rows: list[MemoryRow] = []
        self._tier = tier
        self._runtime = runtime
        self._started_s = time.perf_counter() if started_s is None else started_s

    def add(self, metric: str, value: int, phase: str | None = None) -> MemoryRow:
        """Keep one reading taken now."""
        t_s = time.perf_counter() - self._started_s
        row = MemoryRow(self._tier, self._runtime, phase or self.phase, metric, value, t_s)
        self.rows.append(row)
        return row

    @contextlib.asynccontextmanager
    async def sampling(self) -> AsyncIterator[None]:
        """Sample rss at 10 Hz and pss at 1 Hz for as long as the block runs."""
        task = asyncio.create_task(self._sample())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _sample(self) -> None:
        number = 0
        while True:
            # A process that ends between two samples ends its timeline, not the measurement.
            with contextlib.suppress(NothingMeasured):
                self.add("rss", read_rss(self.pid))
                if number % PSS_EVERY == 0 and "pss" in (
                    figures := await asyncio.to_thread(read_memory, self.pid)
                ):
                    self.add("pss", figures["pss"])
            number += 1
            await asyncio.sleep(DENSE_PERIOD_S)
