"""The peak is where more callers bring no more answers."""

from __future__ import annotations

from jarvis_bench.prober.load import Carried
from jarvis_bench.prober.peak import find_peak
from jarvis_bench.prober.plan import Plan

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
