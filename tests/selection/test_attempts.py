"""Attempts under way: ended by their own time, or when the tier that they wait for dies."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_bench.kit.virtual_time import now_s, run_virtually
from jarvis_bench.selection.attempts import Attempts


async def ended_s(attempts: Attempts, tier: str) -> float:
    """When an attempt that is never answered ends: after 5 s, or up to 12 s where the tier gets on with others."""
    began_s = now_s()
    with pytest.raises(TimeoutError):
        async with attempts.within(tier, 5.0, 12.0):
            await asyncio.sleep(60.0)
    return now_s() - began_s


def test_only_what_waits_for_the_dead_tier_ends() -> None:
    async def story() -> None:
        attempts = Attempts()
        waiting = [asyncio.create_task(ended_s(attempts, tier)) for tier in ("docker", "docker", "cloud-run")]
        await asyncio.sleep(1.0)
        attempts.end("docker")
        attempts.end("docker")
        attempts.end("local")
        assert await asyncio.gather(*waiting) == pytest.approx([1.0, 1.0, 5.0])

    run_virtually(story())


async def answered(attempts: Attempts, after_s: float) -> None:
    async with attempts.within("docker", 5.0, 60.0):
        await asyncio.sleep(after_s)


def test_a_tier_that_gets_on_with_what_was_sent_before_is_waited_for() -> None:
    """Up to the end of this one's time."""

    async def story() -> None:
        attempts = Attempts()
        earlier = [asyncio.create_task(answered(attempts, 2.0 + 2.0 * number)) for number in range(5)]
        await asyncio.sleep(0.0)
        waiting = [asyncio.create_task(ended_s(attempts, tier)) for tier in ("docker", "local")]
        assert await asyncio.gather(*waiting) == pytest.approx([12.0, 5.0])
        await asyncio.gather(*earlier)

    run_virtually(story())


def test_what_is_stuck_while_later_ones_are_answered_is_given_up() -> None:
    async def story() -> None:
        attempts = Attempts()
        stuck = asyncio.create_task(ended_s(attempts, "docker"))
        for _ in range(5):
            await asyncio.sleep(1.0)
            await answered(attempts, 0.1)
        assert await stuck == pytest.approx(5.0)

    run_virtually(story())


def test_what_has_been_answered_is_not_ended() -> None:
    async def story() -> None:
        attempts = Attempts()
        async with attempts.within("docker", 5.0, 5.0):
            await asyncio.sleep(1.0)
        attempts.end("docker")
        await asyncio.sleep(10.0)

    run_virtually(story())
