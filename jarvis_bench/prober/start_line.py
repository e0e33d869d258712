"""When a load begins: at once, or at one moment for all processes that send parts of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

# Asked with a load's name and its tier's place in the order; gives a time of `perf_counter_ns`, None for at once.
Gate = Callable[[str, int], Awaitable[int | None]]


async def at_once(run: str, tier: int) -> int | None:
    """Begin without waiting for anybody."""
    return None


class StartLine:
    """Where a load waits until all processes that carry it out together are ready.

    Args:
        tell: passes a word on to the parent, by kind and content.
    """

    def __init__(self, tell: Callable[[str, object], None]) -> None:
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[int | None] = asyncio.Queue()
        self._stopped = False

    def heard(self, said: bytes) -> None:
        """A line of the parent's, in the thread that reads it; each is short enough to come in one piece."""
        for line in said.split():
            self._loop.call_soon_threadsafe(self._told.put_nowait, int(line))

    def give_up(self) -> None:
        """Wait no more."""
        self._stopped = True
        self._told.put_nowait(None)

    async def wait(self, run: str, tier: int) -> int | None:
        """Say that this process is ready; when the load begins, of `perf_counter_ns`."""
        self._tell("ready", {"run": run, "tier": tier})
        wall_ns = None if self._stopped else await self._told.get()
        return None if wall_ns is None else time.perf_counter_ns() + wall_ns - time.time_ns()
