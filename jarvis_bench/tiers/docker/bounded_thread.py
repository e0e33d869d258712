"""Run a blocking function in a thread that ends by its deadline, whatever the other side does.

A time-out of a socket counts from the last byte, so an engine that drips its answer would hold a thread for ever; and
the executor's threads are joined when the interpreter ends. Here the thread is its own, nobody joins it, and past the
deadline an exception is raised inside it: a dripping answer wakes it with every byte, and a silent one ends by the
time-out of its socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Abandoned(BaseException):
    """Raised inside the thread: nobody waits for its result any more."""


async def in_thread(function: Callable[[], Result], *, deadline_s: float | None) -> Result:
    """The function's result, or its exception.

    Args:
        function: blocks, but on nothing for longer than its own time-outs.
        deadline_s: seconds until the thread is given up; None for no limit.

    Raises:
        TimeoutError: the deadline came first.
    """
    loop = asyncio.get_running_loop()
    call, until_s = _Call(function, loop), loop.time() + (deadline_s or 0.0)
    threading.Thread(target=call.run, name="docker-engine", daemon=True).start()
    try:
        async with asyncio.timeout(deadline_s):
            return await call.result
    except asyncio.CancelledError:
        # It is most likely to end by itself, and then tidily; its deadline holds all the same.
        loop.call_at(until_s, call.abandon)
        raise
    except TimeoutError:
        call.abandon()
        raise


class _Call(Generic[Result]):
    def __init__(self, function: Callable[[], Result], loop: asyncio.AbstractEventLoop) -> None:
        self.result: asyncio.Future[Result] = loop.create_future()
        self._function, self._loop = function, loop
        self._changing = threading.Lock()
        self._thread_id: int | None = None

    def run(self) -> None:
        with contextlib.suppress(Abandoned):
            self._thread_id = threading.get_ident()
            try:
                result = self._function()
            except Abandoned:
                raise
            except BaseException as exc:
                self._finish()
                self._tell(self._set_exception, exc)
            else:
                self._finish()
                self._tell(self._set_result, result)

    def abandon(self) -> None:
        """End the thread where it still runs."""
        with self._changing:
            if self._thread_id is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._thread_id), ctypes.py_object(Abandoned)
                )

    def _finish(self) -> None:
        with self._changing:
            self._thread_id = None

    def _tell(self, tell: Callable[..., None], outcome: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(tell, outcome)

    def _set_result(self, result: Result) -> None:
        if not self.result.done():
            self.result.set_result(result)

    def _set_exception(self, exc: BaseException) -> None:
        if not self.result.done():
            self.result.set_exception(exc)
