"""The token cache: one fetch for all, again before the end, and nothing lost to a cancelled caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.cloud_run.id_tokens import IdToken, IdTokens, NoToken


class Issuer:
    """Gives numbered tokens, valid for an hour of its own clock."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0
        self.issued = 0
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.tokens = IdTokens(self.fetch, now=lambda: self.now_s)

    async def fetch(self) -> IdToken | NoToken:
        await self.gate.wait()
        if self.fails:
            raise TierFailed(TierStatus("cloud-run", Status.MISCONFIGURED, "no-token", "Cloud Run: scripted"))
        self.issued += 1
        return IdToken(f"token-{self.issued}", self.now_s + 3600, "scripted")

    async def value(self) -> str:
        token = await self.tokens.get()
        assert isinstance(token, IdToken)
        return token.value


async def test_many_callers_share_one_fetch() -> None:
    issuer = Issuer()
    issuer.gate.clear()
    callers = [asyncio.create_task(issuer.value()) for _ in range(20)]
    await asyncio.sleep(0)
    issuer.gate.set()
    assert set(await asyncio.gather(*callers)) == {"token-1"}
    assert issuer.issued == 1


async def test_it_is_fetched_anew_five_minutes_before_its_end() -> None:
    issuer = Issuer()
    seen = []
    for later_s in (0, 3299, 2, 3299, 2):
        issuer.now_s += later_s
        seen.append(await issuer.value())
    assert seen == ["token-1", "token-1", "token-2", "token-2", "token-3"]


async def test_a_failed_refresh_leaves_the_old_one_to_its_end() -> None:
    issuer = Issuer()
    await issuer.value()
    issuer.fails = True
    issuer.now_s += 3400
    assert await issuer.value() == "token-1"
    issuer.now_s += 201
    with pytest.raises(TierFailed, match="scripted"):
        await issuer.value()
    issuer.fails = False
    assert await issuer.value() == "token-2"


async def test_a_cancelled_caller_does_not_cancel_the_fetch() -> None:
    issuer = Issuer()
    issuer.gate.clear()
    probe = asyncio.create_task(issuer.value())
    await asyncio.sleep(0)
    probe.cancel()
    await asyncio.wait([probe])
    issuer.gate.set()
    assert await issuer.value() == "token-1"


async def test_a_token_that_was_not_accepted_is_forgotten() -> None:
    issuer = Issuer()
    await issuer.value()
    issuer.tokens.forget()
    assert await issuer.value() == "token-2"


async def test_no_credentials_are_looked_for_again_after_a_minute() -> None:
    asked: list[float] = []
    now: list[float] = [0.0]

    async def nothing() -> IdToken | NoToken:
        asked.append(now[0])
        return NoToken("none found")

    tokens = IdTokens(nothing, now=lambda: now[0])
    for now[0] in (0.0, 30.0, 59.0, 61.0):
        assert await tokens.get() == NoToken("none found")
    assert asked == [0.0, 61.0]


async def test_closing_ends_a_fetch() -> None:
    issuer = Issuer()
    issuer.gate.clear()
    caller = asyncio.create_task(issuer.value())
    await asyncio.sleep(0)
    await issuer.tokens.aclose()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await issuer.tokens.aclose()


def test_a_token_does_not_show_in_logs() -> None:
    token: Callable[[], str] = IdToken("secret", 1.0, "scripted").__repr__
    assert "secret" not in token()
