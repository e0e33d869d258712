"""A report is made of rows, ticks and facts, and of nothing else."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from jarvis_bench.prober.facts import NullFloor, RunFacts, WarmUp, facts_from_fields
from jarvis_bench.prober.load_report import LoadReport, load_report, quoted, reports
from jarvis_bench.prober.rows import RequestRow
from jarvis_bench.records import MeasurementVerdict, as_json
from jarvis_bench.tiers.service_client import ClientLimits

from .rows import MS, request_row

FACTS = RunFacts(
    *("local", "onnx", 3.0, 1, "one core each", True),
    run="run",
    load="open-constant 10/s",
    scenario="open-constant",
    rate_per_s=10.0,
    duration_s=10.0,
    ended_ns=10_000 * MS,
    limits=ClientLimits(),
    floor=NullFloor(20, 20.0, 0.0006, None, 0.02, 2500.0),
    warmup=WarmUp(3, 24, True, 0.06, 0.05),
)


def rows(count: int = 100, **changes: Any) -> list[RequestRow]:
    """Ten a second, answered after 20 ms."""
    return [request_row(planned_ms=100 * number, **changes) for number in range(count)]


def report(found: list[RequestRow], **changes: Any) -> LoadReport:
    """Their report, without ticks."""
    return load_report(dataclasses.replace(FACTS, **changes), found, [])


def test_what_became_of_each_request_is_counted() -> None:
    """The counts add up to what was planned; the warm-up is in none of them."""
    found = [
        *rows(90),
        *(request_row(outcome="failed", cause=cause) for cause in ("http-500", "http-500", "timeout")),
        *(request_row(outcome="dropped") for _ in range(4)),
        *(request_row(outcome="censored") for _ in range(3)),
        *rows(20, warmup=True),
    ]
    made = report(found)
    counts = made.requests
    assert (counts.planned, counts.sent, counts.ok) == (100, 96, 90)
    assert (counts.failed, counts.dropped, counts.censored) == (3, 4, 3)
    assert made.failures == {"http-500": 2, "timeout": 1}
    assert made.goodput.share == 0.9


def test_response_counts_from_the_plan_and_service_from_sending() -> None:
    """Side by side, by the names that other programs read."""
    made = report(rows(late_ms=30, ready_ns=0))
    assert made.response_s["p50"] == pytest.approx(0.05)
    assert made.service_s["p50"] == pytest.approx(0.02)
    assert made.response_s["p99"] is None


def test_what_was_given_up_is_in_the_percentiles() -> None:
    """A tenth timed out: the 99th percentile of a thousand is only known from below."""
    slow = [request_row(outcome="failed", cause="timeout", service_ms=30_000) for _ in range(100)]
    made = report([*rows(900), *slow])
    assert made.response[3].beyond
    assert made.response[3].text() == ">30000.0"
    quick = [request_row(outcome="dropped", cause="interrupted") for _ in range(100)]
    assert not report([*rows(900), *quick]).response[3].beyond


def test_the_rate_is_what_was_sent_in_time() -> None:
    """A tenth sent after the end is a rate of nine tenths, and so no valid measurement."""
    late = [request_row(planned_ms=9_000 + 100 * number, late_ms=2_000) for number in range(10)]
    made = report([*rows(90), *late])
    assert made.rate.requested == 10.0
    assert made.rate.achieved == 9.0
    assert made.verdict is MeasurementVerdict.INVALID
    assert not quoted(made)


def test_wrong_answers_are_no_goodput() -> None:
    """Two of the compared ones differ from the tier's own earlier answer."""
    found = [*rows(98, cosine=1.0), *(request_row(cosine=0.3) for _ in range(2))]
    made = report(found)
    assert (made.checked.answers, made.checked.cosine_min, made.checked.wrong) == (100, 0.3, 2)
    assert made.goodput.share == 0.98
    assert any("wrong" in note for note in made.notes)


def test_the_parts_of_a_request_are_told_by_their_medians() -> None:
    """What the tier accounts for, and what is outside."""
    made = report(rows(model_s=0.012, queue_s=0.003, decode_s=0.001, instance_id="a", request_index=0))
    assert made.stages_s["model_s"] == 0.012
    assert made.stages_s["outside_s"] == pytest.approx(0.004)
    assert (made.instances, made.cold) == (1, 100)


def test_a_closed_loop_has_no_requested_rate() -> None:
    """And its span ends with its last answer."""
    made = report(rows(50), rate_per_s=0.0, duration_s=3600.0, ended_ns=3_600_000 * MS)
    assert made.rate.requested == 0.0
    assert made.rate.completed == pytest.approx(50 / 4.92)


def test_runs_are_kept_apart_and_survive_json() -> None:
    """Each has its own rows; the facts come back from JSON as they were."""
    other = dataclasses.replace(FACTS, run="other")
    found = reports([FACTS, other], [*rows(20), *rows(30, run="other"), *rows(5, run="unknown")], [])
    assert [made.requests.ok for made in found] == [20, 30]
    fields = as_json(FACTS)
    del fields["schema_version"]
    assert facts_from_fields(fields) == FACTS
    plain = as_json(found[0])
    assert {"verdict", "reasons", "response_s", "service_s", "requests", "rate"} <= set(plain)
