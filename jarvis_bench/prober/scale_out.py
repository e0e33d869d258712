"""Load from several machines: a plan is split over the workers of a Dask cluster, and their rows are pooled.

Each worker sends its part from a process of its own. All begin each load at the same moment, by clocks whose difference
is known within a bound. A worker that is lost takes its part with it: nobody sends that part again.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jarvis_bench.errors import NothingMeasured, UsageError, WorkerLost
from jarvis_bench.prober.clock_offset import ClockOffset
from jarvis_bench.prober.dask_cluster import DaskCluster, dask_cluster
from jarvis_bench.prober.measurement import Collected, LoadMeasurement, Progress, raise_told
from jarvis_bench.prober.order import MeasurementOrder, check_order
from jarvis_bench.prober.plan import FIND_PEAK, Part
from jarvis_bench.prober.pooling import Pooled, Returned, pool
from jarvis_bench.records import TierStatus
from jarvis_bench.settings import Settings, as_environment, read_settings
from jarvis_bench.tiers.http_health import LOOPBACK
from jarvis_bench.tiers.named import check_tier_name, is_url

if TYPE_CHECKING:
    from jarvis_bench.prober.worker_share import News, WorkerPlace

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
class _Worker:
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
        return not (self.ended or self.lost)

    def returned(self) -> Returned:
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
            lost=self.lost or next((error["message"] for error in told.errors), ""),
        )


async def measure_load_on(
    address: str,
    order: MeasurementOrder,
    *,
    settings: Settings | None = None,
    progress: Progress = lambda _: None,
    stop: asyncio.Event | None = None,
) -> LoadMeasurement:
    """Measure from all workers of a Dask cluster together; the pooled load has a part for each worker in its report.

    Args:
        address: of the cluster's scheduler.
        order: what to measure; the tiers need addresses that the workers reach.
        settings: where the tiers are; default those of this process.
        progress: told in words how far each worker is.
        stop: once set, no more is sent and what was measured so far is returned.

    Raises:
        UsageError: the order cannot be split, a tier has no address, or a worker has another jarvis-bench.
        NothingMeasured: no scheduler, no worker, or nothing came back.
    """
    settings, stop = settings or read_settings(), stop or asyncio.Event()
    check_order(order)
    for name in order.tiers:
        check_tier_name(name)
    async with dask_cluster(address) as cluster:
        places = await cluster.places()
        check_split(order, len(places))
        check_reach(order, settings, places)
        progress(f"{len(places)} workers: measuring their clocks")
        workers = [
            _Worker(worker, place.host, Part(number, len(places)), await _clock(cluster, worker))
            for number, (worker, place) in enumerate(sorted(places.items()))
        ]
        spread = Spread(cluster, order, workers, progress)
        await spread.run(settings, stop)
    returned = [worker.returned() for worker in workers]
    if not any(one.facts or one.skipped for one in returned) and not stop.is_set():
        for worker in workers:
            raise_told(worker.collected)
        raise NothingMeasured(f"nothing came back from {len(workers)} workers: {returned[0].lost}")
    return _measurement(pool(returned, spread.started_ns), returned, interrupted=stop.is_set())


async def _clock(cluster: DaskCluster, worker: str) -> ClockOffset:
    try:
        return await cluster.clock(worker)
    except WorkerLost as exc:
        raise NothingMeasured(f"worker {worker}: {exc}") from exc


def check_split(order: MeasurementOrder, workers: int) -> None:
    """Fail where a load has no part for every worker.

    Raises:
        UsageError: what to change.
    """
    for load in order.loads:
        plan = load.plan
        if plan.scenario == FIND_PEAK or load.share:
            raise UsageError("find-peak needs all callers in one place: leave --dask out, or choose --rate")
        least, what = (plan.callers, "--callers") if plan.is_open else (plan.concurrency, "--concurrency")
        if not plan.is_open and plan.requests:
            least = min(least, plan.requests)
        if least < workers:
            raise UsageError(
                f"{workers} workers cannot share a load of {least}: {what} must be at least {workers}"
            )


def check_reach(order: MeasurementOrder, settings: Settings, places: Mapping[str, WorkerPlace]) -> None:
    """Fail where a tier has no address that every worker can reach.

    Raises:
        UsageError: which tier, and what to do.
    """
    from jarvis_bench.prober.worker_share import place

    here = place().machine
    away = [worker for worker, found in places.items() if found.machine != here]
    for name in order.tiers:
        if name == "local":
            raise UsageError(
                "the local tier runs inside the client and has no address for Dask workers: "
                "run `jarvis-bench serve --host 0.0.0.0` and name its URL with --tier"
            )
        url = name if is_url(name) else settings.cloud_run_url if name == "cloud-run" else "http://127.0.0.1"
        if away and urlsplit(url).hostname in LOOPBACK:
            raise UsageError(
                f"{name} is at {urlsplit(url).hostname}, which on worker {away[0]} is another machine: "
                "name an address that all workers reach"
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
        self, cluster: DaskCluster, order: MeasurementOrder, workers: list[_Worker], progress: Progress
    ) -> None:
        self.started_ns: dict[str, int] = {}
        self._cluster, self._order, self._workers, self._progress = cluster, order, workers, progress
        self._token = f"jarvis-bench-load-{uuid.uuid4().hex}"

    async def run(self, settings: Settings, stop: asyncio.Event) -> None:
        """Until every worker has ended or is lost; then nothing of ours runs there any more."""
        try:
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(self._follow(worker, settings, stop))
        finally:
            await asyncio.gather(*(self._end(worker) for worker in self._workers))

    async def _follow(self, worker: _Worker, settings: Settings, stop: asyncio.Event) -> None:
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
                await self._look(worker, interrupt=stop.is_set())
        except WorkerLost as exc:
            worker.lost = f"lost: {exc}"
            self._progress(f"worker {worker.address} is lost: {exc}")
        self._begin_when_all_wait()

    async def _look(self, worker: _Worker, *, interrupt: bool) -> None:
        from jarvis_bench.prober import worker_share

        if interrupt and not worker.interrupted:
            worker.interrupted = True
            await self._ask(worker, worker_share.interrupt)
        found: News = await self._ask(worker, worker_share.news)
        for line in found.lines:
            self._take(worker, line)
        if found.code is not None:
            worker.ended = True
            worker.lost = f"its process ended with code {found.code}" if found.code else ""
        self._begin_when_all_wait()
        if worker.start_wall_ns is not None:
            start_ns = worker.start_wall_ns + round(worker.clock.offset_s * 1e9)
            worker.start_wall_ns = None
            await self._ask(worker, worker_share.start_at, start_ns)

    def _take(self, worker: _Worker, line: str) -> None:
        ((kind, value),) = json.loads(line).items()
        if kind == "ready":
            worker.waits = (value["tier"], value["run"])
        else:
            worker.collected.take(kind, value, lambda text: self._progress(f"{worker.address}: {text}"))

    def _begin_when_all_wait(self) -> None:
        """Let a load begin once nobody is still on the way to it; a worker that skipped it waits further on."""
        waiting = [worker for worker in self._workers if worker.under_way]
        if not waiting or any(worker.waits is None for worker in waiting):
            return
        _, run = min(worker.waits for worker in waiting if worker.waits is not None)
        lead_s = LEAD_S + max(worker.clock.bound_s for worker in waiting)
        self.started_ns[run] = time.perf_counter_ns() + round(lead_s * 1e9)
        wall_ns = time.time_ns() + round(lead_s * 1e9)
        for worker in waiting:
            if worker.waits is not None and worker.waits[1] == run:
                worker.waits, worker.start_wall_ns = None, wall_ns

    async def _ask(self, worker: _Worker, function: Callable[..., Any], *arguments: object) -> Any:
        return await self._cluster.ask(worker.address, function, self._token, *arguments)

    async def _end(self, worker: _Worker) -> None:
        from jarvis_bench.prober.worker_share import end

        with contextlib.suppress(WorkerLost):
            await self._ask(worker, end)


def _measurement(
    pooled: tuple[Pooled, ...], returned: list[Returned], *, interrupted: bool
) -> LoadMeasurement:
    measured = {one.report.tier for one in pooled}
    skipped: dict[str, TierStatus] = {}
    for status in (status for one in returned for status in one.skipped if status.tier not in measured):
        skipped.setdefault(status.tier, status)
    return LoadMeasurement(
        reports=tuple(one.report for one in pooled),
        rows=tuple(row for one in pooled for row in one.rows),
        ticks=tuple(tick for one in pooled for tick in one.ticks),
        facts=tuple(one.report.facts for one in pooled),
        plans=tuple(one.plan for one in pooled),
        skipped=tuple(skipped.values()),
        weights="weights: the service's own",
        interrupted=interrupted,
    )
