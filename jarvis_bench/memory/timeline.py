"""Sample the memory of a process tree while something else makes it work."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory.process_tree import read_tree, read_tree_cheap, tree_pids
from jarvis_bench.records import MemoryRow

DENSE_PERIOD_S = 0.1
FULL_EVERY = 10
FULL_METRICS = ("pss", "uss", "pss-anon", "pss-file")


@dataclass(frozen=True, slots=True)
class SamplerCost:
    """What sampling took: CPU seconds of the reading threads within `wall_s` seconds of sampling.

    `dense` cheap readings (10 a second) and `full` ones (1 a second), which walk the page tables.
    """

    cpu_s: float
    wall_s: float
    dense: int
    full: int

    @property
    def share(self) -> float | None:
        """CPU seconds a second; None before anything was sampled."""
        return self.cpu_s / self.wall_s if self.wall_s > 0 else None


class Timeline:
    """Rows of one process tree, stamped in seconds since `started_s`; `phase` is written into each row."""

    def __init__(
        self,
        pid: int,
        *,
        tier: str,
        runtime: str,
        condition: str = "usual",
        of: str = "server",
        started_s: float | None = None,
    ) -> None:
        self.pid = pid
        self.phase = ""
        self.rows: list[MemoryRow] = []
        self._tier, self._runtime, self._condition, self._of = tier, runtime, condition, of
        self._started_s = time.perf_counter() if started_s is None else started_s
        self._pids: tuple[int, ...] = (pid,)
        self._cpu_s, self._wall_s, self._dense, self._full = 0.0, 0.0, 0, 0

    def add(
        self, metric: str, value: int | None, phase: str | None = None, *, how: str = "measured", note: str = ""
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
        return SamplerCost(self._cpu_s, self._wall_s, self._dense, self._full)

    @contextlib.asynccontextmanager
    async def sampling(self) -> AsyncIterator[None]:
        """Sample rss and its parts at 10 Hz, pss and uss at 1 Hz, for as long as the block runs."""
        failure: Exception | None = None
        started_s = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            sampler = tasks.create_task(self._sample())
            try:
                yield
            except Exception as exc:  # the block's own error, which the group would wrap
                failure = exc
            finally:
                sampler.cancel()
        self._wall_s += time.perf_counter() - started_s
        if failure is not None:
            raise failure

    async def _sample(self) -> None:
        number = 0
        while True:
            # A process that ends between two samples ends its timeline, not the measurement.
            with contextlib.suppress(NothingMeasured):
                if number % FULL_EVERY == 0:
                    self._keep(*await asyncio.to_thread(self._read_full))
                    self._full += 1
                self._keep(*self._read_dense())
                self._dense += 1
            number += 1
            await asyncio.sleep(DENSE_PERIOD_S)

    def _keep(self, figures: dict[str, int], cpu_s: float) -> None:
        self._cpu_s += cpu_s
        for metric, value in figures.items():
            self.add(metric, value)

    def _read_dense(self) -> tuple[dict[str, int], float]:
        started_s = time.thread_time()
        figures = read_tree_cheap(self._pids)
        return figures, time.thread_time() - started_s

    def _read_full(self) -> tuple[dict[str, int], float]:
        started_s = time.thread_time()
        self._pids = tree_pids(self.pid)
        figures = read_tree(self._pids)
        kept = {metric: value for metric, value in figures.items() if metric in FULL_METRICS}
        return kept, time.thread_time() - started_s
