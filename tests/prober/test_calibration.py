"""What the client costs alone, against a server that does no work."""

from __future__ import annotations

import pytest

from jarvis_bench.prober.calibration import ceiling, floor
from jarvis_bench.prober.load import Carried
from jarvis_bench.prober.plan import Plan
from jarvis_bench.prober.rows import ClientTick

from .rows import request_row

SENT: list[Plan] = []


async def carry(plan: Plan) -> Carried:
    """Answers all arrivals after 0.6 ms; a closed loop gets 1,000 answers a second."""
    SENT.append(plan)
    count = len(plan.arrivals_ns) if plan.is_open else round(1000 * plan.duration_s)
    end_ns = round(plan.duration_s * 1e9)
    rows = tuple(
        request_row(
            planned_ms=number * plan.duration_s * 1000 / count - (0 if plan.is_open else 0.6), service_ms=0.6
        )
        for number in range(1, count + 1)
    )
    ticks = (ClientTick("null", end_ns, 0.0, 0, 0.3, 0.2, 0.0),)
    return Carried(rows, ticks, 0, end_ns, 1.0, interrupted=False, requests=())


async def test_the_ceiling_is_that_of_a_closed_loop() -> None:
    """Answers over the time they took."""
    assert await ceiling(carry, duration_s=0.5) == pytest.approx(1000, rel=0.01)
    assert SENT[-1].concurrency == 16


async def test_importing_the_client_and_opening_its_connections_are_no_part_of_the_ceiling() -> None:
    """The first requests pay for both, a second of it on a slow machine; they are sent before."""
    asked: list[Plan] = []

    async def first_is_slow(plan: Plan) -> Carried:
        asked.append(plan)
        if len(asked) > 1:
            return await carry(plan)
        rows = tuple(request_row(planned_ms=0, service_ms=1000) for _ in range(plan.requests))
        return Carried(rows, (), 0, 500_000_000, 1.0, interrupted=False, requests=())

    assert await ceiling(first_is_slow, duration_s=0.5) == pytest.approx(1000, rel=0.01)
    assert [(plan.requests, plan.concurrency) for plan in asked] == [(16, 16), (0, 16)]


@pytest.mark.parametrize(("wanted", "used"), [(100, 100), (2, 20), (900, 500)])
async def test_the_floor_is_measured_at_the_rate_of_the_test(wanted: float, used: float) -> None:
    """Fast enough for a median, and never saturated."""
    found = await floor(carry, rate_per_s=wanted, ceiling_per_s=1000, duration_s=1.0)
    assert found.rate_per_s == used
    assert found.p50_s == pytest.approx(0.0006)
    assert found.p99_s is None
    assert found.cpu_share == pytest.approx(0.1)
    assert found.ceiling_per_s == 1000
