"""The measure for "slow": a tier's own median, apart by the clip's length, forgotten when it is old."""

from __future__ import annotations

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


def test_what_is_old_is_forgotten() -> None:
    healthy = HealthyLatency(600.0)
    for index in range(5):
        healthy.add(1.0, 0.05, float(index))
    assert healthy.median_s(1.0, 604.0) == 0.05
    assert healthy.median_s(1.0, 604.1) is None
    healthy.add(1.0, 0.5, 700.0)
    assert healthy.median_s(1.0, 700.0) is None


def test_one_slow_answer_is_not_slow() -> None:
    recent = RecentRatio()
    for latency_s in (0.05, 0.05, 2.0, 0.05, 2.0):
        recent.add(latency_s, 0.05)
        assert not recent.is_above(3.0, 0.1)
    recent.add(2.0, 0.05)
    assert recent.is_above(3.0, 0.1)
    recent.clear()
    assert not recent.is_above(3.0, 0.1)


def test_the_noise_of_fast_answers_counts_for_nothing() -> None:
    recent = RecentRatio()
    for _ in range(5):
        recent.add(0.01, 0.001)
    assert not recent.is_above(3.0, 0.1)
