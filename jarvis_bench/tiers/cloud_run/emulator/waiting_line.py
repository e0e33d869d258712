"""Requests that wait for a place, first come, first served, each for as long as its patience lasts."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Place = TypeVar("Place")


class Waiter(Generic[Place]):
    """One request in the line."""

    def __init__(self) -> None:
        self.place: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        self.patient = True


class WaitingLine(Generic[Place]):
    """The line.

    Args:
        late: called when somebody's patience has ended; they wait on until `refuse` says otherwise.
        give_back: called with a place whose request went away before it could take it.
    """

    def __init__(self, late: Callable[[], None], give_back: Callable[[Place], None]) -> None:
        self._late, self._give_back = late, give_back
        self._waiting: deque[Waiter[Place]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    @contextlib.contextmanager
    def joined(self) -> Iterator[Waiter[Place]]:
        """Stand in the line until the end of the block."""
        waiter: Waiter[Place] = Waiter()
        self._waiting.append(waiter)
        try:
            yield waiter
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def served(self, waiter: Waiter[Place], patience_s: float) -> Place:
        """The place, once it is handed out; or the error that was handed out instead."""
        timer = asyncio.get_running_loop().call_later(patience_s, self._lose_patience, waiter)
        try:
            return await waiter.place
        except asyncio.CancelledError:
            done = waiter.place.done() and not waiter.place.cancelled()
            if done and waiter.place.exception() is None:
                self._give_back(waiter.place.result())
            raise
        finally:
            timer.cancel()

    def hand_out(self, take: Callable[[], Place]) -> None:
        """Give the next one a place, which is taken only where somebody still waits."""
        waiter = self._waiting.popleft()
        if not waiter.place.done():
            waiter.place.set_result(take())

    def fail(self, count: int, error: Callable[[], Exception]) -> None:
        """Give the next `count` ones an error instead."""
        for _ in range(min(count, len(self._waiting))):
            waiter = self._waiting.popleft()
            if not waiter.place.done():
                waiter.place.set_exception(error())

    def refuse(self, coming: int, error: Callable[[], Exception]) -> None:
        """Send away whose patience has ended, but for the first `coming` ones, who are about to get a place."""
        for waiter in list(self._waiting)[coming:]:
            if not waiter.patient and not waiter.place.done():
                waiter.place.set_exception(error())

    def _lose_patience(self, waiter: Waiter[Place]) -> None:
        waiter.patient = False
        self._late()
