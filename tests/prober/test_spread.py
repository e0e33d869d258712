"""A load begins when everybody who is still there waits for it, and never without those on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.prober.clock_offset import ClockOffset
from jarvis_bench.prober.dask_cluster import DaskCluster
from jarvis_bench.prober.order import LoadOrder, MeasurementOrder
from jarvis_bench.prober.plan import CLOSED, Part, Plan
from jarvis_bench.prober.scale_out import check_reach, check_split
from jarvis_bench.prober.spread import Spread, SpreadWorker
from jarvis_bench.settings import Settings

pytest.importorskip("distributed", reason="needs the extra 'dask'")

from jarvis_bench.prober.worker_share import News, interrupt, news, place, start_at

ORDER = MeasurementOrder(("http://10.0.0.9:80",), (LoadOrder(Plan(CLOSED, 1.0, concurrency=2)),))


class ScriptedCluster:
    """Workers that tell what they are given to tell, and remember what they were told."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}
        self.codes: dict[str, int] = {}
        self.told: list[tuple[str, str, tuple[Any, ...]]] = []

    async def ask(self, worker: str, function: Callable[..., Any], *arguments: Any) -> object:
        """As the real one does."""
        if function is news:
            return News(tuple(self.lines.pop(worker, [])), self.codes.get(worker))
        self.told.append((worker, function.__name__, arguments[1:]))
        return None

    def ready(self, worker: str, run: str, tier: int = 0) -> None:
        """The worker waits for this load."""
        self.lines.setdefault(worker, []).append(json.dumps({"ready": {"run": run, "tier": tier}}))

    def started(self) -> dict[str, int]:
        """When each worker was told to begin, by its own clock; what was told is forgotten."""
        found = {worker: arguments[0] for worker, name, arguments in self.told if name == start_at.__name__}
        self.told.clear()
        return found


@pytest.fixture
def cluster() -> ScriptedCluster:
    """Nobody has said anything yet."""
    return ScriptedCluster()


@pytest.fixture
def spread(cluster: ScriptedCluster) -> Spread:
    """Three workers, of whom the last has a clock two seconds ahead."""
    clocks = (0.0, 0.0, 2.0)
    workers = [
        SpreadWorker(name, "host", Part(number, 3), ClockOffset(clocks[number], 0.001, 9))
        for number, name in enumerate("abc")
    ]
    return Spread(cast("DaskCluster", cluster), ORDER, workers, lambda _: None)


async def look(spread: Spread, *, stop: bool = False) -> None:
    """Ask everybody twice: once for what they say, once to tell those whose word came before."""
    for worker in [*spread.workers, *spread.workers]:
        if worker.under_way:
            await spread.look(worker, interrupted=stop)


async def test_all_begin_at_one_moment_by_their_own_clocks(spread: Spread, cluster: ScriptedCluster) -> None:
    """Not before the last one is ready."""
    cluster.ready("a", "first")
    cluster.ready("b", "first")
    await look(spread)
    assert cluster.started() == {}
    cluster.ready("c", "first")
    await look(spread)
    started = cluster.started()
    assert started["a"] == started["b"] == started["c"] - 2_000_000_000
    assert list(spread.started_ns) == ["first"]


async def test_who_is_lost_is_not_waited_for(spread: Spread, cluster: ScriptedCluster) -> None:
    """Nor who has ended."""
    cluster.ready("a", "first")
    cluster.codes["b"] = 1
    spread.workers[2].lost = "lost: it is gone"
    await look(spread)
    assert cluster.started().keys() == {"a"}
    assert spread.workers[1].lost == "its process ended with code 1"


async def test_who_skipped_a_tier_waits_for_the_next(spread: Spread, cluster: ScriptedCluster) -> None:
    """The others carry the first out without it; then all begin the second together."""
    for worker, run, tier in (("a", "first", 0), ("b", "first", 0), ("c", "second", 1)):
        cluster.ready(worker, run, tier)
    await look(spread)
    assert cluster.started().keys() == {"a", "b"}
    for worker in "ab":
        cluster.ready(worker, "second", 1)
    await look(spread)
    assert cluster.started().keys() == {"a", "b", "c"}


async def test_an_interrupt_is_told_once(spread: Spread, cluster: ScriptedCluster) -> None:
    """However often it is looked."""
    await look(spread, stop=True)
    assert [name for _, name, _ in cluster.told] == [interrupt.__name__] * 3


def test_every_worker_needs_a_part_and_a_way_to_the_tier() -> None:
    """The error says what to change; an address on loopback means this machine and no other."""
    check_split(ORDER, 2)
    with pytest.raises(UsageError, match="must be at least 3"):
        check_split(ORDER, 3)
    here = place()
    away = type(here)("elsewhere", "another machine", here.code)
    near = MeasurementOrder(("http://127.0.0.1:80",), ORDER.loads)
    check_reach(near, Settings(), {"w": here})
    check_reach(ORDER, Settings(), {"w": away})
    for order in (near, MeasurementOrder(("docker",), ORDER.loads)):
        with pytest.raises(UsageError, match="on worker w is another machine"):
            check_reach(order, Settings(), {"w": away})
