"""Five hundred random fault schedules; `make bench-router` runs ten thousand."""

from __future__ import annotations

import pytest

from jarvis_bench.tiers.fake import Behaviour
from tests.selection.simulation import Fault, Schedule, broken_promises, make_schedule, simulate

SEEDS = 500


@pytest.mark.parametrize("first", range(0, SEEDS, 100))
def test_random_faults_break_no_promise(first: int) -> None:
    """The message begins with the seed, which tells the whole story again."""
    for seed in range(first, first + 100):
        assert (seed, broken_promises(simulate(make_schedule(seed)))) == (seed, [])


def test_a_seed_tells_the_same_story_again() -> None:
    """Every time stamp, tier and attempt."""
    one, two = (simulate(make_schedule(7)) for _ in range(2))
    assert one.outcomes == two.outcomes
    assert one.state == two.state


def test_a_broken_promise_would_be_found() -> None:
    """All tiers hang for good: requests are lost, and where one of them is said to be good, that is told."""
    hang = Behaviour(hangs=True)
    faults = tuple(Fault(tier, 5.0, 100.0, hang) for tier in ("docker", "cloud-run", "local"))
    history = simulate(Schedule(0, faults, (6.0, 30.0), float("inf")))
    assert [one.tier for one in history.outcomes] == [None, None]
    assert broken_promises(history) == []
    history.schedule = Schedule(0, faults[:2], (6.0, 30.0), float("inf"))
    assert "lost, local was good all the time" in broken_promises(history)[0]
