"""Watch the client while it measures: lag of its loop, its CPU, and whether it got its core when it wanted it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from jarvis_bench.prober.rows import ClientTick

# Linux: nanoseconds run, nanoseconds ready to run while the core was taken, time slices; of the main thread.
SCHEDULED = Path("/proc/self/schedstat")


class ClientWatch:
    """While it is entered, notes a tick every `period_s` on a fixed grid of `perf_counter_ns`.

    A block of the loop delays all ticks within it; each is noted with its own lag, so that a percentile over the
    ticks is one over time, and one long block is not one tick among thousands.

    Args:
        run: label of the run.
        in_flight: requests under way.
        idle_ns: time the pacer spent yielding.
        period_s: distance of the ticks.
    """

    def __init__(
        self, run: str, in_flight: Callable[[], int], idle_ns: Callable[[], int], *, period_s: float = 0.02
    ) -> None:
        self.ticks: list[ClientTick] = []
        self._run, self._in_flight, self._idle_ns = run, in_flight, idle_ns
        self._period_ns = round(period_s * 1e9)
        self._due_ns = self._idle_start_ns = 0
        self._cpu_start_s = 0.0
        self._waited_start_s: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._cpu_start_s, self._waited_start_s = time.process_time(), waited_s()
        self._idle_start_ns = self._idle_ns()
        self._due_ns = time.perf_counter_ns() + self._period_ns
        self._schedule()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._note()

    def _schedule(self) -> None:
        if self._loop is not None:
            left_s = (self._due_ns - time.perf_counter_ns()) / 1e9
            self._handle = self._loop.call_later(max(0.0, left_s), self._tick)

    def _tick(self) -> None:
        self._note()
        self._schedule()

    def _note(self) -> None:
        """One tick for every point of the grid that has passed."""
        now_ns = time.perf_counter_ns()
        if now_ns < self._due_ns:
            return
        cpu_s, waited = time.process_time() - self._cpu_start_s, waited_s()
        if waited is not None and self._waited_start_s is not None:
            waited -= self._waited_start_s
        idle_s, in_flight = (self._idle_ns() - self._idle_start_ns) / 1e9, self._in_flight()
        while self._due_ns <= now_ns:
            lag_s = (now_ns - self._due_ns) / 1e9
            self.ticks.append(ClientTick(self._run, self._due_ns, lag_s, in_flight, cpu_s, idle_s, waited))
            self._due_ns += self._period_ns


def waited_s() -> float | None:
    """How long this process's main thread was ready to run while something else had its core, in seconds."""
    try:
        return int(SCHEDULED.read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return None
