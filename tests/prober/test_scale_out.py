"""Load from the workers of a real Dask cluster on this machine: each request once, and what is lost is said."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from jarvis_bench.errors import MissingExtra, NothingMeasured, UsageError
from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.prober.measurement import LoadMeasurement
from jarvis_bench.prober.order import LoadOrder, MeasurementOrder
from jarvis_bench.prober.percentiles import percentile
from jarvis_bench.prober.plan import CLOSED, FIND_PEAK, OPEN_POISSON, SINGLE, Plan
from jarvis_bench.prober.scale_out import measure_load_on
from jarvis_bench.records import MeasurementVerdict
from tests.processes import descendants

distributed = pytest.importorskip("distributed", reason="needs the extra 'dask'")

NOBODY = "http://127.0.0.1:9"
SERVED = Behaviour(delay_s=0.03, remembers=True)


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[Any]:
    """Two workers, each a process of its own."""
    async with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, asynchronous=True, dashboard_address=None
    ) as made:
        yield made


def order(url: str, plan: Plan) -> MeasurementOrder:
    """One load on one service, with a short warm-up."""
    return MeasurementOrder((url,), (LoadOrder(plan),), clip_seconds=(1.0,), warmup_requests=4)


def log_of(url: str) -> dict[str, int]:
    """What the server says it did."""
    with urllib.request.urlopen(f"{url}/log", timeout=5) as answer:
        told: dict[str, int] = json.load(answer)
    return told


def load_processes() -> list[int]:
    """The measuring processes of this machine that descend from this one."""
    return descendants("jarvis_bench.prober.load_process")


async def test_two_workers_send_each_request_of_the_plan_once(cluster: Any) -> None:
    """By the server's own log: as many clips as there are rows, no two of them alike; percentiles are of all rows."""
    async with known_server(SERVED) as url:
        measured = await measure_load_on(
            cluster.scheduler_address, order(url, Plan(OPEN_POISSON, 3.0, rate_per_s=40))
        )
        log = await asyncio.to_thread(log_of, url)
    (report,), (plan,) = measured.reports, measured.plans
    assert log["received"] == log["served"] == log["bodies"] == len(measured.rows)
    timed = [row for row in measured.rows if not row.warmup]
    assert sorted(row.index for row in timed) == list(range(len(plan.arrivals_ns)))
    start_ns = report.facts.started_ns
    assert {row.index: row.planned_ns - start_ns for row in timed} == dict(enumerate(plan.arrivals_ns))
    assert report.requests.planned == report.requests.ok == len(timed)
    assert report.p50 == percentile([row.service_s or 0.0 for row in timed], 50)
    assert len({row.worker for row in timed}) == len(report.workers) == 2
    assert [part.missing for part in report.workers] == ["", ""]
    assert sum(part.requests or 0 for part in report.workers) == len(timed)
    assert all(part.verdict for part in report.workers)
    assert all(abs(part.clock_offset_s) <= part.clock_bound_s < 0.5 for part in report.workers)
    assert not [reason for reason in report.reasons if "missing" in reason or "clocks" in reason]
    assert load_processes() == []


async def test_a_worker_killed_half_way_leaves_an_invalid_result_with_the_rest(cluster: Any) -> None:
    """Its share is missing, nobody sends it again, and the other half is there to the last request."""
    pids = await workers_pids(cluster)
    lost, pid = min(pids.items())
    kill = once(lambda: os.kill(pid, signal.SIGKILL), after_s=3.0)
    async with known_server(SERVED) as url:
        measured = await measure_load_on(
            cluster.scheduler_address,
            order(url, Plan(OPEN_POISSON, 4.0, rate_per_s=40)),
            progress=lambda text: kill() if "clips: open-poisson" in text else None,
        )
        log = await asyncio.to_thread(log_of, url)
    (report,), (plan,) = measured.reports, measured.plans
    planned = len(plan.arrivals_ns)
    assert report.verdict is MeasurementVerdict.INVALID
    assert report.reasons[0].startswith(f"the share of worker {lost} is missing (lost: ")
    assert report.reasons[0].endswith(f": {(planned + 1) // 2} requests of {planned} planned")
    kept = [row for row in measured.rows if not row.warmup]
    assert sorted(row.index for row in kept) == list(range(1, planned, 2))
    assert report.requests.ok == len(kept)
    assert report.p50.seconds is not None
    # What the lost worker had sent is in the log only, and no clip came twice.
    assert log["bodies"] == log["received"] > len(measured.rows)
    assert load_processes() == []


async def test_stopping_keeps_what_was_measured_and_leaves_no_process(cluster: Any) -> None:
    """As one Ctrl-C does."""
    stop = asyncio.Event()
    end = once(stop.set, after_s=3.0)
    async with known_server(SERVED) as url:
        measured: LoadMeasurement = await measure_load_on(
            cluster.scheduler_address,
            order(url, Plan(CLOSED, 60.0, concurrency=3)),
            progress=lambda text: end() if "clips: closed" in text else None,
            stop=stop,
        )
    (report,) = measured.reports
    assert measured.interrupted
    assert any("interrupted" in reason for reason in report.reasons)
    assert report.requests.ok > 10
    assert min(part.requests or 0 for part in report.workers) > 3
    indexes = [row.index for row in measured.rows if not row.warmup]
    assert len(indexes) == len(set(indexes))
    assert load_processes() == []


async def test_what_cannot_be_spread_is_refused_with_the_cure(cluster: Any) -> None:
    """Before anything is sent; a service that is not there is skipped as on one machine."""
    address = cluster.scheduler_address
    for wrong, said in (
        (order("local", Plan(CLOSED, 1.0, concurrency=2)), "serve --host"),
        (order(NOBODY, Plan(SINGLE, 1.0)), "--concurrency must be at least 2"),
        (order(NOBODY, Plan(OPEN_POISSON, 1.0, rate_per_s=9, callers=1)), "--callers must be at least 2"),
        (order(NOBODY, Plan(FIND_PEAK, 1.0)), "leave --dask out"),
    ):
        with pytest.raises(UsageError, match=said):
            await measure_load_on(address, wrong)
    measured = await measure_load_on(address, order(NOBODY, Plan(CLOSED, 1.0, concurrency=2)))
    assert measured.reports == ()
    assert [status.tier for status in measured.skipped] == [NOBODY]


async def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody, no address, and no Dask: three causes, three words."""
    monkeypatch.setattr("jarvis_bench.prober.dask_cluster.CONNECT_S", 0.5)
    wanted = order(NOBODY, Plan(CLOSED, 1.0, concurrency=2))
    with pytest.raises(NothingMeasured, match="no Dask scheduler answers"):
        await measure_load_on("tcp://127.0.0.1:9", wanted)
    with pytest.raises(UsageError, match="no address of a Dask scheduler"):
        await measure_load_on("carrier-pigeon://loft", wanted)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"jarvis-bench\[dask\]"):
        await measure_load_on("tcp://127.0.0.1:9", wanted)


async def workers_pids(cluster: Any) -> dict[str, int]:
    """The process of each worker, by its address."""
    async with distributed.Client(
        cluster.scheduler_address, asynchronous=True, set_as_default=False
    ) as client:
        found: dict[str, int] = await client.run(os.getpid)
    return found


def once(action: Callable[[], object], *, after_s: float) -> Callable[[], None]:
    """What carries the action out some seconds after its first call, and ignores the others."""
    called: list[asyncio.TimerHandle] = []

    def call() -> None:
        if not called:
            called.append(asyncio.get_running_loop().call_later(after_s, action))

    return call
