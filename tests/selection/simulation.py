"""Random fault schedules against fake tiers on a virtual clock; a seed makes the schedule and all that follows.

`python -m tests.selection.simulation SEED` prints what happened under one seed.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from jarvis_bench.errors import TierFailed
from jarvis_bench.kit.virtual_time import run_virtually
from jarvis_bench.records import Status
from jarvis_bench.selection.policy import ORDER
from jarvis_bench.selection.router import Router
from jarvis_bench.selection.router_state import RouterState
from jarvis_bench.selection.rules import Rules
from jarvis_bench.selection.trial_clip import TrialClip
from jarvis_bench.tiers.fake import GOOD, Behaviour, FakeTier

CLIP = np.linspace(-0.5, 0.5, 400, dtype=np.float32)
RULES = Rules()
CALM_S = 25.0
# After the last fault a tier may still have to wait out its back-off and its trial, and some probes of each.
RETURN_S = RULES.back_off_most_s + RULES.good_over_s + 4 * RULES.probe_every_s
SLACK_S = 0.01


@dataclass(frozen=True)
class Fault:
    """One tier is not well from `start_s` to `end_s`."""

    tier: str
    start_s: float
    end_s: float
    behaviour: Behaviour


@dataclass(frozen=True)
class Schedule:
    """The faults and the arrivals of one seed; `calm_from_s` is where the last stretch without faults is settled."""

    seed: int
    faults: tuple[Fault, ...]
    arrivals_s: tuple[float, ...]
    calm_from_s: float


@dataclass
class Outcome:
    """One request: which tier answered, None where none did."""

    planned_s: float
    ended_s: float = 0.0
    tier: str | None = None
    attempts: int = 0
    right: bool = True


@dataclass
class History:
    """All that happened under one seed."""

    schedule: Schedule
    outcomes: list[Outcome] = field(default_factory=list)
    state: RouterState | None = None


def make_schedule(seed: int) -> Schedule:
    """Up to six faults of all kinds on three tiers, which may overlap; one schedule in eight ends in a long calm."""
    rng = random.Random(seed)
    faults: list[Fault] = []
    at_s = CALM_S
    for _ in range(rng.randint(1, 6)):
        at_s += rng.uniform(0.0, 8.0)
        lasts_s = rng.choice((0.5, 2.0, 6.0, 15.0)) * rng.uniform(0.5, 1.5)
        faults.append(Fault(rng.choice(ORDER), at_s, at_s + lasts_s, _behaviour(rng)))
    ends_s = max(fault.end_s for fault in faults)
    long = rng.random() < 0.125
    calm_from_s = ends_s + RETURN_S if long else float("inf")
    busy = _arrivals(rng, 0.0, ends_s + 5.0, rng.choice((0.5, 1.0, 4.0)))
    calm = _arrivals(rng, calm_from_s, calm_from_s + 60.0, 1.0) if long else []
    return Schedule(seed, tuple(faults), (*busy, *calm), calm_from_s)


def _arrivals(rng: random.Random, begin_s: float, end_s: float, per_s: float) -> list[float]:
    times, at_s = [], begin_s
    while (at_s := at_s + rng.expovariate(per_s)) < end_s:
        times.append(at_s)
    return times


def _behaviour(rng: random.Random) -> Behaviour:
    broken = Status.BROKEN
    return rng.choice(
        (
            Behaviour(status=broken, cause="unreachable"),
            Behaviour(status=broken, cause="http-500"),
            Behaviour(status=broken, cause="http-500", seems_ready=True),
            Behaviour(hangs=True),
            Behaviour(latency_s=2.0),
            Behaviour(latency_s=0.4),
            Behaviour(wrong=True),
            Behaviour(status=Status.BUSY, cause="rate-exceeded", retry_after_s=rng.choice((None, 1.0, 5.0))),
            Behaviour(status=Status.STARTING, cause="not-ready", retry_after_s=rng.choice((None, 2.0))),
            Behaviour(status=Status.MISCONFIGURED, cause="unauthorised"),
            Behaviour(status=Status.STOPPED, cause="container-stopped"),
        )
    )


def script_of(tier: str, faults: Sequence[Fault], latency_s: float) -> list[tuple[float, Behaviour]]:
    """The time line of one tier; of faults that overlap, the later one holds."""
    mine = [fault for fault in faults if fault.tier == tier]
    well = Behaviour(latency_s=latency_s, jitter=0.3)
    edges = sorted({0.0, *(fault.start_s for fault in mine), *(fault.end_s for fault in mine)})
    return [(edge_s, _holds(mine, edge_s, well)) for edge_s in edges]


def _holds(faults: Sequence[Fault], at_s: float, well: Behaviour) -> Behaviour:
    return next((fault.behaviour for fault in reversed(faults) if fault.start_s <= at_s < fault.end_s), well)


def simulate(schedule: Schedule) -> History:
    """Carry it out, in no time."""
    return run_virtually(_simulate(schedule))


async def _simulate(schedule: Schedule) -> History:
    clock = asyncio.get_running_loop().time
    began_s = clock()
    tiers = [
        FakeTier(name, script_of(name, schedule.faults, latency_s), seed=schedule.seed, clock=clock)
        for name, latency_s in zip(ORDER, (0.05, 0.12, 0.08), strict=True)
    ]
    expected = (await FakeTier("reference", [(0.0, GOOD)], clock=clock).embed(CLIP)).vector
    history = History(schedule)
    known = TrialClip(CLIP, expected, clock=clock)
    async with Router(tiers, rules=RULES, trial_clip=known, clock=clock, wall=clock) as router:

        async def ask(planned_s: float) -> None:
            outcome = Outcome(planned_s)
            history.outcomes.append(outcome)
            try:
                served = await router.serve(CLIP)
            except TierFailed:
                pass
            else:
                outcome.tier, outcome.attempts = served.tier, served.attempts
                outcome.right = bool(np.array_equal(served.answer.vector, expected))
            outcome.ended_s = clock() - began_s

        async with asyncio.TaskGroup() as group:
            for planned_s in schedule.arrivals_s:
                await asyncio.sleep(max(0.0, began_s + planned_s - clock()))
                group.create_task(ask(clock() - began_s))
        history.state = router.state()
    return history


def broken_promises(history: History) -> list[str]:
    """What must never happen, in words; empty where all is well."""
    schedule, counters = history.schedule, history.state.counters if history.state else None
    assert counters is not None
    found = [
        f"request at {one.planned_s:.2f} s lost, {good} was good all the time"
        for one in history.outcomes
        if one.tier is None and (good := _good_throughout(schedule, one))
    ]
    found += [
        f"request at {one.planned_s:.2f} s answered wrongly" for one in history.outcomes if not one.right
    ]
    found += [
        f"request at {one.planned_s:.2f} s took {one.ended_s - one.planned_s:.2f} s"
        for one in history.outcomes
        if one.ended_s - one.planned_s > RULES.deadline_s + SLACK_S
    ]
    passed_s = history.outcomes[-1].ended_s if history.outcomes else 0.0
    allowed = RULES.retry_share * counters.requests + RULES.retry_per_s * (passed_s + 2.0)
    if counters.retries > allowed:
        found.append(f"{counters.retries} retries, {allowed:.0f} allowed")
    if counters.sent != counters.requests + counters.failovers + counters.retries:
        found.append(f"the counters disagree: {counters}")
    first_fault_s = min(fault.start_s for fault in schedule.faults)
    found += _calm(history, 0.0, first_fault_s - 1.0) + _calm(history, schedule.calm_from_s, float("inf"))
    return found


def _good_throughout(schedule: Schedule, one: Outcome) -> str | None:
    """A tier without a fault from the request's arrival to its end."""
    for tier in ORDER:
        meets = (
            fault.start_s < one.planned_s + RULES.deadline_s
            # Who says until when it is busy is taken at its word.
            and fault.end_s + (fault.behaviour.retry_after_s or 0.0) > one.planned_s
            for fault in schedule.faults
            if fault.tier == tier
        )
        if not any(meets):
            return tier
    return None


def _calm(history: History, begin_s: float, end_s: float) -> list[str]:
    """A stretch without faults: the first choice serves, and nothing is sent twice."""
    within = [one for one in history.outcomes if begin_s <= one.planned_s < end_s]
    if len(within) < 10:
        return []
    first = sum(one.tier == ORDER[0] for one in within) / len(within)
    sent = sum(max(1, one.attempts) for one in within) / len(within)
    found = [f"only {first:.0%} by the first choice from {begin_s:.0f} s on"] if first < 0.95 else []
    return found + ([f"{sent:.3f} sent for one planned from {begin_s:.0f} s on"] if sent > 1.02 else [])


def main() -> None:
    """Print one seed's story."""
    history = simulate(make_schedule(int(sys.argv[1])))
    lines = [str(fault) for fault in history.schedule.faults]
    lines += [str(one) for one in history.outcomes]
    lines += [str(switch) for switch in (history.state.switches if history.state else ())]
    lines += [str(change) for change in (history.state.changes if history.state else ())]
    lines += [f"BROKEN: {promise}" for promise in broken_promises(history)] or ["all promises kept"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
