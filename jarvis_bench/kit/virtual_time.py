"""An event loop whose clock jumps: what waits an hour is tested in a millisecond, the same every time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
STANDING_MOST = 100_000


class NothingWillHappen(AssertionError):
    """Nothing is due, or time does not go on: in real time the program would hang or spin for ever."""


class _Jumps(selectors.SelectSelector):
    """Waits by moving the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0
        self._standing = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingWillHappen("all tasks wait, and nothing is due")
        self._standing = self._standing + 1 if timeout < 1e-9 else 0
        if self._standing > STANDING_MOST:
            raise NothingWillHappen(f"time stands at {self.now_s}, and the tasks turn in a circle")
        self.now_s += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Threads and sockets are not served: there is no real time in which they could do anything."""

    def __init__(self) -> None:
        self._jumps = _Jumps()
        super().__init__(self._jumps)

    def time(self) -> float:
        """Seconds on the clock that jumps."""
        return self._jumps.now_s


def run_virtually(main: Coroutine[Any, Any, T], *, debug: bool = False) -> T:
    """`asyncio.run` in no time.

    Raises:
        NothingWillHappen: the coroutine waits for something that nobody will do.
    """
    with asyncio.Runner(loop_factory=VirtualLoop, debug=debug) as runner:
        return runner.run(main)


def now_s() -> float:
    """The time of the loop that runs."""
    return asyncio.get_running_loop().time()
