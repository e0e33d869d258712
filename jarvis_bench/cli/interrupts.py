"""Ctrl-C on the command line: the first asks, the second insists, all others change nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.stop_signals import stop_on_signals

Result = TypeVar("Result")
Kept = TypeVar("Kept", covariant=True)


class Stoppable(Protocol[Kept]):
    """A measurement that ends where `stop` is set, and gives what it has until then."""

    def __call__(self, *, stop: asyncio.Event) -> Coroutine[Any, Any, Kept]:
        """Measure."""


def run_async(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` that stays calm: the first Ctrl-C cancels the task, the second raises KeyboardInterrupt in it.

    asyncio's own handler raises for every further one, too, into whatever is just being cleaned up, and that ends in
    a traceback and in processes that nobody ends.

    Raises:
        KeyboardInterrupt: the task was cancelled by Ctrl-C, and did not return for all that.
    """
    presses = 0
    running: list[asyncio.Task[Any]] = []

    def press(*_: object) -> None:
        nonlocal presses
        presses += 1
        if presses == 1 and running:
            running[0].cancel()
            running[0].get_loop().call_soon_threadsafe(lambda: None)  # wake it up
        elif presses <= 2:
            raise KeyboardInterrupt

    async def supervised() -> Result:
        if (task := asyncio.current_task()) is not None:
            running.append(task)
        return await main

    before = signal.signal(signal.SIGINT, press)
    try:
        return asyncio.run(supervised())
    except asyncio.CancelledError:
        if presses:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN if presses else before)


def keeping(measure: Stoppable[Result]) -> tuple[Result, bool]:
    """`asyncio.run` of a measurement that a signal ends, with what it has until then, and whether one came.

    Raises:
        KeyboardInterrupt: one came before there was anything.
    """

    async def measured() -> tuple[Result, bool]:
        stop = asyncio.Event()
        came = stop_on_signals(stop)
        try:
            return await measure(stop=stop), bool(came)
        except NothingMeasured:
            if came:
                raise KeyboardInterrupt from None
            raise

    return asyncio.run(measured())
