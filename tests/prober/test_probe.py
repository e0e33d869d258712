"""All tiers are asked at once, each under its own deadline."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_bench.prober.probe import probe
from jarvis_bench.records import Status, TierStatus
from tests.scripted_tier import ScriptedTier


async def test_answers_come_in_the_order_asked() -> None:
    """Each tier's own answer, in the order of the tiers, with the time it took."""
    tiers = [ScriptedTier("local", Status.BUSY), ScriptedTier("docker", Status.READY)]
    local, docker = await probe(tiers, deadline_s=60.0)
    assert (local.tier, local.status, local.cause) == ("local", Status.BUSY, "scripted")
    assert (docker.tier, docker.status) == ("docker", Status.READY)
    assert local.seconds > 0
    assert docker.seconds > 0


async def test_no_tier_waits_for_another() -> None:
    """The second tier is asked while the first one still thinks."""
    gate = asyncio.Event()
    tiers = [ScriptedTier("docker", gate=gate), ScriptedTier("local")]
    asking = asyncio.create_task(probe(tiers, deadline_s=60.0))
    await tiers[1].entered.wait()
    assert not asking.done()
    gate.set()
    assert [status.status for status in await asking] == [Status.READY, Status.READY]


@pytest.mark.parametrize("silence", [Status.BROKEN, Status.STARTING])
async def test_silent_tier_is_recorded_as_such(silence: Status) -> None:
    """A tier that does not answer in time gets the status that silence means for it; the others keep theirs."""
    mute = ScriptedTier("cloud-run", gate=asyncio.Event(), title="Cloud Run", when_silent=silence)
    async with asyncio.timeout(10.0):
        silent, local = await probe([mute, ScriptedTier("local")], deadline_s=0.05)
    assert (silent.tier, silent.status, silent.cause) == ("cloud-run", silence, "no-answer")
    assert silent.reason == "Cloud Run: no answer within 0.05 s"
    assert silent.seconds >= 0.05
    assert local.status is Status.READY
    assert local.seconds < silent.seconds


async def test_cancelling_a_probe_asks_no_further() -> None:
    """A caller that gives up is let go at once, however long the deadline."""
    mute = ScriptedTier(gate=asyncio.Event())
    asking = asyncio.create_task(probe([mute], deadline_s=3600.0))
    await mute.entered.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_failing_probe_is_told_and_costs_the_others_nothing() -> None:
    """An error inside one tier's probe becomes its status, with type and text; the other tiers are still asked."""

    class Faulty:
        name, title, when_silent = "docker", "Docker", Status.BROKEN

        async def probe(self) -> TierStatus:
            raise ValueError("unforeseen")

    class Good:
        name, title, when_silent = "local", "Local", Status.BROKEN

        async def probe(self) -> TierStatus:
            return TierStatus("local", Status.READY, "ok", "Local: Ready")

    faulty, good = await probe((Faulty(), Good()), deadline_s=5.0)
    assert (faulty.status, faulty.cause) == (Status.BROKEN, "probe-error")
    assert "ValueError: unforeseen" in faulty.reason
    assert good.status is Status.READY
