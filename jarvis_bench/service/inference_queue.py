"""A bounded queue in front of the model: one request computes, some wait, the rest is refused at once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.refusals import refuse

Result = TypeVar("Result")
SMOOTHING = 0.2


@dataclass(frozen=True, slots=True)
class Computed(Generic[Result]):
    """What the model computed, how long it was waited for, and how long it took; in seconds.

    `index` is the number of requests that the model took up before this one.
    """

    value: Result
    queue_s: float
    model_s: float
    index: int


class InferenceQueue:
    """First come, first served.

    A caller that is cancelled while it waits leaves the queue. One that is cancelled while its work is
    computed is let go, but the work goes on: a runtime cannot be stopped in the middle.

    Args:
        thread: where the model computes.
        waiting: how many callers may wait while another's work is computed.
        patience_s: who would have to wait longer than that, in seconds, is refused at once, too.
        clock: seconds; a parameter for tests.
    """

    def __init__(
        self,
        thread: InferenceThread,
        *,
        waiting: int,
        patience_s: float = math.inf,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._thread = thread
        self._places = waiting + 1
        self._patience_s = patience_s
        self._clock = clock
        self._turn = asyncio.Lock()
        self._pending = 0
        self._started = 0
        self._usual_s = 0.0

    @property
    def pending(self) -> int:
        """Requests that wait or are computed."""
        return self._pending

    @property
    def next_index(self) -> int:
        """The index of the next request that the model takes up."""
        return self._started

    def check_room(self) -> None:
        """Refuse where there is no room, before any work was put into a request.

        Raises:
            RequestRefused: `queue_full`, with the time until there is probably room.
        """
        expected_s = self._pending * self._usual_s
        if self._pending >= self._places or expected_s > self._patience_s:
            retry_after_s = max(1, math.ceil(expected_s))
            raise refuse(
                "queue_full", f"{self._pending} requests are before you", retry_after_s=retry_after_s
            )

    async def compute(self, work: Callable[[], Result]) -> Computed[Result]:
        """Wait for a turn and compute.

        Raises:
            RequestRefused: `queue_full`.
        """
        self.check_room()
        asked_s = self._clock()
        self._pending += 1
        try:
            await self._turn.acquire()
        except BaseException:
            self._pending -= 1
            raise
        started_s = self._clock()
        index, self._started = self._started, self._started + 1
        future = self._thread.submit(work)
        future.add_done_callback(lambda done: self._finish(done, started_s))
        value = await asyncio.shield(future)
        return Computed(value, started_s - asked_s, self._clock() - started_s, index)

    def _finish(self, future: asyncio.Future[Result], started_s: float) -> None:
        self._usual_s += SMOOTHING * (self._clock() - started_s - self._usual_s)
        self._pending -= 1
        self._turn.release()
        if not future.cancelled():
            future.exception()  # taken note of, also where nobody waits for it any more
