"""Thresholds in k6's grammar."""

from __future__ import annotations

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.prober.facts import RunFacts
from jarvis_bench.prober.load_report import ThresholdResult, load_report
from jarvis_bench.prober.thresholds import judge_thresholds, parse_threshold

from .rows import request_row

ROWS = [
    *(request_row(planned_ms=number * 10, late_ms=5, service_ms=number) for number in range(1, 95)),
    *(request_row(planned_ms=1000, outcome="failed", cause="http-500") for _ in range(6)),
]
REPORT = load_report(RunFacts("local", "onnx", 3.0, 1, "", False, ended_ns=10**9), ROWS, [])


def judged(text: str) -> ThresholdResult:
    """That condition on a run of 94 answers after 1 … 94 ms, sent 5 ms late, and 6 failures."""
    (result,) = judge_thresholds([parse_threshold(text)], REPORT, ROWS)
    return result


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("p(90) < 91ms", True),
        ("p(90) < 0.05s", False),
        ("p(90) < 91", True),
        ("p( 50 )<=52ms", True),
        ("med > 50000us", True),
        ("service: med < 48 ms", True),
        ("response: max == 99ms", True),
        ("service: min >= 1", True),
        ("avg != 1s", True),
        ("failed: rate < 10%", True),
        ("rate < 0.05", False),
        ("ok: count >= 94", True),
        ("dropped: count == 0", True),
        ("goodput: rate > 93%", True),
    ],
)
def test_a_condition_is_judged_by_the_rows(text: str, met: bool) -> None:
    """Response time where no metric is named, milliseconds where no unit is; both as in k6."""
    assert judged(text).met is met


def test_what_the_sample_cannot_support_is_not_met() -> None:
    """Silence would pass it; it says what it needs."""
    result = judged("p(99) < 1h".replace("1h", "3600s"))
    assert not result.met
    assert result.measured == "n/a (needs 662, has 94)"
    assert judged("checks: rate > 99%").measured == "n/a (nothing was compared)"


def test_a_percentile_among_what_was_given_up_is_not_met() -> None:
    """Half of the requests were dropped: the 90th percentile is not below anything."""
    rows = [request_row() for _ in range(50)] + [request_row(outcome="dropped") for _ in range(50)]
    (result,) = judge_thresholds([parse_threshold("p(90) < 10s")], REPORT, rows)
    assert not result.met
    assert "given up" in result.measured


def test_what_ctrl_c_kept_from_being_sent_is_no_slow_request() -> None:
    """The percentile is the report's own: of what was answered."""
    late = [request_row(outcome="dropped", cause="interrupted") for _ in range(200)]
    (result,) = judge_thresholds([parse_threshold("p(50) < 10s")], REPORT, [*ROWS, *late])
    assert result.met


@pytest.mark.parametrize(
    "text",
    ["p(99)", "p99 < 1s", "p(0) < 1s", "p(100) < 1s", "avg < 5%", "latency: avg < 1", "rate < 5ms", ""],
)
def test_what_is_no_threshold_is_an_error(text: str) -> None:
    """The user's, with an example or the names there are."""
    with pytest.raises(UsageError, match="no threshold"):
        parse_threshold(text)
