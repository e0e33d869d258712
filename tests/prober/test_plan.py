"""Plans are computed before the test, seeded, kept, and the same on every tier."""

from __future__ import annotations

import dataclasses
import json
from itertools import islice, pairwise
from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.prober.plan import (
    OPEN_POISSON,
    Plan,
    Seeds,
    as_fields,
    checked_answers,
    clip_order,
    from_fields,
    make_plan,
    read_plan,
)


def test_constant_arrivals_are_evenly_spaced() -> None:
    """As many as rate times duration, from the start."""
    plan = make_plan(Plan("open-constant", 2.0, rate_per_s=50))
    assert len(plan.arrivals_ns) == 100
    assert {after - before for before, after in pairwise(plan.arrivals_ns)} == {20_000_000}


def test_poisson_arrivals_have_the_rate_and_the_spread_of_one() -> None:
    """Mean distance 1/rate, and its deviation as large as the mean."""
    plan = make_plan(Plan(OPEN_POISSON, 100.0, rate_per_s=50))
    gaps = [(after - before) / 1e9 for before, after in pairwise(plan.arrivals_ns)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert abs(mean * 50 - 1) < 0.05
    assert abs(deviation / mean - 1) < 0.05
    assert plan.arrivals_ns[-1] < 100e9


def test_a_burst_comes_at_once() -> None:
    """Ten requests together, at the distance that gives the rate."""
    plan = make_plan(Plan("burst", 4.0, rate_per_s=20, burst=10))
    assert len(plan.arrivals_ns) == 80
    assert len(set(plan.arrivals_ns)) == 8


def test_arrivals_follow_their_own_seed_alone() -> None:
    """Another order of clips leaves the arrivals as they are."""
    plan = Plan(OPEN_POISSON, 5.0, rate_per_s=20)
    same = dataclasses.replace(plan, seeds=Seeds(order=2, clips=2, checks=2))
    other = dataclasses.replace(plan, seeds=Seeds(arrivals=2))
    assert make_plan(plan).arrivals_ns == make_plan(same).arrivals_ns != make_plan(other).arrivals_ns


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    """What was kept is what is replayed."""
    plan = make_plan(Plan(OPEN_POISSON, 5.0, rate_per_s=20))
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"schema_version": 1, **as_fields(plan)}), encoding="utf-8")
    assert read_plan(path) == plan
    assert from_fields(as_fields(plan)) == plan


@pytest.mark.parametrize("content", ["[]", "{}", "no", '{"seeds": {"clips": 1, "colour": 2}}'])
def test_a_file_without_a_plan_is_an_error(tmp_path: Path, content: str) -> None:
    """The user's, in words."""
    path = tmp_path / "plan.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="no plan"):
        read_plan(path)


def test_every_round_sends_every_clip() -> None:
    """In a seeded order."""
    plan = Plan("single", 1.0)
    order = list(islice(clip_order(plan, 5), 20))
    assert all(sorted(order[first : first + 5]) == [0, 1, 2, 3, 4] for first in range(0, 20, 5))
    assert order == list(islice(clip_order(plan, 5), 20))
    assert order != list(islice(clip_order(dataclasses.replace(plan, seeds=Seeds(clips=7)), 5), 20))


def test_a_seeded_sample_of_the_answers_is_compared() -> None:
    """64, or all where there are fewer."""
    plan = Plan("single", 1.0)
    assert len(checked_answers(plan, list(range(1000)))) == 64
    assert checked_answers(plan, [3, 4]) == {3, 4}


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (Plan("opne-poisson", 1.0), "open-poisson"),
        (Plan("single", 0.0), "0 s"),
        (Plan(OPEN_POISSON, 1.0), "0 requests/s"),
        (Plan("closed", 1.0, concurrency=0), "caller"),
        (Plan(OPEN_POISSON, 10.0, rate_per_s=1e9), "at most"),
    ],
)
def test_what_is_no_load_test_is_an_error(plan: Plan, told: str) -> None:
    """Named, before anything is sent."""
    with pytest.raises(UsageError, match=told):
        make_plan(plan)


def test_a_load_has_a_short_name() -> None:
    """As tables show it."""
    labels = [Plan("single", 1.0).label, Plan("closed", 1.0, concurrency=16).label]
    assert [*labels, Plan(OPEN_POISSON, 1.0, rate_per_s=12.5).label] == [
        "single",
        "closed-16",
        "open-poisson 12.5/s",
    ]
