"""When each request of a load test is due, computed before the test starts, seeded, and kept with its result."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jarvis_bench.errors import UsageError, unknown_name

SINGLE, CLOSED = "single", "closed"
OPEN_CONSTANT, OPEN_POISSON, BURST, FIND_PEAK = "open-constant", "open-poisson", "burst", "find-peak"
OPEN = frozenset({OPEN_CONSTANT, OPEN_POISSON, BURST})
SCENARIOS = (SINGLE, CLOSED, OPEN_CONSTANT, OPEN_POISSON, BURST, FIND_PEAK)
CHECKED = 64
MOST_REQUESTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Seeds:
    """One for each thing that is drawn, so that any can be changed alone (MLPerf's load generator has the same four).

    `clips`: where the order of clips begins; `order`: the order in each round; `arrivals`: planned times;
    `checks`: which answers are compared.
    """

    clips: int = 1
    order: int = 1
    arrivals: int = 1
    checks: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One of `of` parts of a load: every `of`-th request of the whole, from `number` on; all of it by default.

    The parts together send what one client would: the same requests, at the same times, with the same clips.
    """

    number: int = 0
    of: int = 1

    def place(self, count: int) -> int:
        """The place in the whole of this part's own request `count`; no two parts have one in common."""
        return count * self.of + self.number

    def share(self, whole: int) -> int:
        """How many of so many callers or requests are this part's."""
        return whole // self.of + (self.number < whole % self.of)


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Plan:
    """One load test.

    Args:
        scenario: `single` and `closed` send the next request when one is answered; the open ones at planned times.
        duration_s: of the test; a closed loop starts no request after it.
        concurrency: callers of a closed loop.
        rate_per_s: mean arrivals a second of an open one; 0 for a closed one.
        requests: of a closed loop, at most so many; 0 for as many as fit.
        burst: requests at once in `burst`.
        callers: of an open one, at most so many requests under way; what is due beyond waits for a free caller, and
            its response time grows while its service time does not.
        repeat: send each clip unchanged again and again, so that a tier that remembers answers shows it.
        seeds: of all that is drawn.
        arrivals_ns: planned times of an open one, in nanoseconds from its start.
    """

    scenario: str
    duration_s: float
    concurrency: int = 1
    rate_per_s: float = 0.0
    requests: int = 0
    burst: int = 10
    callers: int = 256
    repeat: bool = False
    seeds: Seeds = Seeds()
    arrivals_ns: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether requests come at planned times, whatever becomes of those before."""
        return self.scenario in OPEN

    @property
    def most_under_way(self) -> int:
        """Requests that may be under way at once; a client needs as many connections."""
        return self.callers if self.is_open else self.concurrency

    @property
    def label(self) -> str:
        """The load in a word: `single`, `closed-16`, `open-poisson 12.5/s`."""
        name = f"{self.scenario}-{self.concurrency}" if self.scenario == CLOSED else self.scenario
        if self.is_open:
            name = f"{self.scenario} {self.rate_per_s:.3g}/s"
        return f"{name}, repeated" if self.repeat else name


def make_plan(plan: Plan) -> Plan:
    """The plan with its arrivals.

    Raises:
        UsageError: an unknown scenario, or numbers that make no load test.
    """
    if plan.scenario not in SCENARIOS:
        raise unknown_name("scenario", plan.scenario, SCENARIOS)
    if not 0 < plan.duration_s <= 86_400:
        raise UsageError(f"a load test of {plan.duration_s:g} s: choose more than 0 and at most 86400")
    if plan.is_open and not 0 < plan.rate_per_s * plan.duration_s <= MOST_REQUESTS:
        raise UsageError(
            f"{plan.rate_per_s:g} requests/s for {plan.duration_s:g} s: at least one and at most {MOST_REQUESTS} in all"
        )
    if min(plan.concurrency, plan.burst, plan.callers) < 1 or plan.requests < 0:
        raise UsageError("a closed loop needs at least one caller, a burst at least one request")
    return dataclasses.replace(plan, arrivals_ns=tuple(_arrivals(plan)) if plan.is_open else ())


def _arrivals(plan: Plan) -> Iterator[int]:
    end_ns, rate = round(plan.duration_s * 1e9), plan.rate_per_s
    if plan.scenario == OPEN_CONSTANT:
        yield from (round(number / rate * 1e9) for number in range(max(1, round(rate * plan.duration_s))))
    elif plan.scenario == BURST:
        count = max(1, round(rate * plan.duration_s / plan.burst))
        for number in range(count):
            yield from [round(number * plan.burst / rate * 1e9)] * plan.burst
    else:
        draw, due_ns = random.Random(f"arrivals {plan.seeds.arrivals}"), 0.0
        while True:
            due_ns += draw.expovariate(rate) * 1e9
            if due_ns >= end_ns:
                break
            yield round(due_ns)


def part_of(plan: Plan, part: Part) -> Plan:
    """A part of the plan with its share of arrivals, callers and requests."""
    return dataclasses.replace(
        plan,
        concurrency=part.share(plan.concurrency),
        rate_per_s=plan.rate_per_s / part.of,
        requests=part.share(plan.requests),
        callers=part.share(plan.callers),
        arrivals_ns=plan.arrivals_ns[part.number :: part.of],
    )


def clip_order(plan: Plan, clips: int) -> Iterator[int]:
    """Which clip each request sends, for ever: all of them in every round, in a seeded order."""
    draw = random.Random(f"order {plan.seeds.order}")
    numbers = list(range(clips))
    random.Random(f"clips {plan.seeds.clips}").shuffle(numbers)
    while True:
        yield from numbers
        draw.shuffle(numbers)


def checked_answers(plan: Plan, answered: list[int]) -> set[int]:
    """Which of these answers are compared: 64 of them at most, seeded."""
    draw = random.Random(f"checks {plan.seeds.checks}")
    return set(draw.sample(answered, min(CHECKED, len(answered))))


def as_fields(plan: Plan) -> dict[str, Any]:
    """The plan as values of JSON."""
    return dataclasses.asdict(plan)


def from_fields(fields: dict[str, Any]) -> Plan:
    """The plan that `as_fields` wrote.

    Raises:
        UsageError: it is none.
    """
    try:
        values = {**fields, "seeds": Seeds(**fields["seeds"]), "arrivals_ns": tuple(fields["arrivals_ns"])}
        return Plan(**values)
    except (KeyError, TypeError) as exc:
        raise UsageError(f"no plan of a load test: {exc}") from exc


def read_plan(path: Path) -> Plan:
    """A plan that a load test has kept, to replay it.

    Raises:
        UsageError: the file cannot be read or holds no plan.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise UsageError(f"{path} holds no plan of a load test: {exc}") from exc
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no plan of a load test")
    return from_fields({name: value for name, value in content.items() if name != "schema_version"})
