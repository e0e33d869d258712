"""The one thread that holds the runtime: it imports, loads and computes, in order."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class InferenceThread:
    """Carries out work one after the other, off the event loop.

    A daemon: a runtime that hangs cannot keep the process from ending. Some runtimes keep their number of
    threads per calling thread, so everything that concerns the runtime happens in this one.
    """

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._carry_out, name="inference", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], Result]) -> asyncio.Future[Result]:
        """Hand over some work; called on the event loop. The future is that loop's."""
        future: concurrent.futures.Future[Result] = concurrent.futures.Future()

        def step() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = work()
            except BaseException as exc:
                future.set_exception(exc)
            else:
                future.set_result(result)

        self._work.put(step)
        return asyncio.wrap_future(future)

    def close(self, timeout_s: float) -> bool:
        """End after the work at hand; False where that takes longer than `timeout_s` seconds."""
        self._work.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _carry_out(self) -> None:
        while (step := self._work.get()) is not None:
            step()
