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
    ends_s: float


class Attempts:
    """The attempts that wait for an answer, by tier.

    A tier hangs when nobody gets an answer of it. One that answers others is busy: to try elsewhere what it will
    answer in a moment would only add to the load that makes it slow.
    """

    def __init__(self) -> None:
        self._by_tier: dict[str, set[_Attempt]] = {}

    @contextlib.asynccontextmanager
    async def within(self, tier: str, patience_s: float, most_s: float) -> AsyncIterator[None]:
        """One attempt.

        Args:
            tier: whom it is sent to.
            patience_s: seconds without any answer of that tier until it is given up.
            most_s: seconds for all of it.

        Raises:
            TimeoutError: the time is over, or the tier has died.
        """
        under_way, now_s = self._by_tier.setdefault(tier, set()), asyncio.get_running_loop().time()
        async with asyncio.timeout(min(patience_s, most_s)) as limit:
            attempt = _Attempt(limit, patience_s, now_s + most_s)
            under_way.add(attempt)
            try:
                yield
            finally:
                under_way.discard(attempt)

    def answered(self, tier: str) -> None:
        """The tier has answered one of them: the others are waited for anew."""
        now_s = asyncio.get_running_loop().time()
        for one in self._by_tier.get(tier, ()):
            if not one.limit.expired():
                one.limit.reschedule(min(one.ends_s, now_s + one.patience_s))

    def end(self, tier: str) -> None:
        """The tier has died: what waits for it waits in vain."""
        now_s = asyncio.get_running_loop().time()
        for one in self._by_tier.get(tier, ()):
            if not one.limit.expired():
                one.limit.reschedule(now_s)
