"""What is under way at each tier, so that nobody waits for an answer of one that has died."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Attempts:
    """The attempts that wait for an answer, by tier."""

    def __init__(self) -> None:
        self._by_tier: dict[str, set[asyncio.Timeout]] = {}

    @contextlib.asynccontextmanager
    async def within(self, tier: str, limit_s: float) -> AsyncIterator[None]:
        """One attempt, for so many seconds, or until `end` is called.

        Raises:
            TimeoutError: the time is over, or the tier has died.
        """
        under_way = self._by_tier.setdefault(tier, set())
        async with asyncio.timeout(limit_s) as limit:
            under_way.add(limit)
            try:
                yield
            finally:
                under_way.discard(limit)

    def end(self, tier: str) -> None:
        """The tier has died: what waits for it waits in vain."""
        now_s = asyncio.get_running_loop().time()
        for limit in self._by_tier.get(tier, ()):
            if not limit.expired():
                limit.reschedule(now_s)
