"""Which tiers a measurement takes as they are, which it waits for, and which it leaves alone."""

from __future__ import annotations

import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.prober.session import serving
from jarvis_bench.records import Status
from jarvis_bench.tiers.fake import STOPPED, Behaviour, FakeTier
from jarvis_bench.tiers.named import NamedTier


def named(behaviour: Behaviour) -> NamedTier:
    """A tier that is so."""
    tier = FakeTier("cloud-run", [(0.0, behaviour)])
    return NamedTier(tier, "", co_located=True, how="scripted", cores="")


async def test_a_tier_that_is_coming_up_is_waited_for() -> None:
    """A service that was scaled to zero is starting because somebody asked; it is measured once it is up."""
    found = named(Behaviour(status=Status.STARTING, cause="no-answer"))
    told: list[str] = []
    async with serving(found, told.append):
        assert (await found.tier.probe()).status is Status.READY
    assert told == ["cloud-run: starting"]


async def test_a_tier_that_somebody_stopped_is_left_alone() -> None:
    """Measuring starts no container; the reason is told."""
    found = named(STOPPED)
    with pytest.raises(TierFailed) as caught:
        async with serving(found, lambda _: None):
            pytest.fail("it was started")
    assert caught.value.status.cause == "container-stopped"
