"""Tables and sentences of latency follow the numbers and mark what may not be quoted."""

from __future__ import annotations

import dataclasses

import pytest

from jarvis_bench.prober.load_report import LoadReport, reports
from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.report import load_readings

from .finished_run import LATENCY, LATENCY_FACTS, TICKS, facts_of, requests, ticks_of

REPORTS = reports(LATENCY_FACTS.runs, LATENCY, TICKS)


def spoil(report: LoadReport) -> LoadReport:
    """The same, not to be quoted."""
    return dataclasses.replace(
        report,
        verdict=MeasurementVerdict.INVALID,
        reasons=("client's loop: blocked",),
        advice="free the loop",
    )


def test_a_percentile_that_the_sample_cannot_support_says_what_it_needs() -> None:
    """Thirty requests have a median and no 99th percentile."""
    text = str(load_readings.single_table(REPORTS))
    assert "n/a (needs 662)" in text
    assert "114.0" in text
    assert "VALID" in text


def test_latency_is_told_as_speed() -> None:
    """A median of 114 ms for three seconds of speech is 26 times faster than real time."""
    text = str(load_readings.single_reading(REPORTS))
    assert "114 ms" in text
    assert "26×" in text


def test_no_speed_is_told_from_too_few_requests() -> None:
    """Ten requests are no median."""
    rows = requests(3.0, 10, first_ms=100)
    facts = facts_of(rows)
    text = str(load_readings.single_reading(reports([facts], rows, ticks_of(facts, rows))))
    assert "×" not in text
    assert " ms" not in text


def test_response_and_service_stand_side_by_side() -> None:
    """With the bound beside the raw percentile, and the share of the peak beside the rate."""
    text = str(load_readings.open_table(REPORTS))
    assert "response p50 [ms]" in text
    assert "service p50 [ms]" in text
    assert "75% of the peak" in text
    assert "(≤ " in text


def test_an_invalid_figure_never_stands_unmarked() -> None:
    """Each cell with a number says so, and no sentence quotes it."""
    spoiled = [spoil(report) for report in REPORTS]
    frame = load_readings.open_table(spoiled).frame
    assert all("INVALID" in value for value in frame["response p50 [ms]"])
    assert "No median" in str(load_readings.single_reading(spoiled))
    assert "may be quoted" in str(load_readings.open_reading(spoiled))
    assert "114" not in str(load_readings.single_reading(spoiled))


def test_the_verdicts_are_told_with_advice_and_what_is_missing() -> None:
    """How many are valid, why others are not, which tier was not measured, and that all share a host."""
    text = str(load_readings.verdict_reading([*REPORTS[1:], spoil(REPORTS[0])], LATENCY_FACTS.skipped))
    assert "4 of 5 measurements are VALID" in text
    assert "free the loop" in text
    assert "Co-located: local: one core each." in text
    assert "Docker: Daemon running, no container" in text


def test_the_grounds_of_each_verdict_are_shown() -> None:
    """Slip, lag, CPU, and what the client costs alone."""
    text = str(load_readings.client_table(REPORTS))
    assert "0.60" in text
    assert "2500" in text


def test_the_busiest_load_is_told() -> None:
    """What a user waits, and what the tier takes."""
    text = str(load_readings.open_reading(REPORTS))
    assert "75% of the peak" in text
    assert "response" in text


@pytest.mark.parametrize(("first_ms", "told"), [(99, "shows no memory"), (20, "remembers answers")])
def test_a_tier_that_remembers_answers_is_found_out(first_ms: int, told: str) -> None:
    """Repeated clips take as long as new ones, or a fifth."""
    rows = [dataclasses.replace(row, run="again") for row in requests(3.0, 30, first_ms=first_ms)]
    facts = facts_of(rows, load="single, repeated")
    (again,) = reports([facts], rows, ticks_of(facts, rows))
    assert told in str(load_readings.cache_reading([*REPORTS, again]))
    assert "not measured" in str(load_readings.cache_reading(REPORTS))
