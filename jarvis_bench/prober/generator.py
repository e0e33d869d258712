"""Send the requests of a plan when they are due, and keep what became of each."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from jarvis_bench.errors import RequestRefused, TierFailed
from jarvis_bench.prober.pacing import Pacer
from jarvis_bench.prober.plan import WHOLE, Part, Plan, clip_order
from jarvis_bench.prober.rows import Outcome
from jarvis_bench.tiers.stamps import Send, Stamps
from jarvis_bench.tiers.tier import Answer

LEAD_NS = 20_000_000
GRACE_S = 30.0
# A client that is behind by more at the end of the plan sends no more.
DEBT_NS = 1_000_000_000


@dataclass(slots=True)
class Request:
    """One planned request on its way; `index`: its place in the whole load, `clip`: its clip's among those prepared."""

    index: int
    clip: int
    planned_ns: int
    ready_ns: int
    dispatched_ns: int | None = None
    ended_ns: int = 0
    outcome: Outcome = Outcome.DROPPED
    cause: str | None = None
    error: str | None = None
    answer: Answer | None = None
    stamps: Stamps = field(default_factory=Stamps)


class Generator:
    """Carries out one plan.

    Args:
        sends: the prepared clips.
        plan: what is due when; that of the part.
        first_number: the mark of the first request's clip; no two requests of a session share one.
        grace_s: how long requests under way at the end are waited for, in seconds.
        part: of the whole load.
    """

    def __init__(
        self,
        sends: Sequence[Send],
        plan: Plan,
        *,
        first_number: int,
        grace_s: float = GRACE_S,
        part: Part = WHOLE,
    ) -> None:
        self.requests: list[Request] = []
        self.pacer = Pacer()
        self.in_flight = self._busy_callers = 0
        self.end_ns = 0
        self._sends, self._plan, self._part = sends, plan, part
        self._first_number, self._grace_s = first_number, grace_s
        self._clips: Iterator[int] = islice(clip_order(plan, len(sends)), part.number, None, part.of)
        self._backlog: deque[Request] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Send no more; what is under way may still end."""
        self.pacer.stopped = True

    async def run(self, start_ns: int | None = None) -> None:
        """Send everything, then wait for what is under way, at most the grace.

        Args:
            start_ns: when the plan begins, of `perf_counter_ns`; None for at once.
        """
        start_ns = start_ns or time.perf_counter_ns() + LEAD_NS
        self.end_ns = start_ns + round(self._plan.duration_s * 1e9)
        try:
            if self._plan.is_open:
                await self._open_loop(start_ns)
            else:
                await self._closed_loop(start_ns)
            await self._settle()
        finally:
            await self._give_up()

    async def _open_loop(self, start_ns: int) -> None:
        for offset_ns in self._plan.arrivals_ns:
            planned_ns = start_ns + offset_ns
            request = self._next(planned_ns)
            await self.pacer.until(planned_ns)
            if self.pacer.stopped or time.perf_counter_ns() > self.end_ns + DEBT_NS:
                request.cause = "interrupted" if self.pacer.stopped else "client-late"
            elif self._busy_callers < self._plan.callers:
                self._launch(request)
            else:
                self._backlog.append(request)
        await self.pacer.until(self.end_ns)

    async def _closed_loop(self, start_ns: int) -> None:
        await self.pacer.until(start_ns)
        self._tasks |= {asyncio.create_task(self._caller()) for _ in range(self._plan.concurrency)}
        callers = self._tasks
        while callers and not self.pacer.stopped and time.perf_counter_ns() < self.end_ns:
            _, callers = await asyncio.wait(callers, timeout=0.1)

    async def _caller(self) -> None:
        """One caller: the next request when the last one is answered."""
        most = self._plan.requests or None
        while not self.pacer.stopped and (now_ns := time.perf_counter_ns()) < self.end_ns:
            if most is not None and len(self.requests) >= most:
                break
            await self._send(self._next(now_ns))

    def _next(self, planned_ns: int) -> Request:
        request = Request(self._part.place(len(self.requests)), next(self._clips), planned_ns, planned_ns)
        self.requests.append(request)
        return request

    def _launch(self, request: Request) -> None:
        self._busy_callers += 1
        task = asyncio.create_task(self._send_and_follow(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_and_follow(self, request: Request) -> None:
        """Send it, then what has waited for this caller meanwhile."""
        await self._send(request)
        ended_ns = request.ended_ns
        while self._backlog and not self.pacer.stopped and time.perf_counter_ns() < self.end_ns:
            request = self._backlog.popleft()
            request.ready_ns = max(request.planned_ns, ended_ns)
            await self._send(request)
            ended_ns = request.ended_ns
        self._busy_callers -= 1

    async def _send(self, request: Request) -> None:
        stamps = request.stamps
        own = 0 if self._plan.repeat else request.index // self._part.of
        number = self._part.place(self._first_number + own)
        request.dispatched_ns = stamps.sent_ns = time.perf_counter_ns()
        # Until it ends otherwise: what is cancelled was given up.
        request.outcome = Outcome.CENSORED
        self.in_flight += 1
        try:
            request.answer = await self._sends[request.clip](number, stamps)
            request.outcome = Outcome.OK
        except TierFailed as exc:
            request.outcome, request.cause, request.error = Outcome.FAILED, exc.status.cause, str(exc)
        except RequestRefused as exc:
            request.outcome, request.cause, request.error = Outcome.FAILED, exc.code, str(exc)
        except (
            Exception
        ) as exc:  # one request's fault must not cost the others; it is told by its type and text
            request.outcome, request.cause = Outcome.FAILED, "client-error"
            request.error = f"{type(exc).__name__}: {exc}"
        finally:
            self.in_flight -= 1
            arrived_ns = stamps.last_byte_ns if request.outcome is Outcome.OK else None
            request.ended_ns = arrived_ns or time.perf_counter_ns()

    async def _settle(self) -> None:
        grace_s = min(self._grace_s, 1.0) if self.pacer.stopped else self._grace_s
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)

    async def _give_up(self) -> None:
        """Cancel what is left; what was never sent is given up now."""
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        now_ns = time.perf_counter_ns()
        for request in self.requests:
            if request.outcome is Outcome.DROPPED:
                request.ended_ns = max(request.planned_ns, min(now_ns, self.end_ns))
                request.cause = request.cause or "no-caller-free"
