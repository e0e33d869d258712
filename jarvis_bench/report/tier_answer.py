"""Which tier to use on this machine: the tiers side by side, and the sentence that follows from them.

Computed from the run's files: latency from `10_latency`, RAM from `20_memory`, cold starts from `21_cold_start`, cost
from the dated price table. What was emulated or modelled says so and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jarvis_bench.kit.artefacts import read_cold_start
from jarvis_bench.kit.cold_start_report import bounded_median
from jarvis_bench.prober.load_report import LoadReport
from jarvis_bench.prober.percentiles import Percentile
from jarvis_bench.prober.plan import SINGLE
from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.report.evidence import Evidence, NoEvidence
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.cost import Load, request_based
from jarvis_bench.tiers.cloud_run.prices import Shape, load_prices

CLIP_S: Final = 3.0
TIERS: Final = ("docker", "cloud-run", "local")
TITLES: Final = {"docker": "Docker", "cloud-run": "Cloud Run", "local": "Local"}
# The figures that say what a tier holds in RAM, the most telling first.
RAM: Final = (
    ("docker-stats", "docker stats"),
    ("cgroup-usage", "cgroup usage"),
    ("pss", "PSS"),
    ("rss", "RSS"),
)
PHASES: Final = ("after idle", "steady ×1", "loaded")
# As service.yaml deploys it.
SHAPE: Final = Shape(1.0, 1.0)
# What a service computes with that does not say.
USUAL: Final = "onnx"
PER_MONTH: Final = 100_000
ALIKE: Final = 1.1


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell: the text, what it is and how it was got, and its ratio to the local tier's where both have it."""

    text: str
    metric: str = ""
    ratio: str = ""


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier; `how` is `measured` or `emulated`, `verdict` that of its latency."""

    tier: str
    runtime: str
    how: str
    verdict: str
    p50: Figure
    p99: Figure
    ram: Figure
    cold_start: Figure
    cost: Figure


@dataclass(frozen=True, slots=True)
class Answer:
    """`text`: which tier, and why; `warning`: why a figure must not be quoted, empty where all may.

    `absent`: each tier that was not measured, and why.
    """

    text: str
    warning: str
    rows: tuple[TierRow, ...]
    absent: tuple[str, ...] = ()


def tier_answer(evidence: Evidence) -> Answer:
    """The answer of this run.

    Raises:
        NoEvidence: it has measured no tier's latency.
    """
    singles = {
        report.tier: report
        for report in evidence.latency
        if report.clip_s == CLIP_S and report.load == SINGLE and report.tier in TIERS
    }
    if not singles:
        raise NoEvidence(f"no tier was asked for {CLIP_S:g} s clips")
    rows = tuple(_row(evidence, singles[tier], singles.get("local")) for tier in TIERS if tier in singles)
    absent = tuple(
        f"{TITLES[status.tier]} was not measured: {status.reason.removeprefix(f'{TITLES[status.tier]}: ')}"
        for status in evidence.skipped
        if status.tier in TITLES and status.tier not in singles
    )
    return Answer(_sentence(singles, rows), _warning(singles), rows, absent)


def _sentence(singles: dict[str, LoadReport], rows: tuple[TierRow, ...]) -> str:
    fit = {
        tier: report.p50.seconds
        for tier, report in singles.items()
        if report.p50.seconds is not None
        and report.facts.how == "measured"
        and report.verdict is not MeasurementVerdict.INVALID
    }
    if not fit:
        return "No tier has a latency that may be quoted: run it again on a quiet machine."
    fastest = min(fit, key=lambda tier: fit[tier])
    near = [tier for tier in TIERS if tier in fit and fit[tier] <= ALIKE * fit[fastest]]
    chosen = near[0]
    row = next(row for row in rows if row.tier == TITLES[chosen])
    latency = f"{row.p50.text} for a {CLIP_S:g} s clip (p50 of {row.p50.metric})"
    parts = [f"Use {_with_runtime(row)} on this machine: {latency}"]
    if row.ram.text != "–":
        parts.append(f"{row.ram.text} of RAM ({row.ram.metric})")
    others = [
        f"{TITLES[tier]} takes {seconds * 1e3:.0f} ms" for tier, seconds in fit.items() if tier != chosen
    ]
    if len(near) > 1:
        others.append("within 10 %, the first in the order of the waterfall is taken")
    others += [
        f"{TITLES[tier]} was {report.facts.how} and is no candidate"
        for tier, report in singles.items()
        if report.facts.how != "measured"
    ]
    return " ".join(f"{sentence}." for sentence in (", ".join(parts), "; ".join(others)) if sentence)


def _with_runtime(row: TierRow) -> str:
    return f"{row.tier} ({row.runtime})" if row.runtime else row.tier


def _warning(singles: dict[str, LoadReport]) -> str:
    doubtful = [
        f"{TITLES[tier]}'s latency is {report.verdict.value} ({'; '.join(report.reasons) or report.advice})"
        for tier, report in singles.items()
        if report.verdict is not MeasurementVerdict.VALID
    ]
    return "; ".join(doubtful)


def _row(evidence: Evidence, report: LoadReport, local: LoadReport | None) -> TierRow:
    p99 = next(one for one in report.service if one.p == 99)
    local_p99 = next((one for one in local.service if one.p == 99), None) if local else None
    return TierRow(
        TITLES[report.tier],
        report.runtime,
        report.facts.how,
        report.verdict.value,
        _latency(report.p50, local.p50 if local else None, "service time, one caller"),
        _latency(p99, local_p99, "service time, one caller"),
        _ram(evidence, report.tier, report.runtime or USUAL, report.facts.how),
        _cold_start(evidence, report.tier, report.runtime or USUAL),
        _cost(report),
    )


def _latency(one: Percentile, local: Percentile | None, metric: str) -> Figure:
    if one.seconds is None:
        return Figure(one.text(), metric)
    ratio = f"{one.seconds / local.seconds:.2f} ×" if local and local.seconds else ""
    return Figure(f"{one.text(digits=0)} ms", metric, ratio)


def _ram(evidence: Evidence, tier: str, runtime: str, how: str) -> Figure:
    try:
        own, local = _resident(evidence, tier, runtime), _resident(evidence, "local", runtime)
    except NoEvidence:
        return Figure("–")
    if own is None:
        return Figure("–")
    metric, phase, value = own
    # Only like figures are compared: docker stats leaves out what PSS counts.
    ratio = f"{value / local[2]:.2f} ×" if local and local[0] == metric else ""
    where = "" if tier != "cloud-run" else ", emulated instance" if how == "emulated" else ", in the cloud"
    return Figure(f"{value / 1e6:.0f} MB", f"{metric}, {phase}{where}", ratio)


def _resident(evidence: Evidence, tier: str, runtime: str) -> tuple[str, str, int] | None:
    """The metric's name, the phase, and the bytes."""
    rows = {
        (row.phase, row.metric): row.bytes
        for row in evidence.memory
        if (row.tier, row.of, row.condition, row.runtime) == (tier, "server", "usual", runtime)
    }
    for phase in PHASES:
        for metric, name in RAM:
            if value := rows.get((phase, metric)):
                return name, phase, value
    return None


def _cold_start(evidence: Evidence, tier: str, runtime: str) -> Figure:
    try:
        rows = read_cold_start(evidence.folder).rows
    except (OSError, ValueError, KeyError, TypeError):
        return Figure("–")
    seconds = {
        name: [
            row.total_s
            for row in rows
            if (row.tier, row.runtime) == (name, runtime) and row.cold and row.total_s
        ]
        for name in (tier, "local")
    }
    own, local = (bounded_median(seconds[name]).middle_s for name in (tier, "local"))
    if own is None:
        return Figure("–")
    ratio = f"{own / local:.2f} ×" if local else ""
    return Figure(f"{own:.1f} s", f"start to first embedding, median of {len(seconds[tier])}", ratio)


def _cost(report: LoadReport) -> Figure:
    if report.tier != "cloud-run" or report.p50.seconds is None:
        return Figure("–", "" if report.tier == "cloud-run" else "your own machine")
    prices = load_prices(Settings().data_dir)
    cost = request_based(prices, SHAPE, Load(report.p50.seconds, 0.0, PER_MONTH))
    return Figure(f"${cost.usd_per_1000:.4f}", f"1,000 embeddings, warm, {prices.note}")
