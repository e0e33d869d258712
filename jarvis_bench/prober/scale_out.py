"""Load from several machines: a plan is split over the workers of a Dask cluster, and their rows are pooled.

Each worker sends its part from a process of its own. All begin each load at the same moment, by clocks whose difference
is known within a bound. A worker that is lost takes its part with it: nobody sends that part again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jarvis_bench.errors import NothingMeasured, UsageError, WorkerLost
from jarvis_bench.prober.clock_offset import ClockOffset
from jarvis_bench.prober.dask_cluster import DaskCluster, dask_cluster
from jarvis_bench.prober.measurement import LoadMeasurement, Progress, raise_told
from jarvis_bench.prober.order import MeasurementOrder, check_order
from jarvis_bench.prober.plan import FIND_PEAK, Part
from jarvis_bench.prober.pooling import Pooled, Returned, pool
from jarvis_bench.prober.spread import Spread, SpreadWorker
from jarvis_bench.records import TierStatus
from jarvis_bench.settings import Settings, read_settings
from jarvis_bench.tiers.http_health import LOOPBACK
from jarvis_bench.tiers.named import is_url

if TYPE_CHECKING:
    from jarvis_bench.prober.worker_share import WorkerPlace


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
    async with dask_cluster(address) as cluster:
        places = await cluster.places()
        check_split(order, len(places))
        check_reach(order, settings, places)
        progress(f"{len(places)} workers: measuring their clocks")
        workers = [
            SpreadWorker(worker, place.host, Part(number, len(places)), await _clock(cluster, worker))
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
