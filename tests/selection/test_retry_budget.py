"""The budget: a share of the requests, so many a second, and not more saved than two seconds' worth."""

from __future__ import annotations

import pytest

from jarvis_bench.selection.retry_budget import RetryBudget


class Clock:
    """A clock that stands until it is moved."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def taken(budget: RetryBudget) -> int:
    """How many retries can be paid for now."""
    count = 0
    while budget.take():
        count += 1
    return count


def test_time_earns_and_is_saved_for_two_seconds_at_most() -> None:
    clock = Clock()
    budget = RetryBudget(0.2, 10.0, clock)
    assert taken(budget) == 20
    clock.now_s = 0.5
    assert taken(budget) == 5
    clock.now_s = 100.0
    assert taken(budget) == 20


def test_five_requests_earn_one_retry() -> None:
    budget = RetryBudget(0.2, 0.0, Clock())
    assert taken(budget) == 1
    for _ in range(5):
        assert not budget.take()
        budget.earn()
    assert taken(budget) == 1
    assert budget.wait_s() == float("inf")


def test_it_tells_when_the_next_one_is_earned() -> None:
    clock = Clock()
    budget = RetryBudget(0.2, 10.0, clock)
    taken(budget)
    assert budget.wait_s() == pytest.approx(0.1)
    clock.now_s = 0.11
    assert budget.wait_s() == 0.0
    assert budget.take()
