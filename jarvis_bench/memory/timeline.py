"""Sample memory while something else makes it be used."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory.sources import Source
from jarvis_bench.records import MemoryRow

DENSE_PERIOD_S = 0.1
FULL_EVERY = 10


@dataclass(frozen=True, slots=True)
class SamplerCost:
    """What sampling took: CPU seconds of the reading threads within `wall_s` seconds of sampling.

    `dense`: cheap readings (10 a second); `full`: those that walk the page tables (1 a second). `alone_cpu_s` and
    `alone_wall_s`: CPU of the whole sampling process, event loop and all, while it did nothing else.
    """

    cpu_s: float
    wall_s: float
    dense: int
    full: int
    alone_cpu_s: float = 0.0
    alone_wall_s: float = 0.0

    @property
    def share(self) -> float | None:
        """CPU seconds a second; None before anything was sampled."""
        return self.cpu_s / self.wall_s if self.wall_s > 0 else None

    @property
    def alone_share(self) -> float | None:
        """The same of the whole process while nothing else was done; None where that was never so."""
        return self.alone_cpu_s / self.alone_wall_s if self.alone_wall_s > 0 else None


class Timeline:
    """Rows of one source, stamped in seconds since this object was made; `phase` is written into each row.

    Args:
        source: what is read.
        tier: whose memory it is.
        runtime: what computes in it.
        condition: what differs from the usual walk.
        of: `server`, or `client`.
    """

    def __init__(
        self, source: Source, *, tier: str, runtime: str, condition: str = "usual", of: str = "server"
    ) -> None:
        self.source = source
        self.phase = ""
        self.rows: list[MemoryRow] = []
        self._tier, self._runtime, self._condition, self._of = tier, runtime, condition, of
        self._started_s = time.perf_counter()
        self._cpu_s, self._wall_s, self._dense, self._full = 0.0, 0.0, 0, 0
        self._alone_cpu_s, self._alone_wall_s = 0.0, 0.0

    def add(
        self,
        metric: str,
        value: int | None,
        phase: str | None = None,
        *,
        how: str = "measured",
        note: str = "",
    ) -> MemoryRow:
        """Keep one reading taken now; None is a figure that could not be had, `note` says why."""
        row = MemoryRow(
            *(self._tier, self._runtime, phase or self.phase, metric, value),
            t_s=time.perf_counter() - self._started_s,
            how=how,
            condition=self._condition,
            of=self._of,
            note=note,
        )
        self.rows.append(row)
        return row

    @property
    def cost(self) -> SamplerCost:
        """What sampling has taken so far."""
        return SamplerCost(
            self._cpu_s, self._wall_s, self._dense, self._full, self._alone_cpu_s, self._alone_wall_s
        )

    async def rest(self, seconds: float) -> None:
        """Do nothing but sample for so many seconds, and learn what that costs this process."""
        cpu_s, started_s = time.process_time(), time.perf_counter()
        await asyncio.sleep(seconds)
        self._alone_cpu_s += time.process_time() - cpu_s
        self._alone_wall_s += time.perf_counter() - started_s

    @contextlib.asynccontextmanager
    async def sampling(self) -> AsyncIterator[None]:
        """Take cheap figures at 10 Hz and all of them at 1 Hz for as long as the block runs."""
        failure: Exception | None = None
        started_s, cpu_s = time.perf_counter(), self.source.cpu_s
        async with asyncio.TaskGroup() as tasks:
            sampler = tasks.create_task(self._sample())
            try:
                yield
            except Exception as exc:  # the block's own error, which the group would wrap
                failure = exc
            finally:
                sampler.cancel()
        self._wall_s += time.perf_counter() - started_s
        self._cpu_s += self.source.cpu_s - cpu_s
        if failure is not None:
            raise failure

    async def _sample(self) -> None:
        number = 0
        while True:
            # A process that ends between two samples ends its timeline, not the measurement.
            with contextlib.suppress(NothingMeasured):
                if number % FULL_EVERY == 0:
                    for reading in await self.source.sampled():
                        self.add(reading.metric, reading.bytes, how=reading.how)
                    self._full += 1
                else:
                    for metric, value in self.source.dense().items():
                        self.add(metric, value)
                    self._dense += 1
            number += 1
            await asyncio.sleep(DENSE_PERIOD_S)
