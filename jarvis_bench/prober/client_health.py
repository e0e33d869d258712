"""How the client fared while it measured, as figures made from its rows and ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from jarvis_bench.prober.rows import ClientTick, RequestRow

LATE_S = 0.001
WINDOW_S = 1.0


@dataclass(frozen=True, slots=True)
class ClientHealth:
    """All in seconds, or shares of one.

    `slip_…`: how much later than it could each request was sent, and `late_share` of them by more than 1 ms;
    `lag_…`: of the client's loop, over time; `cpu_share`: of one core in the busiest second, without the time that
    was only spent waiting for the next planned request; `core_taken`: of the time in which the client wanted to
    compute, the share in which something else had its core (None where the kernel does not tell), and
    `core_taken_s` how long that was in all; `pool_waited`: requests that waited for a connection of the client's own.
    `in_flight`: mean requests under way as the ticks saw them; `in_flight_expected`: the same by Little's law, from
    the rows.
    """

    slip_p50_s: float
    slip_p99_s: float
    slip_max_s: float
    late_share: float
    lag_p99_s: float
    lag_max_s: float
    cpu_share: float
    core_taken: float | None
    core_taken_s: float | None
    pool_waited: int
    pool_wait_p99_s: float
    in_flight: float
    in_flight_expected: float
    ticks: int


def client_health(rows: Sequence[RequestRow], ticks: Sequence[ClientTick]) -> ClientHealth:
    """The figures of one run; its warm-up does not count."""
    slips_s = [row.slip_s for row in rows if row.cause != "interrupted"]
    lags_s = [tick.lag_s for tick in ticks]
    waits_s = [row.pool_wait_s for row in rows if row.pool_wait_s]
    taken, taken_s = _core_taken(ticks)
    seen, expected = _in_flight(rows, ticks)
    return ClientHealth(
        slip_p50_s=_rank(slips_s, 50),
        slip_p99_s=_rank(slips_s, 99),
        slip_max_s=max(slips_s, default=0.0),
        late_share=sum(slip > LATE_S for slip in slips_s) / max(1, len(slips_s)),
        lag_p99_s=_rank(lags_s, 99),
        lag_max_s=max(lags_s, default=0.0),
        cpu_share=busiest_second(ticks),
        core_taken=taken,
        core_taken_s=taken_s,
        pool_waited=len(waits_s),
        pool_wait_p99_s=_rank(waits_s, 99),
        in_flight=seen,
        in_flight_expected=expected,
        ticks=len(ticks),
    )


def busiest_second(ticks: Sequence[ClientTick]) -> float:
    """The largest share of a core that the client computed for in any second, without idle waiting."""
    shares, first = [0.0], 0
    for last, tick in enumerate(ticks):
        while (tick.due_ns - ticks[first].due_ns) / 1e9 >= WINDOW_S:
            first += 1
        begin = ticks[max(0, first - 1)]
        seconds = (tick.due_ns + tick.lag_s * 1e9 - begin.due_ns - begin.lag_s * 1e9) / 1e9
        # A part of a second says nothing of a whole one, but a run may be shorter than that.
        if seconds >= WINDOW_S or (last == len(ticks) - 1 and len(shares) == 1 and seconds > 0):
            shares.append(((tick.cpu_s - tick.idle_s) - (begin.cpu_s - begin.idle_s)) / seconds)
    return max(shares)


def _core_taken(ticks: Sequence[ClientTick]) -> tuple[float | None, float | None]:
    if not ticks or ticks[-1].waited_s is None:
        return None, None
    last, waited_s = ticks[-1], ticks[-1].waited_s
    wanted_s = waited_s + last.cpu_s
    return (waited_s / wanted_s if wanted_s else 0.0), waited_s


def _in_flight(rows: Sequence[RequestRow], ticks: Sequence[ClientTick]) -> tuple[float, float]:
    """Mean requests under way over the span of the ticks: seen by them, and summed from the rows."""
    if len(ticks) < 2:
        return 0.0, 0.0
    begin_ns, end_ns = ticks[0].due_ns, ticks[-1].due_ns
    under_way_ns = sum(
        max(0, min(end_ns, row.ended_ns) - max(begin_ns, row.dispatched_ns))
        for row in rows
        if row.dispatched_ns is not None
    )
    # Between two ticks that a block has merged nobody looked; each tick stands for the period before it.
    seen = sum(after.in_flight for _, after in pairwise(ticks)) / (len(ticks) - 1)
    return seen, under_way_ns / (end_ns - begin_ns)


def _rank(values: Sequence[float], p: float) -> float:
    return sorted(values)[math.ceil(p / 100 * len(values)) - 1] if values else 0.0
