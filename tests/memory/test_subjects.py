"""What is walked: processes of ours, tiers, and a client that only asks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory.subjects import TierSubject, client_subject, embed_all
from jarvis_bench.tiers.tier import MemoryReading

from .test_sources import TellingTier

CLIP = np.zeros(16_000, np.float32)


class Counting:
    """Counts how many embeddings are under way at once."""

    def __init__(self, fail: bool = False) -> None:
        self.now, self.most, self.done, self._fail = 0, 0, 0, fail

    async def embed(self, samples: NDArray[np.float32]) -> None:
        """One turn of the loop each."""
        if self._fail:
            raise NothingMeasured("the clip was refused")
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        self.done += 1


async def test_so_many_at_a_time_and_each_clip_once() -> None:
    """Concurrency is kept, and nothing is done twice."""
    counting = Counting()
    await embed_all(counting, [CLIP] * 10, concurrency=4)
    assert (counting.most, counting.done) == (4, 10)


async def test_an_error_comes_through_as_itself() -> None:
    """Not as a group: the caller knows the error, not how many asked at once."""
    with pytest.raises(NothingMeasured, match="refused"):
        await embed_all(Counting(fail=True), [CLIP] * 4, concurrency=4)


async def test_a_tier_is_started_and_asked() -> None:
    """It imports and loads by itself, so those phases are skipped with the reason."""
    tier = TellingTier(MemoryReading("anon", 1))
    subject = TierSubject(tier, "onnx")
    await subject.reach("loaded")
    await subject.embed([CLIP], concurrency=1)
    assert (tier.started, subject.tier, subject.of) == (1, "docker", "server")
    assert set(subject.skipped) == {"before", "imported"}


async def test_a_client_says_what_went_wrong(tmp_path: Path) -> None:
    """It lives on after an error, and imports HTTP only when told."""
    body = tmp_path / "body.json"
    body.write_text("{}", encoding="utf-8")
    async with client_subject("http://127.0.0.1:9", body, tier="cloud-run", runtime="onnx") as client:
        await client.reach("before")
        with pytest.raises(NothingMeasured, match=r"'embed 1 1'.*The service"):
            await client.embed([CLIP], concurrency=1)
        await client.reach("imported")
        assert "loaded" in client.skipped
