"""Thresholds in k6's grammar: `p(99) < 250ms`, `service: med <= 0.1s`, `failed: rate < 1%`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jarvis_bench.errors import UsageError
from jarvis_bench.prober.load_report import COSINE_FLOOR, LoadReport, ThresholdResult, is_given_up
from jarvis_bench.prober.percentiles import percentile
from jarvis_bench.prober.rows import RequestRow

GRAMMAR = re.compile(
    r"(?:(?P<metric>[a-z]+)\s*:\s*)?"
    r"(?P<aggregate>p\(\s*(?P<p>\d+(?:\.\d+)?)\s*\)|avg|min|max|med|rate|count)\s*"
    r"(?P<operator><=|>=|==|!=|<|>)\s*"
    r"(?P<limit>\d+(?:\.\d+)?)\s*(?P<unit>us|µs|ms|s|%)?"
)
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
# Without a unit a time is in milliseconds, as in k6.
SECONDS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, None: 1e-3}
TIMES = ("response", "service")
SHARES = ("failed", "ok", "goodput", "checks", "dropped")
HELP = "such as 'p(99) < 250ms', 'service: med <= 0.1s', 'failed: rate < 1%', 'ok: count >= 100'"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One condition; `limit` in seconds, a share of one, or a count."""

    text: str
    metric: str
    aggregate: str
    p: float
    operator: str
    limit: float


def parse_threshold(text: str) -> Threshold:
    """One condition from its text.

    Raises:
        UsageError: it is none; the error names the cure.
    """
    found = GRAMMAR.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"no threshold: {text!r} ({HELP})")
    aggregate, unit = found["aggregate"], found["unit"]
    share = aggregate in {"rate", "count"}
    metric = found["metric"] or ("failed" if share else "response")
    if metric not in (SHARES if share else TIMES):
        raise UsageError(
            f"no threshold: {text!r}: {aggregate} is of {' or '.join(SHARES if share else TIMES)}"
        )
    if (unit not in {None, "%"}) if share else (unit == "%"):
        raise UsageError(f"no threshold: {text!r}: {unit} is no unit of {aggregate}")
    p = float(found["p"]) if found["p"] else 50.0
    if not 0 < p < 100:
        raise UsageError(f"no threshold: {text!r}: a percentile lies between 0 and 100")
    scale = (0.01 if unit == "%" else 1.0) if share else SECONDS[unit]
    kind = "p" if found["p"] else aggregate
    return Threshold(text.strip(), metric, kind, p, found["operator"], float(found["limit"]) * scale)


def judge_thresholds(
    thresholds: Sequence[Threshold], report: LoadReport, rows: Sequence[RequestRow]
) -> tuple[ThresholdResult, ...]:
    """Judge all on one run."""
    timed = [row for row in rows if not row.warmup]
    return tuple(
        _judge_share(threshold, report, timed)
        if threshold.metric in SHARES
        else _judge_time(threshold, timed)
        for threshold in thresholds
    )


def _judge_time(threshold: Threshold, timed: Sequence[RequestRow]) -> ThresholdResult:
    good = [row for row in timed if row.ok]
    values = [row.response_s if threshold.metric == "response" else row.service_s or 0.0 for row in good]
    if not values:
        return ThresholdResult(threshold.text, False, "no answer came")
    if threshold.aggregate in {"avg", "min", "max"}:
        simple = {"avg": sum(values) / len(values), "min": min(values), "max": max(values)}
        return _compare(threshold, simple[threshold.aggregate], f"{simple[threshold.aggregate] * 1e3:.3g} ms")
    late = [row for row in timed if is_given_up(row)]
    ages = [row.response_s if threshold.metric == "response" else row.service_s or 0.0 for row in late]
    found = percentile(values, threshold.p, ages)
    if found.seconds is None:
        return ThresholdResult(threshold.text, False, f"n/a (needs {found.needs}, has {len(values)})")
    if found.beyond and threshold.operator in {"<", "<=", "=="}:
        return ThresholdResult(threshold.text, False, f"{found.text()} ms: among requests that were given up")
    return _compare(threshold, found.seconds, f"{found.text()} ms")


def _judge_share(threshold: Threshold, report: LoadReport, timed: Sequence[RequestRow]) -> ThresholdResult:
    planned, counts, checked = max(1, len(timed)), report.requests, report.checked
    right = sum(row.cosine is not None and row.cosine >= COSINE_FLOOR for row in timed)
    part, whole = {
        "failed": (counts.failed + counts.dropped + counts.censored, planned),
        "ok": (counts.ok, planned),
        "dropped": (counts.dropped, planned),
        "goodput": (round(report.goodput.share * planned), planned),
        "checks": (right, checked.answers),
    }[threshold.metric]
    if threshold.aggregate == "count":
        return _compare(threshold, part, str(part))
    if not whole:
        return ThresholdResult(threshold.text, False, "n/a (nothing was compared)")
    return _compare(threshold, part / whole, f"{part / whole:.2%}")


def _compare(threshold: Threshold, value: float, text: str) -> ThresholdResult:
    return ThresholdResult(threshold.text, OPERATORS[threshold.operator](value, threshold.limit), text)
