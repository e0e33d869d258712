"""How long an event loop was kept from running anything else."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class LoopLag:
    """Measures, while it is entered, how late a regular tick of the running loop comes.

    A callback that computes or waits without yielding delays the tick by as long as it holds the loop.

    Args:
        period_s: distance of the ticks in seconds; a shorter block than this can go unseen.
    """

    def __init__(self, period_s: float = 0.005) -> None:
        self.period_s = period_s
        self.longest_s = 0.0
        self._due_s = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._due_s = self._loop.time() + self.period_s
        self._handle = self._loop.call_at(self._due_s, self._tick)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()
        if self._loop is not None:
            # A block that is still under way when the measured code ends has not been ticked yet.
            self._note(self._loop.time())

    def _tick(self) -> None:
        if self._loop is None:
            return
        now_s = self._loop.time()
        self._note(now_s)
        self._due_s = now_s + self.period_s
        self._handle = self._loop.call_at(self._due_s, self._tick)

    def _note(self, now_s: float) -> None:
        self.longest_s = max(self.longest_s, now_s - self._due_s)
