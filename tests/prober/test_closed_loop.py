"""A closed loop of one sends what was planned and records what came back."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.ecapa.worker_client import Embedding
from jarvis_bench.errors import NothingMeasured, WorkerDied
from jarvis_bench.prober.closed_loop import closed_loop
from jarvis_bench.records import LatencyRow


def clip(name: str, seconds: float) -> Clip:
    """A clip without sound."""
    return Clip(name, "nobody", "en", seconds, np.zeros(16, np.float32))


CLIPS = (clip("short-a", 1.0), clip("short-b", 1.0), clip("long-a", 10.0))


class Tier:
    """Embeds in no time and remembers what it was sent; `failures` by the number of the request."""

    def __init__(self, failures: dict[int, Exception] | None = None) -> None:
        self.sent: list[str] = []
        self._failures = failures or {}

    async def embed(self, clip: Clip) -> Embedding:
        """The embedding of silence."""
        self.sent.append(clip.name)
        if failure := self._failures.get(len(self.sent) - 1):
            raise failure
        return Embedding(np.zeros(192, np.float32), 0.25)


async def run(tier: Tier, requests: dict[float, int], *, warmup: int = 0, seed: int = 1) -> list[LatencyRow]:
    """A closed loop over that tier."""
    return await closed_loop(
        tier.embed, CLIPS, tier="local", runtime="fake", requests=requests, warmup=warmup, seed=seed
    )


async def test_every_planned_request_is_sent_and_recorded() -> None:
    """As many timed requests of each length as planned, and the warm-up of each before them, marked."""
    tier = Tier()
    rows = await run(tier, {1.0: 6, 10.0: 2}, warmup=3)
    assert Counter((row.clip_s, row.warmup) for row in rows) == {
        (1.0, True): 3,
        (1.0, False): 6,
        (10.0, True): 3,
        (10.0, False): 2,
    }
    assert [row.clip for row in rows] == tier.sent
    assert [row.index for row in rows] == list(range(14))
    assert not any(row.warmup for row in rows[6:])
    assert all(row.ok and row.error is None and row.model_s == 0.25 for row in rows)
    assert {(row.tier, row.runtime) for row in rows} == {("local", "fake")}


async def test_clips_of_one_length_take_turns() -> None:
    """No clip is sent twice before the others of its length: a cache would answer it."""
    tier = Tier()
    await run(tier, {1.0: 4})
    assert tier.sent == ["short-a", "short-b", "short-a", "short-b"]


async def test_lengths_are_interleaved_in_rounds() -> None:
    """Each round holds every length once, so that a change of speed touches all alike."""
    rows = await run(Tier(), {1.0: 20, 10.0: 20})
    lengths = [row.clip_s for row in rows]
    rounds = [tuple(lengths[start : start + 2]) for start in range(0, 40, 2)]
    assert set(rounds) == {(1.0, 10.0), (10.0, 1.0)}


async def test_order_follows_the_seed() -> None:
    """The same seed sends in the same order, another seed in another."""
    first, again, other = Tier(), Tier(), Tier()
    for tier, seed in ((first, 1), (again, 1), (other, 2)):
        await run(tier, {1.0: 20, 10.0: 20}, seed=seed)
    assert first.sent == again.sent
    assert first.sent != other.sent


async def test_next_request_waits_for_the_last_answer() -> None:
    """Stamps of one clock: a request is planned when it is sent, and none overlaps another."""
    rows = await run(Tier(), {1.0: 5, 10.0: 5})
    assert all(row.planned_ns == row.sent_ns <= row.last_byte_ns for row in rows)
    assert all(before.last_byte_ns <= after.sent_ns for before, after in pairwise(rows))


async def test_failed_request_is_recorded_and_the_loop_goes_on() -> None:
    """A refused clip is a row with the reason, not the end of the measurement."""
    rows = await run(Tier({2: NothingMeasured("embed: the clip is empty")}), {1.0: 5})
    assert [row.ok for row in rows] == [True, True, False, True, True]
    assert (rows[2].error, rows[2].model_s) == ("embed: the clip is empty", None)


async def test_dead_worker_ends_the_loop() -> None:
    """Without a tier there is nothing left to measure."""
    tier = Tier({2: WorkerDied("the model process ended")})
    with pytest.raises(WorkerDied, match="the model process ended"):
        await run(tier, {1.0: 5})
    assert len(tier.sent) == 3


async def test_progress_tells_how_far_it_is() -> None:
    """Requests done and requests planned, after each."""
    told: list[tuple[int, int]] = []
    await closed_loop(
        Tier().embed,
        CLIPS,
        tier="local",
        runtime="fake",
        requests={1.0: 2},
        warmup=1,
        seed=1,
        progress=lambda done, planned: told.append((done, planned)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
