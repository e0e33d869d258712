"""The scripted tier: it keeps to its time line, and freezes and dies as real ones do."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from jarvis_bench.errors import TierFailed, UsageError
from jarvis_bench.kit.virtual_time import now_s, run_virtually
from jarvis_bench.records import Status
from jarvis_bench.tiers.fake import DEAD, GOOD, STOPPED, Behaviour, FakeTier
from jarvis_bench.tiers.tier import Tier

CLIP = np.linspace(-0.5, 0.5, 400, dtype=np.float32)
BUSY = Behaviour(status=Status.BUSY, cause="rate-exceeded", retry_after_s=7.0)


def tier(*script: tuple[float, Behaviour], **options: float) -> FakeTier:
    """A tier on the clock of the loop that runs."""
    return FakeTier("fake", script, clock=now_s, **options)  # type: ignore[arg-type]  # all of them are seconds


def test_it_is_a_tier() -> None:
    """It can stand wherever a real one can."""
    as_tier: Tier = FakeTier()
    assert as_tier.name == "fake"


def test_answers_take_their_time_and_are_the_same_everywhere() -> None:
    """192 finite numbers, equal on two tiers, after the scripted latency."""

    async def main() -> None:
        began_s = now_s()
        one = await tier((0.0, Behaviour(latency_s=0.3))).embed(CLIP)
        assert now_s() - began_s == pytest.approx(0.3)
        two = await tier().embed(CLIP)
        assert one.vector.shape == (192,)
        assert np.isfinite(one.vector).all()
        assert np.array_equal(one.vector, two.vector)

    run_virtually(main())


def test_the_time_line_holds() -> None:
    """Each entry from its second on, for probes and for embeddings alike."""

    async def main() -> None:
        fake = tier((1.0, BUSY), (2.0, DEAD), (3.0, GOOD))
        assert (await fake.probe()).status is Status.READY
        await asyncio.sleep(1.0)
        with pytest.raises(TierFailed) as busy:
            await fake.embed(CLIP)
        assert (busy.value.status.cause, busy.value.retry_after_s) == ("rate-exceeded", 7.0)
        await asyncio.sleep(1.0)
        assert (await fake.probe()).cause == "unreachable"
        await asyncio.sleep(1.0)
        await fake.embed(CLIP)

    run_virtually(main())


def test_what_dies_takes_its_requests_with_it() -> None:
    """A request under way ends as it does when a container is killed."""

    async def main() -> None:
        fake = tier((0.0, Behaviour(latency_s=1.0)), (0.5, DEAD))
        with pytest.raises(TierFailed) as lost:
            await fake.embed(CLIP)
        assert lost.value.status.cause == "connection-lost"

    run_virtually(main())


def test_what_freezes_goes_on_where_it_stopped() -> None:
    """Requests and probes wait while it hangs, and are answered after that."""

    async def main() -> None:
        fake = tier((0.5, Behaviour(hangs=True)), (9.0, GOOD))
        await asyncio.sleep(0.6)
        began_s = now_s()
        await asyncio.gather(fake.embed(CLIP), fake.probe())
        assert now_s() - began_s == pytest.approx(8.45, abs=0.01)

    run_virtually(main())


def test_a_hang_ends_when_told_otherwise() -> None:
    """`act` reaches those who wait already."""

    async def main() -> None:
        fake = tier((0.0, Behaviour(hangs=True)))
        waiting = asyncio.create_task(fake.embed(CLIP))
        await asyncio.sleep(100.0)
        assert not waiting.done()
        fake.act(GOOD)
        await waiting

    run_virtually(main())


def test_start_and_stop() -> None:
    """Starting takes its time once, and nothing where it is ready already."""

    async def main() -> None:
        fake = tier((0.0, STOPPED), start_s=4.0)
        assert (await fake.probe()).status is Status.STOPPED
        began_s = now_s()
        await fake.start()
        await fake.start()
        assert now_s() - began_s == pytest.approx(4.0)
        assert (await fake.probe()).status is Status.READY
        await fake.stop()
        assert (await fake.probe()).status is Status.STOPPED

    run_virtually(main())


def test_it_lies_where_told_to() -> None:
    """A probe that says ready, an answer that is not finite."""

    async def main() -> None:
        seeming = tier((0.0, Behaviour(status=Status.BROKEN, cause="http-500", seems_ready=True)))
        assert (await seeming.probe()).status is Status.READY
        with pytest.raises(TierFailed):
            await seeming.embed(CLIP)
        assert not np.isfinite((await tier((0.0, Behaviour(wrong=True))).embed(CLIP)).vector).any()

    run_virtually(main())


def test_memory_is_what_the_script_says() -> None:
    """Or nothing, which is not 0."""

    async def main() -> None:
        assert await tier().memory() == ()
        (reading,) = await tier((0.0, Behaviour(memory_bytes=5))).memory()
        assert (reading.metric, reading.bytes, reading.how) == ("scripted", 5, "scripted")

    run_virtually(main())


def test_jitter_comes_from_the_seed() -> None:
    """The same seed waits the same."""

    async def main() -> None:
        jittery = Behaviour(latency_s=1.0, jitter=0.5)
        took = [
            [(await tier((0.0, jittery), seed=seed).embed(CLIP)).model_s for _ in range(2)] for seed in (1, 2)
        ]
        assert took[0][0] != took[1][0]
        assert all(1.0 <= value <= 1.5 for pair in took for value in pair if value is not None)

    run_virtually(main())


def test_a_script_that_goes_back_in_time_is_an_error() -> None:
    """It names the tier and the times."""
    with pytest.raises(UsageError, match=r"'fake'.*2\.0, 1\.0"):
        FakeTier("fake", [(2.0, DEAD), (1.0, GOOD)])
