"""One load over time, with what the client did on the same axis."""

from __future__ import annotations

import dataclasses

from jarvis_bench.prober.load_report import reports
from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.report.load_over_time import busiest, over_time

from .finished_run import LATENCY, LATENCY_FACTS, TICKS

REPORTS = reports(LATENCY_FACTS.runs, LATENCY, TICKS)


def test_the_busiest_load_below_the_peak_is_shown() -> None:
    """The one that tells most of the client; a quotable one where there is one."""
    assert busiest(REPORTS).facts.share == 0.75
    spoiled = [
        dataclasses.replace(report, verdict=MeasurementVerdict.INVALID)
        if report.facts.share == 0.75
        else report
        for report in REPORTS
    ]
    assert busiest(spoiled).facts.share == 0.5
    assert busiest(REPORTS[:1]) is REPORTS[0]


def test_the_picture_tells_slip_and_lag() -> None:
    """Client figures stand in the alternative text, the verdict in the caption; lost requests are drawn."""
    report = busiest(REPORTS)
    picture = over_time(report, LATENCY, TICKS)
    assert "slip of p99 0.00 ms" in picture.alt
    assert "lagged p99 0.50 ms" in picture.alt
    assert "VALID" in picture.caption
    lost = [dataclasses.replace(row, outcome="failed") if row.index == 5 else row for row in LATENCY]
    assert over_time(report, lost, TICKS).light != picture.light
    assert over_time(report, (), ()).light
