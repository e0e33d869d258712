"""The peak is where more callers bring no more answers."""

from __future__ import annotations

from jarvis_bench.prober.load import Carried
from jarvis_bench.prober.peak import at_rate, find_peak
from jarvis_bench.prober.plan import OPEN_POISSON, Plan

from .rows import request_row


async def peak(most_per_s: float, *, stop_after: int = 99) -> tuple[float, list[int]]:
    """That of a tier with 5 answers a second for each caller and no more than `most_per_s`; the callers tried."""
    tried: list[int] = []

    async def carry(plan: Plan) -> Carried:
        tried.append(plan.concurrency)
        count = round(min(5 * plan.concurrency, most_per_s) * 2)
        rows = tuple(request_row(planned_ms=0, service_ms=2000) for _ in range(count))
        return Carried(rows, (), 0, 2_000_000_000, 1.0, interrupted=False, requests=())

    return await find_peak(carry, Plan("find-peak", 2.0), lambda: len(tried) >= stop_after), tried


async def test_callers_are_doubled_until_it_brings_nothing() -> None:
    """A tier that one caller keeps busy needs two steps, another one more."""
    assert await peak(5) == (5, [1, 2])
    assert await peak(18) == (18, [1, 2, 4, 8])


async def test_it_ends_where_it_is_stopped() -> None:
    """With the best so far."""
    assert await peak(1000, stop_after=2) == (10, [1, 2])


async def test_steps_on_a_slow_tier_are_long_enough_to_tell_them_apart() -> None:
    """Two answers a second: after the first step, twenty answers' time each; a quick tier is not kept longer."""
    seconds: list[float] = []

    async def carry(plan: Plan) -> Carried:
        seconds.append(plan.duration_s)
        rows = tuple(request_row(planned_ms=0, service_ms=1000) for _ in range(2))
        return Carried(rows, (), 0, 10**9, 1.0, interrupted=False, requests=())

    await find_peak(carry, Plan("find-peak", 1.0), lambda: False)
    assert seconds == [1.0, 10.0]


def test_a_load_at_a_slow_tiers_rate_lasts_long_enough_for_a_median() -> None:
    """Twenty arrivals, within a minute; a longer plan stays as it is."""
    plan = Plan(OPEN_POISSON, 4.0)
    assert [at_rate(plan, rate).duration_s for rate in (50.0, 2.0, 0.01)] == [4.0, 10.0, 60.0]
