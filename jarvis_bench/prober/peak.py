"""Find the most that a tier answers in a second, and plan loads at a share of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable

from jarvis_bench.prober.load import Carried
from jarvis_bench.prober.plan import CLOSED, Plan

MOST_CALLERS = 64
# A doubling of the callers that brings less has found the peak.
GAIN = 1.05
# Of Poisson arrivals with this mean, fewer than the eleven that a median needs come once in a hundred loads.
LEAST_ARRIVALS = 20
LONGEST_S = 60.0


async def find_peak(
    carry: Callable[[Plan], Awaitable[Carried]], plan: Plan, stopped: Callable[[], bool]
) -> float:
    """Answers a second at the best number of callers: 1, 2, 4, … until twice as many bring less than 5 % more.

    Args:
        carry: carries a closed loop out.
        plan: whose duration is that of each step; where the tier is so slow that one answer more or less would decide,
            the steps after the first are longer.
        stopped: whether to end early.
    """
    best, callers = 0.0, 1
    while callers <= MOST_CALLERS and not stopped():
        step = dataclasses.replace(
            plan, scenario=CLOSED, concurrency=callers, duration_s=_long_enough(plan.duration_s, best)
        )
        reached = _per_s(await carry(step))
        gained, best = reached > GAIN * best, max(best, reached)
        if not gained:
            break
        callers *= 2
    return best


def at_rate(plan: Plan, rate_per_s: float) -> Plan:
    """The plan at so many arrivals a second; longer where a slow tier would not answer enough for a median."""
    return dataclasses.replace(
        plan, rate_per_s=rate_per_s, duration_s=_long_enough(plan.duration_s, rate_per_s)
    )


def _long_enough(wanted_s: float, per_s: float) -> float:
    """For twenty requests at that rate, but a minute at most."""
    return max(wanted_s, min(LONGEST_S, LEAST_ARRIVALS / per_s)) if per_s else wanted_s


def _per_s(carried: Carried) -> float:
    answered = sum(row.ok for row in carried.rows)
    last_ns = max((row.ended_ns for row in carried.rows), default=carried.ended_ns)
    return answered / max(1e-9, (last_ns - carried.started_ns) / 1e9)
