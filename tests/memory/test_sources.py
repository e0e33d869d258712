"""Where readings come from: processes, and tiers that tell."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory.sources import ContainerSource, ProcessSource, TierSource
from jarvis_bench.process_memory import HAS_PROC
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.tier import Answer, MemoryReading

from .holder import holder


class TellingTier:
    """A tier that says what it holds."""

    name = "docker"
    title = "Docker"
    when_silent = Status.BROKEN

    def __init__(self, *readings: MemoryReading) -> None:
        self.readings = readings
        self.started = 0

    async def probe(self) -> TierStatus:
        """Always ready."""
        return TierStatus(self.name, Status.READY, "ok", "ready")

    async def start(self) -> None:
        """Count."""
        self.started += 1

    async def stop(self) -> None:
        """Nothing runs."""

    async def embed(self, samples: object) -> Answer:
        """The same vector for every clip."""
        return Answer(np.ones(192, np.float32))

    async def memory(self) -> tuple[MemoryReading, ...]:
        """What it was made with."""
        return self.readings

    async def aclose(self) -> None:
        """Nothing is held."""


@pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)")
async def test_a_process_gives_few_figures_cheaply_and_all_of_them_on_demand() -> None:
    """Dense ones for ten a second; the full ones by name, and what both took."""
    with holder() as process:
        source = ProcessSource(process.pid)
        assert set(source.dense()) == {"rss", "rss-anon", "rss-file"}
        full = {reading.metric: reading for reading in await source.full()}
        assert {"pss", "uss", "vm-hwm"} <= full.keys()
        assert all(reading.how == "measured" for reading in full.values())
        assert source.reset_peak()
        assert 0 < source.cpu_s < 1


async def test_a_process_that_is_gone_is_an_error() -> None:
    """Neither figure is 0."""
    source = ProcessSource(2**22 + 1)
    with pytest.raises(NothingMeasured):
        await source.full()
    with pytest.raises(NothingMeasured):
        source.dense()


async def test_a_tier_is_asked_and_what_it_says_keeps_its_label() -> None:
    """Self-reported stays self-reported; its marks are not ours to set."""
    reading = MemoryReading("anon", 5, "self-reported")
    source = TierSource(TellingTier(reading))
    assert await source.full() == (reading,)
    assert source.dense() == {}
    assert not source.reset_peak()


@pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)")
async def test_a_timeline_asks_a_tier_every_other_time_and_reads_a_process_always() -> None:
    """To ask costs more than to read."""
    tier = TellingTier(MemoryReading("docker-stats", 5))
    with holder() as process:
        container = ContainerSource(tier, process.pid)
        found = [{one.metric for one in await container.sampled()} for _ in range(4)]
    assert ["docker-stats" in metrics for metrics in found] == [True, False, True, False]
    assert all("pss" in metrics for metrics in found)
    alone = TierSource(tier)
    assert [len(await alone.sampled()) for _ in range(4)] == [1, 0, 1, 0]


async def test_a_tier_that_says_nothing_is_an_error_with_its_name() -> None:
    """Unmeasured is not 0."""
    with pytest.raises(NothingMeasured, match="docker gives no figure"):
        await TierSource(TellingTier()).full()


@pytest.mark.skipif(not HAS_PROC, reason="the limit is for Linux's figures")
async def test_sampling_at_the_promised_rates_is_cheap() -> None:
    """Ten cheap readings and a full one of this very process: far from a second; the bench holds them to 2 % of one."""
    source = ProcessSource(os.getpid())
    await source.full()
    cpu_s, started_s = source.cpu_s, time.process_time()
    for _ in range(3):
        for _ in range(10):
            source.dense()
        await source.full()
    assert (source.cpu_s - cpu_s) / 3 < 0.1
    assert (time.process_time() - started_s) / 3 < 0.2


@pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)")
async def test_a_container_has_its_own_figures_and_those_of_its_process() -> None:
    """Under different names; where the process cannot be read, the container's are left."""
    tier = TellingTier(MemoryReading("docker-stats", 5))
    with holder() as process:
        source = ContainerSource(tier, process.pid)
        assert {"docker-stats", "pss", "vm-hwm"} <= {reading.metric for reading in await source.full()}
        assert "rss" in source.dense()
        assert source.reset_peak()
        assert source.cpu_s > 0
    for elsewhere in (ContainerSource(tier, None), ContainerSource(tier, 2**22 + 1)):
        assert [reading.metric for reading in await elsewhere.full()] == ["docker-stats"]
        assert elsewhere.dense() == {}
        assert not elsewhere.reset_peak()
