"""What is under way at each tier: how long it is waited for, and when that is given up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class _Attempt:
    limit: asyncio.Timeout
    patience_s: float
    began_s: float
    ends_s: float


class Attempts:
    """The attempts that wait for an answer, by tier.

    A tier hangs when it gets nowhere. One that answers what was sent earlier is busy: to try elsewhere what it will
    answer in a moment would only add to the load that makes it slow. An answer to what was sent later says nothing
    about this one, which may be stuck where others are not.
    """

    def __init__(self) -> None:
        self._by_tier: dict[str, set[_Attempt]] = {}

    @contextlib.asynccontextmanager
    async def within(self, tier: str, patience_s: float, most_s: float) -> AsyncIterator[None]:
        """One attempt; the block ends without an exception when the tier has answered.

        Args:
            tier: whom it is sent to.
            patience_s: seconds until it is given up, counted anew with each answer to what was sent before.
            most_s: seconds for all of it.

        Raises:
            TimeoutError: the time is over, or the tier has died.
        """
        under_way, now_s = self._by_tier.setdefault(tier, set()), asyncio.get_running_loop().time()
        async with asyncio.timeout(min(patience_s, most_s)) as limit:
            attempt = _Attempt(limit, patience_s, now_s, now_s + most_s)
            under_way.add(attempt)
            try:
                yield
            finally:
                under_way.discard(attempt)
        for one in under_way:
            if one.began_s >= now_s:
                _move(one, asyncio.get_running_loop().time() + one.patience_s)

    def end(self, tier: str) -> None:
        """The tier has died: what waits for it waits in vain."""
        for one in self._by_tier.get(tier, ()):
            _move(one, asyncio.get_running_loop().time())


def _move(attempt: _Attempt, at_s: float) -> None:
    if not attempt.limit.expired():
        attempt.limit.reschedule(min(attempt.ends_s, at_s))
