"""Requests before the timed ones: until the tier is steady, not until a window looks good."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_bench.prober.facts import WarmUp
from jarvis_bench.prober.load import Carried
from jarvis_bench.prober.plan import CLOSED, Plan
from jarvis_bench.prober.rows import RequestRow
from jarvis_bench.records import Status, TierStatus

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AGREE = 1.10
IN_A_ROW = 3
MOST_WINDOWS = 10
WINDOW_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Window:
    """Answers a second and the median service time of one window."""

    per_s: float
    p50_s: float


async def warm_up(
    carry: Callable[[Plan], Awaitable[Carried]], plan: Plan, *, requests: int
) -> tuple[WarmUp, list[Carried]]:
    """Windows of a closed loop until three in a row agree within 10 % on throughput and median, at most ten.

    Args:
        carry: carries a plan out and marks its rows as warm-up.
        plan: whose seeds are used.
        requests: in one window.
    """
    window = dataclasses.replace(
        plan, scenario=CLOSED, concurrency=1, requests=requests, duration_s=WINDOW_LIMIT_S, arrivals_ns=()
    )
    carried: list[Carried] = []
    seen: list[Window] = []
    while len(carried) < MOST_WINDOWS and not agree(seen):
        carried.append(await carry(window))
        seen.append(_window(carried[-1].rows))
        if carried[-1].interrupted:
            break
    rows = [row for run in carried for row in run.rows]
    first = next((row.service_s for row in rows if row.ok), None)
    last_s = seen[-1].p50_s if seen and seen[-1].p50_s else None
    return WarmUp(len(carried), len(rows), agree(seen), first, last_s), carried


def agree(windows: Sequence[Window]) -> bool:
    """Whether the last three agree."""
    last = windows[-IN_A_ROW:]
    return len(last) == IN_A_ROW and all(
        0 < max(values) <= AGREE * min(values)
        for values in ([window.per_s for window in last], [window.p50_s for window in last])
    )


def _window(rows: Sequence[RequestRow]) -> Window:
    good = sorted(row.service_s or 0.0 for row in rows if row.ok)
    if not good:
        return Window(0.0, 0.0)
    seconds = (max(row.ended_ns for row in rows) - min(row.planned_ns for row in rows)) / 1e9
    return Window(len(good) / max(1e-9, seconds), good[(len(good) - 1) // 2])


def references(carried: Sequence[Carried], clips: int) -> tuple[NDArray[np.float32] | None, ...]:
    """The last answer to each clip, float32 `[192]`; None for a clip that was not answered."""
    found: list[NDArray[np.float32] | None] = [None] * clips
    for request in (request for run in carried for request in run.requests):
        if request.answer is not None:
            found[request.clip] = request.answer.vector
    return tuple(found)


def nothing_answered(tier: str, rows: Sequence[RequestRow]) -> TierStatus:
    """What a warm-up without a single answer says about a tier."""
    told = next((row.error for row in rows if row.error), "no answer")
    cause = next((row.cause for row in rows if row.cause), "no-answer")
    return TierStatus(tier, Status.BROKEN, cause, f"no clip was answered: {told}")
