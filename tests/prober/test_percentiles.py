"""Percentiles that say when they cannot be known."""

from __future__ import annotations

import random

import pytest

from jarvis_bench.prober.percentiles import FLOORS as FLOORS_KEPT
from jarvis_bench.prober.percentiles import effective_samples, least_samples, percentile

FLOORS = [(50, 11), (90, 64), (95, 130), (99, 662)]


@pytest.mark.parametrize(("p", "needs"), FLOORS)
def test_below_its_floor_a_percentile_is_not_reported(p: int, needs: int) -> None:
    """One sample too few gives no number, but how many it would take."""
    found = percentile([0.1] * (needs - 1), p)
    assert found.seconds is None
    assert found.text() == f"n/a (needs {needs})"


@pytest.mark.parametrize(("p", "needs"), FLOORS)
def test_at_its_floor_a_percentile_is_reported(p: int, needs: int) -> None:
    """With exactly enough samples there is a number."""
    assert percentile([0.1] * needs, p).seconds == 0.1


@pytest.mark.parametrize(("p", "nearest_rank"), [(50, 500), (90, 900), (95, 950), (99, 990)])
def test_percentile_is_the_exact_nearest_rank(p: int, nearest_rank: int) -> None:
    """Of 1 … 1000 ms in any order, the p-th percentile is a sample: the one at rank p·10."""
    samples = [number / 1000 for number in range(1, 1001)]
    random.Random(p).shuffle(samples)
    found = percentile(samples, p)
    assert found.seconds == nearest_rank / 1000
    assert found.text() == f"{nearest_rank}.0"


def test_rank_is_rounded_up() -> None:
    """Of eleven samples the median is the sixth."""
    assert percentile([float(number) for number in range(1, 12)], 50).seconds == 6.0


def test_text_is_milliseconds_with_the_digits_asked_for() -> None:
    """Seconds are shown as milliseconds."""
    found = percentile([0.0123456] * 11, 50)
    assert (found.text(), found.text(digits=3)) == ("12.3", "12.346")


@pytest.mark.parametrize(("p", "needs"), [(50, 11), (75, 24), (90, 64), (95, 130), (99, 662), (99.9, 6636)])
def test_floors_are_those_of_mlperf(p: float, needs: int) -> None:
    """Computed, they are the published ones: the table of MLPerf's early stopping at confidence 0.99."""
    assert least_samples(p) == needs
    assert FLOORS_KEPT.get(p, needs) == needs


def test_the_bound_is_the_largest_sample_at_the_floor() -> None:
    """With just enough samples one may lie above; more samples bring the bound nearer."""
    few = percentile([number / 1000 for number in range(1, 663)], 99)
    many = percentile([number / 1000 for number in range(1, 6621)], 99)
    assert few.bound_s == 0.662
    assert many.seconds is not None
    assert many.bound_s is not None
    assert many.seconds <= many.bound_s < 6.62


def test_a_bound_fails_as_rarely_as_it_says() -> None:
    """Of 500 samples of 130 uniform numbers, the bound of p90 lies below the true one in some 1 % at most."""
    draw = random.Random(1)
    short = sum(
        (percentile([draw.random() for _ in range(130)], 90).bound_s or 1.0) < 0.9 for _ in range(500)
    )
    assert short <= 10


def test_what_was_given_up_counts_as_the_slowest() -> None:
    """Thirty of a hundred never came: the median stands, the 90th percentile is only known from below."""
    median, high = (percentile([0.01] * 70, p, [0.5] * 30) for p in (50, 90))
    assert (median.seconds, median.beyond) == (0.01, False)
    assert (high.text(), high.beyond, high.bound_s) == (">500.0", True, None)


def test_samples_that_follow_each_other_are_worth_less() -> None:
    """Independent ones count in full; a slow drift counts for few."""
    draw = random.Random(1)
    assert effective_samples([draw.random() for _ in range(1000)]) > 800
    assert effective_samples([float(number // 100) for number in range(1000)]) < 50
    assert effective_samples([1.0] * 20) == 20
