"""The server that everything is compared with does what it was told, and tells it."""

from __future__ import annotations

import numpy as np
import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.prober.known_behaviour import Behaviour, Faults
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.tiers.service_client import ServiceClient

from .known_loads import log_of

SAMPLES = np.zeros(16_000, dtype=np.float32)


async def test_it_counts_what_it_does() -> None:
    """Errors only, and a log that is no clip."""
    async with known_server(Behaviour(error_share=1.0)) as url:
        client = ServiceClient(url, tier="known", title="Known")
        for _ in range(3):
            with pytest.raises(TierFailed):
                await client.embed(SAMPLES)
        await client.aclose()
        told = await log_of(url)
    assert (told["received"], told["errors"], told["served"]) == (3, 3, 0)


def test_faults_are_seeded() -> None:
    """The same seed gives the same fates, in the shares that were asked for."""
    behaviour = Behaviour(error_share=0.05, reset_share=0.1, wrong_share=0.2)
    first, again = Faults(behaviour), Faults(behaviour)
    fates = [first.fate() for _ in range(4000)]
    assert fates == [again.fate() for _ in range(4000)]
    assert 150 < fates.count("error") < 250
    assert 340 < fates.count("reset") < 460
    assert 700 < fates.count("wrong") < 900


def test_without_faults_every_clip_is_answered() -> None:
    """And nothing holds it up."""
    faults = Faults(Behaviour())
    faults.hold_still()
    assert faults.fate() == ""
    assert (faults.freezes, faults.stalls) == (0, 0)
