"""The measure for "slow": a tier's own median, apart by the clip's length, forgotten when it is old."""

from __future__ import annotations

import pytest

from jarvis_bench.selection.healthy_latency import HealthyLatency, RecentRatio


def test_a_median_needs_five_answers_of_that_length() -> None:
    healthy = HealthyLatency(600.0)
    for index in range(4):
        healthy.add(1.0, 0.05, float(index))
    assert healthy.median_s(1.0, 4.0) is None
    healthy.add(1.0, 0.07, 4.0)
    assert healthy.median_s(1.0, 4.0) == 0.05
    assert healthy.median_s(1.4, 4.0) == 0.05
    assert healthy.median_s(3.0, 4.0) is None


def test_of_few_answers_the_longest_counts() -> None:
    healthy = HealthyLatency(600.0)
    assert healthy.longest_s(1.0, 0.0) is None
    healthy.add(1.0, 0.07, 1.0)
    healthy.add(1.0, 0.05, 2.0)
    assert healthy.longest_s(1.0, 3.0) == 0.07
    assert healthy.longest_s(1.0, 700.0) is None


def test_what_is_old_is_forgotten() -> None:
    healthy = HealthyLatency(600.0)
    for index in range(5):
        healthy.add(1.0, 0.05, float(index))
    assert healthy.median_s(1.0, 604.0) == 0.05
    assert healthy.median_s(1.0, 604.1) is None
    healthy.add(1.0, 0.5, 700.0)
    assert healthy.median_s(1.0, 700.0) is None


@pytest.mark.parametrize("per_s", [10, 100])
def test_a_burst_is_not_slow_but_most_of_six_seconds_is(per_s: int) -> None:
    """A container that starts beside it slows a tier down for two seconds; that is no reason to leave it."""
    recent, now_s = RecentRatio(), 0.0
    for latency_s in (*[0.05] * 7 * per_s, *[0.4] * 2 * per_s):
        now_s += 1 / per_s
        recent.add(latency_s, 0.05, now_s)
        assert not recent.is_above(3.0, 0.1)
    for _ in range(2 * per_s):
        now_s += 1 / per_s
        recent.add(0.4, 0.05, now_s)
    assert recent.is_above(3.0, 0.1)
    recent.clear()
    assert not recent.is_above(3.0, 0.1)


def test_of_slow_traffic_the_last_three_count() -> None:
    recent = RecentRatio()
    for now_s, latency_s in ((0.0, 0.05), (10.0, 2.0), (20.0, 0.05)):
        recent.add(latency_s, 0.05, now_s)
        assert not recent.is_above(3.0, 0.1)
    recent.add(2.0, 0.05, 30.0)
    assert recent.is_above(3.0, 0.1)


def test_the_noise_of_fast_answers_counts_for_nothing() -> None:
    recent = RecentRatio()
    for index in range(90):
        recent.add(0.01, 0.001, index * 0.1)
    assert not recent.is_above(3.0, 0.1)
