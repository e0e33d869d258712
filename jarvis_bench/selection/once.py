"""Exactly-once asynchronous initialisation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Runs `make` once for any number of concurrent callers; nobody sees a half-made value.

    The upstream's factory publishes its object before it awaits its initialisation; publishing it after
    would make two. Here callers share one task: all of them get its result, a caller that is cancelled
    does not cancel the others, and a failure is raised to those waiting, then forgotten, so that the
    next caller tries again.
    """

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make = make
        self._task: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """The one value, made by the first caller."""
        if self._task is None or _failed(self._task):
            self._task = asyncio.ensure_future(self._run())
        return await asyncio.shield(self._task)

    async def _run(self) -> T:
        return await self._make()


def _failed(task: asyncio.Task[T]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
