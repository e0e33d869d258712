"""The text of a load that was interrupted, or failed in part."""

from __future__ import annotations

import dataclasses

from jarvis_bench.cli.load import Loads
from jarvis_bench.cli.load_text import as_text
from jarvis_bench.prober.load_report import reports
from tests.report.finished_run import LATENCY, LATENCY_FACTS, TICKS

REPORT = reports(LATENCY_FACTS.runs, LATENCY, TICKS)[0]


def test_an_interrupted_load_says_how_much_was_measured() -> None:
    """Of how many that were planned."""
    counts = dataclasses.replace(REPORT.requests, sent=40, dropped=60, planned=100)
    report = dataclasses.replace(REPORT, requests=counts, failures={"http-500": 3})
    text = as_text(
        Loads((report,), (), "weights: seeded", interrupted=True, not_begun=("docker", "cloud-run")), None
    )
    assert "interrupted: 40 requests of 100 planned were measured\n" in text
    assert "no load begun: docker, cloud-run" in text
    assert "failures       http-500: 3" in text


def test_an_emulated_tier_is_marked_in_the_table() -> None:
    """Beside its runtime, wherever its name stands."""
    report = dataclasses.replace(REPORT, facts=dataclasses.replace(REPORT.facts, how="emulated"))
    text = as_text(Loads((report,), (), "weights: seeded", interrupted=False), None)
    assert text.count(f"{REPORT.tier}, {REPORT.runtime} (emulated)") == 2


def test_slip_lag_and_null_server_are_told() -> None:
    """The grounds of the verdict, with their units."""
    text = as_text(Loads((REPORT,), (), "weights: seeded", interrupted=False), None)
    assert "slip p99 0.00 ms, loop lag p99 0.50 ms" in text
    assert "null server    0.60 ms at 20/s; at most 2500/s (measured)" in text
    assert "co-located" in text
