"""Find the most that a tier answers in a second."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable

from jarvis_bench.prober.load import Carried
from jarvis_bench.prober.plan import CLOSED, Plan

MOST_CALLERS = 64
# A doubling of the callers that brings less has found the peak.
GAIN = 1.05


async def find_peak(
    carry: Callable[[Plan], Awaitable[Carried]], plan: Plan, stopped: Callable[[], bool]
) -> float:
    """Answers a second at the best number of callers: 1, 2, 4, … until twice as many bring less than 5 % more.

    Args:
        carry: carries a closed loop out.
        plan: whose duration is that of each step.
        stopped: whether to end early.
    """
    best, callers = 0.0, 1
    while callers <= MOST_CALLERS and not stopped():
        step = dataclasses.replace(plan, scenario=CLOSED, concurrency=callers)
        reached = _per_s(await carry(step))
        gained, best = reached > GAIN * best, max(best, reached)
        if not gained:
            break
        callers *= 2
    return best


def _per_s(carried: Carried) -> float:
    answered = sum(row.ok for row in carried.rows)
    last_ns = max((row.ended_ns for row in carried.rows), default=carried.ended_ns)
    return answered / max(1e-9, (last_ns - carried.started_ns) / 1e9)
