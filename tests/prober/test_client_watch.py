"""The watch notes a tick for every point of its grid, also for those that a block has swallowed."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

from jarvis_bench.prober.client_watch import ClientWatch, waited_s


async def test_a_block_is_as_many_late_ticks_as_it_is_long() -> None:
    """A tenth of a second at 10 ms: some ten ticks, each with its own lag, on one grid."""
    async with ClientWatch("run", lambda: 7, lambda: 1_000_000_000, period_s=0.01) as watch:
        await asyncio.sleep(0.02)
        time.sleep(0.1)
        await asyncio.sleep(0.02)
    late = [tick for tick in watch.ticks if tick.lag_s > 0.015]
    assert len(late) >= 7
    assert max(tick.lag_s for tick in late) >= 0.08
    assert {after.due_ns - before.due_ns for before, after in pairwise(watch.ticks)} == {10_000_000}
    assert {(tick.run, tick.in_flight, tick.idle_s) for tick in watch.ticks} == {("run", 7, 0.0)}


async def test_a_block_at_the_very_end_is_seen() -> None:
    """Though no tick came any more."""
    async with ClientWatch("run", lambda: 0, lambda: 0, period_s=0.01) as watch:
        time.sleep(0.05)
    assert max(tick.lag_s for tick in watch.ticks) >= 0.03


def test_waiting_for_the_core_only_grows() -> None:
    """Where the kernel tells it at all."""
    first, second = waited_s(), waited_s()
    assert first is None or (second is not None and second >= first >= 0)
