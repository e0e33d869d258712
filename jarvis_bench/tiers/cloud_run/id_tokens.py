"""The ID token that proves who asks: fetched once for all callers, kept, and fetched anew before it expires."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from jarvis_bench.errors import TierFailed


@dataclass(frozen=True, slots=True)
class IdToken:
    """A signed JWT. `expires_s`: Unix time; `origin`: whose it is and where it came from, for sentences."""

    value: str = field(repr=False)
    expires_s: float
    origin: str


@dataclass(frozen=True, slots=True)
class NoToken:
    """There is none to send, which is right for a public service; `why` also says how to get one."""

    why: str


Fetch = Callable[[], Awaitable[IdToken | NoToken]]


class IdTokens:
    """One token, shared.

    A caller that is cancelled (a probe at its deadline) does not cancel the fetch: the next caller finds the
    token. Where the fetch fails shortly before the old token's end, the old one is used to its end.

    Args:
        fetch: gets a new one; raises TierFailed where credentials exist and do not work.
        refresh_before_s: seconds before its end at which a token is fetched anew.
        unknown_for_s: seconds after which one looks again for credentials that were not there.
        now: the time, in Unix seconds.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        refresh_before_s: float = 300.0,
        unknown_for_s: float = 60.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._fetch = fetch
        self._refresh_before_s, self._unknown_for_s, self._now = refresh_before_s, unknown_for_s, now
        self._held: IdToken | NoToken | None = None
        self._fresh_until_s = 0.0
        self._fetching: asyncio.Task[IdToken | NoToken] | None = None

    async def get(self) -> IdToken | NoToken:
        """The token to send now.

        Raises:
            TierFailed: there are credentials, but they give no token.
        """
        if self._held is None or self._now() >= self._fresh_until_s:
            try:
                self._hold(await self._fetched())
            except TierFailed:
                if not isinstance(self._held, IdToken) or self._now() >= self._held.expires_s:
                    raise
        if self._held is None:
            raise AssertionError("a fetch that did not raise gave something")
        return self._held

    def forget(self) -> None:
        """The service did not accept the token: fetch another one for the next request."""
        self._held = None

    async def aclose(self) -> None:
        """End a fetch that is under way."""
        task, self._fetching = self._fetching, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _hold(self, got: IdToken | NoToken) -> None:
        self._held = got
        if isinstance(got, IdToken):
            self._fresh_until_s = got.expires_s - self._refresh_before_s
        else:
            self._fresh_until_s = self._now() + self._unknown_for_s

    async def _fetched(self) -> IdToken | NoToken:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.ensure_future(self._fetch())
            # Nobody may be waiting any more when it fails; the next caller then asks again.
            self._fetching.add_done_callback(_retrieve)
        return await asyncio.shield(self._fetching)


def _retrieve(task: asyncio.Task[IdToken | NoToken]) -> None:
    if not task.cancelled():
        task.exception()
