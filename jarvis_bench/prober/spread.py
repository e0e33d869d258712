"""The workers of a cluster while they carry out one order together, followed from here: what they told, who is lost.

A load begins when every worker that is still there waits for it. Nothing that is lost is begun again.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jarvis_bench.errors import WorkerLost
from jarvis_bench.prober.clock_offset import ClockOffset
from jarvis_bench.prober.dask_cluster import DaskCluster
from jarvis_bench.prober.measurement import Collected, Progress
from jarvis_bench.prober.order import MeasurementOrder
from jarvis_bench.prober.plan import Part
from jarvis_bench.prober.pooling import Returned
from jarvis_bench.settings import Settings, as_environment

if TYPE_CHECKING:
    from jarvis_bench.prober.worker_share import News

POLL_S = 0.2
LEASE_S = 15.0
# From the word to begin to the beginning; longer than a poll and the way to the worker.
LEAD_S = 1.5
# What a worker takes from this machine's settings: where tiers are, and nothing of its folders.
SENT = (
    "CLOUD_RUN_URL",
    "CLOUD_RUN_AUTH",
    "CLOUD_RUN_AUDIENCE",
    "DOCKER_HOST",
    "DOCKER_PORT",
    "CONTAINER_NAME",
)


@dataclass
class SpreadWorker:
    """One worker and what it has told so far; `waits`: the load that it is ready for, and its tier's place."""

    address: str
    host: str
    part: Part
    clock: ClockOffset
    collected: Collected = field(default_factory=Collected)
    waits: tuple[int, str] | None = None
    start_wall_ns: int | None = None
    interrupted: bool = False
    ended: bool = False
    lost: str = ""

    @property
    def under_way(self) -> bool:
        """Whether there is more to come."""
        return not (self.ended or self.lost)

    def returned(self) -> Returned:
        """What came back, for pooling."""
        told = self.collected
        return Returned(
            worker=self.address,
            host=self.host,
            part=self.part,
            clock=self.clock,
            rows=tuple(told.rows),
            ticks=tuple(told.ticks),
            facts=tuple(told.facts),
            plans=tuple(told.plans),
            skipped=tuple(told.skipped),
            lost=self.lost,
        )


class Spread:
    """Follows the workers from the first to the last load.

    Args:
        cluster: where they are.
        order: of the whole.
        workers: each with its part.
        progress: told in words.
    """

    def __init__(
        self, cluster: DaskCluster, order: MeasurementOrder, workers: list[SpreadWorker], progress: Progress
    ) -> None:
        self.started_ns: dict[str, int] = {}
        self._cluster, self._order, self.workers, self._progress = cluster, order, workers, progress
        self._token = f"jarvis-bench-load-{uuid.uuid4().hex}"

    async def run(self, settings: Settings, stop: asyncio.Event) -> None:
        """Until every worker has ended or is lost; then nothing of ours runs there any more."""
        try:
            async with asyncio.TaskGroup() as group:
                for worker in self.workers:
                    group.create_task(self._follow(worker, settings, stop))
        finally:
            # A lost worker cannot be asked; where it only was silent, its share ends for want of questions.
            await asyncio.gather(*(self._end(worker) for worker in self.workers if not worker.lost))

    async def _follow(self, worker: SpreadWorker, settings: Settings, stop: asyncio.Event) -> None:
        from jarvis_bench.prober.worker_share import begin

        order = dataclasses.replace(self._order, part=worker.part, together=True)
        environment = {
            name: value
            for name, value in as_environment(settings).items()
            if name.removeprefix("JARVIS_BENCH_") in SENT
        }
        try:
            await self._ask(worker, begin, dataclasses.asdict(order), environment, LEASE_S)
            while worker.under_way:
                await asyncio.sleep(POLL_S)
                await self.look(worker, interrupted=stop.is_set())
        except WorkerLost as exc:
            worker.lost = f"lost: {exc}"
            self._progress(f"worker {worker.address} is lost: {exc}")
        self._begin_when_all_wait()

    async def look(self, worker: SpreadWorker, *, interrupted: bool) -> None:
        """Take what the worker has told since, and tell it what it waits for."""
        from jarvis_bench.prober import worker_share

        if interrupted and not worker.interrupted:
            worker.interrupted = True
            await self._ask(worker, worker_share.interrupt)
        found: News = await self._ask(worker, worker_share.news)
        for line in found.lines:
            self._take(worker, line)
        if found.code is not None:
            worker.ended = True
            if found.code:
                told = next((error["message"] for error in worker.collected.errors), "")
                worker.lost = told or f"its process ended with code {found.code}"
        self._begin_when_all_wait()
        if worker.start_wall_ns is not None:
            start_ns = worker.start_wall_ns + round(worker.clock.offset_s * 1e9)
            worker.start_wall_ns = None
            await self._ask(worker, worker_share.start_at, start_ns)

    def _take(self, worker: SpreadWorker, line: str) -> None:
        ((kind, value),) = json.loads(line).items()
        if kind == "ready":
            worker.waits = (value["tier"], value["run"])
        else:
            worker.collected.take(kind, value, lambda text: self._progress(f"{worker.address}: {text}"))

    def _begin_when_all_wait(self) -> None:
        """Let a load begin once nobody is still on the way to it; a worker that skipped it waits further on."""
        waiting = [worker for worker in self.workers if worker.under_way]
        if not waiting or any(worker.waits is None for worker in waiting):
            return
        _, run = min(worker.waits for worker in waiting if worker.waits is not None)
        lead_s = LEAD_S + max(worker.clock.bound_s for worker in waiting)
        self.started_ns[run] = time.perf_counter_ns() + round(lead_s * 1e9)
        wall_ns = time.time_ns() + round(lead_s * 1e9)
        for worker in waiting:
            if worker.waits is not None and worker.waits[1] == run:
                worker.waits, worker.start_wall_ns = None, wall_ns

    async def _ask(self, worker: SpreadWorker, function: Callable[..., Any], *arguments: object) -> Any:
        return await self._cluster.ask(worker.address, function, self._token, *arguments)

    async def _end(self, worker: SpreadWorker) -> None:
        from jarvis_bench.prober.worker_share import end

        with contextlib.suppress(WorkerLost):
            await self._ask(worker, end)
