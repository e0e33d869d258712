"""Percentiles that say when they cannot be known."""

from __future__ import annotations

import random

import pytest

from jarvis_bench.prober.percentiles import percentile, summarise
from jarvis_bench.records import MeasurementVerdict

from .rows import row

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


def test_summary_counts_timed_requests_only() -> None:
    """Warm-up requests are kept as rows but are in no figure."""
    (summary,) = summarise([row(9000, warmup=True)] * 5 + [row(20)] * 10 + [row(50)])
    assert summary.samples == 11
    assert (summary.fastest_s, summary.slowest_s) == (0.02, 0.05)
    assert [found.seconds for found in summary.service_s] == [0.02, None, None, None]
    assert summary.verdict is MeasurementVerdict.VALID
    assert summary.reason == "11 samples, none failed"


def test_service_time_runs_from_sending_to_the_last_byte() -> None:
    """Time before a request was sent is not the tier's."""
    (summary,) = summarise([row(20, waited_ms=500)] * 11)
    assert summary.slowest_s == 0.02


def test_summary_of_each_clip_length_in_order() -> None:
    """Lengths are never mixed."""
    rows = [row(20, clip_s=10.0)] * 11 + [row(5, clip_s=1.0)] * 12
    summaries = summarise(rows)
    assert [(summary.clip_s, summary.samples, summary.slowest_s) for summary in summaries] == [
        (1.0, 12, 0.005),
        (10.0, 11, 0.02),
    ]


def test_failed_requests_make_a_measurement_invalid() -> None:
    """A failed request is counted and named, and its time is in no figure."""
    (summary,) = summarise([row(20)] * 99 + [row(1, error="refused")])
    assert (summary.samples, summary.failed, summary.fastest_s) == (99, 1, 0.02)
    assert summary.verdict is MeasurementVerdict.INVALID
    assert summary.reason == "1 of 100 requests failed"


def test_too_few_requests_are_inconclusive() -> None:
    """Below the floor of a median nothing is claimed."""
    (summary,) = summarise([row(20)] * 10)
    assert summary.verdict is MeasurementVerdict.INCONCLUSIVE
    assert summary.reason == "10 samples; a median needs 11"


def test_measurement_in_which_all_failed_has_no_times() -> None:
    """Where nothing was answered, nothing is the fastest."""
    (summary,) = summarise([row(1, error="refused")] * 3)
    assert (summary.fastest_s, summary.slowest_s, summary.samples) == (None, None, 0)
    assert summary.verdict is MeasurementVerdict.INVALID
