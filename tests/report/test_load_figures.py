"""Pictures of latency say in words what they show, and mark what may not be quoted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from jarvis_bench.prober.load_report import LoadReport, reports
from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.report import load_figures
from jarvis_bench.report.display import Figure

from .finished_run import LATENCY, LATENCY_FACTS, TICKS

REPORTS = reports(LATENCY_FACTS.runs, LATENCY, TICKS)
PICTURES: dict[str, Callable[[tuple[LoadReport, ...]], Figure]] = {
    "length": lambda found: load_figures.by_length(found, LATENCY),
    "spectrum": lambda found: load_figures.spectrum(found, LATENCY),
    "rate": load_figures.against_rate,
}


def spoiled() -> tuple[LoadReport, ...]:
    """The same, none of which may be quoted."""
    return tuple(dataclasses.replace(report, verdict=MeasurementVerdict.INVALID) for report in REPORTS)


def test_the_runs_of_these_tests_are_valid() -> None:
    """Otherwise the others would test marked pictures only."""
    assert [report.verdict for report in REPORTS] == [MeasurementVerdict.VALID] * 5, REPORTS


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_same_each_time_and_names_its_data(name: str) -> None:
    """The same rows give the same bytes; the caption names metric, method and file."""
    once, again = PICTURES[name](REPORTS), PICTURES[name](REPORTS)
    assert once == again
    assert "measured" in once.caption
    assert "latency.parquet" in once.caption


@pytest.mark.parametrize("name", PICTURES)
def test_an_invalid_measurement_is_marked(name: str) -> None:
    """In the words beside the picture and in the picture itself."""
    marked, plain = PICTURES[name](spoiled()), PICTURES[name](REPORTS)
    assert "INVALID" in marked.alt
    assert "INVALID" not in plain.alt
    assert marked.light != plain.light


@pytest.mark.parametrize("name", PICTURES)
def test_a_run_without_such_loads_has_a_picture(name: str) -> None:
    """Nothing measured is no reason to fail."""
    assert PICTURES[name](()).light


def test_requests_of_the_warm_up_are_not_shown() -> None:
    """They are kept as rows, marked, and count nowhere."""
    alt = load_figures.by_length(REPORTS, LATENCY).alt
    assert "3 s clips: 30 requests between 100 and 129 ms" in alt


def test_the_knee_is_the_load_with_most_answers_for_its_wait() -> None:
    """Twice the rate at nearly the same wait is worth it; a load that may not be quoted never is."""
    opened = [report for report in REPORTS if report.facts.is_open]
    best = max(opened, key=lambda report: report.rate.completed / (report.response[0].seconds or 1))
    assert load_figures.knee(REPORTS) is best
    assert load_figures.knee(spoiled()) is None


def test_a_knee_at_the_edge_of_what_was_tried_is_a_bound() -> None:
    """The best of rising rates is at least there, of falling ones at most."""
    rates = [2.0, 4.0, 8.0]
    waits_s = {"≥ 8.0/s": (0.1, 0.1, 0.1), "4.0/s": (0.1, 0.11, 0.9), "≤ 2.0/s": (0.1, 0.5, 2.0)}
    one = next(report for report in REPORTS if report.facts.is_open)
    for told, waits in waits_s.items():
        mine = [
            dataclasses.replace(
                one,
                facts=dataclasses.replace(one.facts, rate_per_s=rate),
                rate=dataclasses.replace(one.rate, completed=rate),
                response=(dataclasses.replace(one.response[0], seconds=wait_s), *one.response[1:]),
            )
            for rate, wait_s in zip(rates, waits, strict=True)
        ]
        assert load_figures.knee_text(mine) == told
    assert load_figures.knee_text(spoiled()) == ""


@pytest.mark.parametrize("name", PICTURES)
def test_an_emulated_tier_is_marked(name: str) -> None:
    """Wherever its name stands."""
    emulated = tuple(
        dataclasses.replace(report, facts=dataclasses.replace(report.facts, how="emulated"))
        for report in REPORTS
    )
    assert "local (emulated)" in PICTURES[name](emulated).alt


def test_a_load_with_too_few_answers_for_a_median_has_no_line() -> None:
    """A curve would say more than its sample supports."""
    few = [row for row in LATENCY if row.index < 10]
    found = reports(LATENCY_FACTS.runs, few, TICKS)
    assert (
        load_figures.spectrum(found, few).alt
        == "Percentile spectrum of response and service time. No open load."
    )
