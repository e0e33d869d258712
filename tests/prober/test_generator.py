"""Requests leave when they are due, or as soon after as a caller is free, and none disappears."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import numpy as np

from jarvis_bench.errors import RequestRefused, TierFailed
from jarvis_bench.prober.generator import Generator
from jarvis_bench.prober.plan import Plan, make_plan
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.stamps import Stamps
from jarvis_bench.tiers.tier import Answer

ANSWER = Answer(np.ones(192, dtype=np.float32))


class Tier:
    """Answers once `gate` is open; remembers the marks it was sent and how many were under way at once."""

    def __init__(self, *, open_: bool = True) -> None:
        self.gate = asyncio.Event()
        self.marks: list[int] = []
        self.most = self.under_way = 0
        self.entered = asyncio.Event()
        if open_:
            self.gate.set()

    async def send(self, number: int, stamps: Stamps) -> Answer:
        self.marks.append(number)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.entered.set()
        try:
            await self.gate.wait()
        finally:
            self.under_way -= 1
        if number == 105:
            raise TierFailed(TierStatus("x", Status.BUSY, "rate-exceeded", "too many"))
        if number == 106:
            raise RequestRefused("clip_too_short", "too short")
        if number == 107:
            raise ValueError("a fault of the client")
        stamps.last_byte_ns = time.perf_counter_ns()
        return ANSWER


async def carry(tier: Tier, plan: Plan, *, grace_s: float = 0.05) -> Generator:
    """That plan, to its end."""
    generator = Generator([tier.send], make_plan(plan), first_number=100, grace_s=grace_s)
    await generator.run()
    return generator


async def test_an_open_plan_is_sent_in_full_and_every_failure_is_told_apart() -> None:
    """Each with a mark of its own; planned times are those of the plan."""
    tier = Tier()
    generator = await carry(tier, Plan("open-constant", 0.2, rate_per_s=100))
    assert tier.marks == list(range(100, 120))
    causes = Counter((request.outcome.value, request.cause) for request in generator.requests)
    assert causes == {
        ("ok", None): 17,
        ("failed", "rate-exceeded"): 1,
        ("failed", "clip_too_short"): 1,
        ("failed", "client-error"): 1,
    }
    assert all(request.ended_ns >= (request.dispatched_ns or 0) for request in generator.requests)
    assert [request.planned_ns - generator.requests[0].planned_ns for request in generator.requests] == [
        number * 10_000_000 for number in range(20)
    ]


async def test_what_is_under_way_at_the_end_is_censored_and_what_never_left_is_dropped() -> None:
    """Two callers, a tier that never answers: two censored, the others dropped at the end of the plan."""
    generator = await carry(Tier(open_=False), Plan("open-constant", 0.1, rate_per_s=100, callers=2))
    assert Counter((request.outcome.value, request.cause) for request in generator.requests) == {
        ("censored", None): 2,
        ("dropped", "no-caller-free"): 8,
    }
    assert all(request.ended_ns >= request.planned_ns for request in generator.requests)
    assert generator.in_flight == 0


async def test_a_request_that_waited_for_a_caller_was_ready_when_one_was_free() -> None:
    """The plan keeps its time: the wait is in the response and is not slip."""
    tier = Tier(open_=False)
    plan = Plan("open-constant", 0.15, rate_per_s=100, callers=1)
    generator = Generator([tier.send], make_plan(plan), first_number=0)
    running = asyncio.create_task(generator.run())
    await tier.entered.wait()
    while len(generator.requests) < 8:
        await asyncio.sleep(0)
    tier.gate.set()
    await running
    assert tier.most == 1
    first, second = generator.requests[:2]
    assert second.ready_ns == first.ended_ns > second.planned_ns
    assert [request.outcome.value for request in generator.requests] == ["ok"] * 15


async def test_a_closed_loop_keeps_so_many_under_way_and_ends_with_its_count() -> None:
    """Four callers, thirty requests."""
    tier = Tier()
    generator = await carry(tier, Plan("closed", 30.0, concurrency=4, requests=30))
    assert len(generator.requests) == 30
    assert tier.most <= 4


async def test_stopping_keeps_what_was_measured() -> None:
    """What was not yet due is dropped as interrupted, what is under way is given a second."""
    tier = Tier()
    plan = Plan("open-constant", 60.0, rate_per_s=50)
    generator = Generator([tier.send], make_plan(plan), first_number=0)
    running = asyncio.create_task(generator.run())
    await tier.entered.wait()
    generator.stop()
    await running
    assert len(generator.requests) == 3000
    count = Counter((request.outcome.value, request.cause) for request in generator.requests)
    assert count["ok", None] >= 1
    assert count["ok", None] + count["dropped", "interrupted"] == 3000


async def test_cancelling_leaves_no_request_behind() -> None:
    """Ctrl-C twice: nothing is under way afterwards."""
    tier = Tier(open_=False)
    generator = Generator([tier.send], make_plan(Plan("closed", 60.0, concurrency=3)), first_number=0)
    running = asyncio.create_task(generator.run())
    await tier.entered.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (tier.under_way, generator.in_flight) == (0, 0)
    assert {request.outcome.value for request in generator.requests} == {"censored"}


async def test_clips_are_repeated_where_the_plan_wants_it() -> None:
    """All with the mark of the first."""
    tier = Tier()
    await carry(tier, Plan("single", 30.0, requests=5, repeat=True))
    assert tier.marks == [100] * 5
