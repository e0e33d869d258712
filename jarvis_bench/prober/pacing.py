"""Wait for a planned time without drifting and without burning the core unseen."""

from __future__ import annotations

import asyncio
import time

# The loop's own timer is up to a millisecond late; the rest is spent yielding, so that nothing else is held up.
SPIN_NS = 1_500_000
SLICE_S = 0.2
# A turn of an idle loop takes some 20 microseconds; a longer one has done somebody's work.
IDLE_TURN_NS = 100_000


class Pacer:
    """`idle_ns` counts the time that was spent yielding while nothing else had work."""

    def __init__(self) -> None:
        self.idle_ns = 0
        self.stopped = False

    async def until(self, due_ns: int) -> None:
        """Return at `due_ns` of `perf_counter_ns` or as soon after as possible; at once when `stopped` is set."""
        while not self.stopped and (left_ns := due_ns - time.perf_counter_ns()) > SPIN_NS:  # noqa: ASYNC110  a clock, no event
            await asyncio.sleep(min(SLICE_S, (left_ns - SPIN_NS) / 1e9))
        turned_ns = time.perf_counter_ns()
        while turned_ns < due_ns and not self.stopped:
            await asyncio.sleep(0)
            now_ns = time.perf_counter_ns()
            if now_ns - turned_ns < IDLE_TURN_NS:
                self.idle_ns += now_ns - turned_ns
            turned_ns = now_ns
