"""The warm-up ends when three windows agree, whatever they agree on."""

from __future__ import annotations

import numpy as np

from jarvis_bench.prober.generator import Request
from jarvis_bench.prober.load import Carried
from jarvis_bench.prober.plan import Plan
from jarvis_bench.prober.rows import Outcome
from jarvis_bench.prober.warm_up import Window, agree, nothing_answered, references, warm_up
from jarvis_bench.tiers.tier import Answer

from .rows import request_row


def carried(service_ms: float) -> Carried:
    """Eight answers, one after the other."""
    rows = tuple(request_row(planned_ms=number * service_ms, service_ms=service_ms) for number in range(8))
    return Carried(rows, (), 0, 1, 1.0, interrupted=False, requests=())


async def run(times_ms: list[float]) -> tuple[int, bool]:
    """Windows that were needed, and whether it became stable."""
    left = iter(times_ms)

    async def carry(plan: Plan) -> Carried:
        assert (plan.scenario, plan.requests) == ("closed", 8)
        return carried(next(left))

    found, windows = await warm_up(carry, Plan("single", 1.0), requests=8)
    assert len(windows) == found.windows
    return found.windows, found.stable


async def test_it_ends_with_the_third_window_that_agrees() -> None:
    """The slow first ones do not count against it."""
    assert await run([500, 120, 100, 101, 102, 1]) == (5, True)
    assert await run([100, 100, 100]) == (3, True)


async def test_a_tier_that_never_settles_is_given_ten_windows() -> None:
    """Then it is measured all the same, and the measurement is INCONCLUSIVE."""
    assert await run([100 * 1.3**number for number in range(20)]) == (10, False)


def test_throughput_must_agree_as_well_as_the_median() -> None:
    """The same median with half the answers is no steady state."""
    assert not agree([Window(10, 0.1), Window(10, 0.1), Window(5, 0.1)])
    assert not agree([Window(10, 0.1)] * 2)
    assert not agree([Window(0, 0)] * 3)


def test_the_last_answer_to_each_clip_is_its_reference() -> None:
    """A clip without an answer has none."""
    vectors = [np.full(192, number, dtype=np.float32) for number in (1, 2, 3)]
    requests = tuple(
        Request(index, clip, 0, 0, outcome=Outcome.OK, answer=Answer(vector))
        for index, (clip, vector) in enumerate(zip((0, 1, 0), vectors, strict=True))
    )
    made = Carried((), (), 0, 1, 1.0, interrupted=False, requests=requests)
    first, second, third = references([made], 3)
    assert first is vectors[2]
    assert second is vectors[1]
    assert third is None


def test_a_tier_without_an_answer_is_told_with_its_reason() -> None:
    """The first that it gave."""
    status = nothing_answered(
        "docker", [request_row(outcome="failed", cause="http-500", error="Docker: 500")]
    )
    assert (status.tier, status.cause) == ("docker", "http-500")
    assert "Docker: 500" in status.reason
