"""What the client itself costs: the same bodies, sent to a server that does no work."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable

from jarvis_bench.prober.facts import NullFloor
from jarvis_bench.prober.load import Carried
from jarvis_bench.prober.percentiles import percentile
from jarvis_bench.prober.plan import CLOSED, OPEN_CONSTANT, Plan, make_plan

FLOOR_S = 0.75
CEILING_S = 0.5
CEILING_CALLERS = 16
# The first request imports the HTTP client where nothing else has, which takes a second on a slow machine.
OPENING_S = 30.0
# A slower test than this would give the floor no median.
LEAST_PER_S = 20.0

Carry = Callable[[Plan], Awaitable[Carried]]


async def ceiling(carry: Carry, *, duration_s: float = CEILING_S) -> float:
    """The most requests a second that the client reaches, in a closed loop whose connections are open before."""
    plan = make_plan(Plan(CLOSED, duration_s, concurrency=CEILING_CALLERS))
    await carry(dataclasses.replace(plan, duration_s=OPENING_S, requests=CEILING_CALLERS))
    carried = await carry(plan)
    answered = sum(row.ok for row in carried.rows)
    last_ns = max((row.ended_ns for row in carried.rows), default=carried.ended_ns)
    return answered / max(1e-9, (last_ns - carried.started_ns) / 1e9)


async def floor(
    carry: Carry, *, rate_per_s: float, ceiling_per_s: float, duration_s: float = FLOOR_S
) -> NullFloor:
    """The client's own latency and CPU at the rate of a test, or at half its ceiling where the test went beyond."""
    rate = min(max(rate_per_s, LEAST_PER_S), ceiling_per_s / 2 or LEAST_PER_S)
    carried = await carry(make_plan(Plan(OPEN_CONSTANT, duration_s, rate_per_s=rate)))
    service_s = sorted(row.service_s or 0.0 for row in carried.rows if row.ok)
    last = carried.ticks[-1] if carried.ticks else None
    seconds = (carried.ticks[-1].due_ns - carried.started_ns) / 1e9 if carried.ticks else duration_s
    return NullFloor(
        requests=len(service_s),
        rate_per_s=len(service_s) / duration_s,
        p50_s=service_s[(len(service_s) - 1) // 2] if service_s else 0.0,
        p99_s=percentile(service_s, 99).seconds,
        cpu_share=0.0 if last is None else (last.cpu_s - last.idle_s) / max(1e-9, seconds),
        ceiling_per_s=ceiling_per_s,
    )
