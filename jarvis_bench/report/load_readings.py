"""Latency as tables and sentences; a measurement that may not be quoted is marked wherever it appears."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from jarvis_bench.prober.load_report import LoadReport, quoted
from jarvis_bench.prober.percentiles import Percentile
from jarvis_bench.prober.plan import FIND_PEAK, SINGLE
from jarvis_bench.records import MeasurementVerdict, TierStatus
from jarvis_bench.report.display import Reading, Table
from jarvis_bench.report.load_figures import tier_of

SHOWN = (50, 90, 99)
CACHED = 0.10


def single_table(reports: Sequence[LoadReport]) -> Table:
    """One caller: a row a tier and clip length, service time in milliseconds."""
    return Table(
        pd.DataFrame(
            {
                "tier, runtime": _place(report),
                "clip [s]": f"{report.clip_s:g}",
                "n": report.requests.ok,
                **{f"service p{p.p:g} [ms]": _cell(report, p) for p in report.service if p.p in SHOWN},
                "in the model [ms]": _stage(report, "model_s"),
                "failed": _failed(report),
                "verdict": report.verdict.value,
            }
            for report in reports
            if report.load == SINGLE
        )
    )


def open_table(reports: Sequence[LoadReport]) -> Table:
    """Open loads: response and service time side by side, in milliseconds, the bound at confidence 0.99 beside each."""
    return Table(
        pd.DataFrame(
            {
                "tier, runtime": _place(report),
                "load": _load(report),
                "answers/s": f"{report.rate.completed:.1f}",
                "n": report.requests.ok,
                **{
                    f"response p{p.p:g} [ms]": _cell(report, p, bound=True)
                    for p in report.response
                    if p.p in SHOWN
                },
                **{f"service p{p.p:g} [ms]": _cell(report, p) for p in report.service if p.p in SHOWN},
                "failed": _failed(report),
                "verdict": report.verdict.value,
            }
            for report in reports
            if report.facts.is_open
        )
    )


def client_table(reports: Sequence[LoadReport]) -> Table:
    """What the client did meanwhile, and what it costs alone: the grounds of each verdict."""
    return Table(
        pd.DataFrame(
            {
                "tier": tier_of(report),
                "clip [s]": f"{report.clip_s:g}",
                "load": _load(report),
                "slip p99 [ms]": f"{report.client.slip_p99_s * 1e3:.2f}",
                "loop lag p99 [ms]": f"{report.client.lag_p99_s * 1e3:.2f}",
                "CPU [% of a core]": f"{report.client.cpu_share * 100:.0f}",
                "core taken [%]": "–"
                if report.client.core_taken is None
                else f"{report.client.core_taken * 100:.0f}",
                "null server p50 [ms]": "–"
                if (floor := report.facts.floor) is None
                else f"{floor.p50_s * 1e3:.2f}",
                "null server, most [1/s]": "–" if floor is None else f"{floor.ceiling_per_s:.0f}",
                "verdict": report.verdict.value,
            }
            for report in reports
            if report.facts.scenario != FIND_PEAK
        )
    )


def single_reading(reports: Sequence[LoadReport]) -> Reading:
    """The shortest and the longest clips, and how much faster than real time they are."""
    parts = [
        f"{tier_of(report)}, {report.clip_s:g} s of speech: median {p50_s * 1e3:.0f} ms, "
        f"{report.clip_s / p50_s:.0f}× faster than real time"
        for report in reports
        if report.load == SINGLE and quoted(report) and (p50_s := report.p50.seconds)
    ]
    return Reading(
        "; ".join(parts) + " (service time, closed loop of one)." if parts else "No median can be given."
    )


def cache_reading(reports: Sequence[LoadReport]) -> Reading:
    """Whether clips that are repeated are answered faster than clips that are new, by tier (MLPerf's TEST04)."""
    lines = []
    singles = {(report.tier, report.clip_s): report for report in reports if report.load == SINGLE}
    for again in (report for report in reports if report.load == f"{SINGLE}, repeated"):
        fresh = singles.get((again.tier, again.clip_s))
        if fresh is None or not (fresh_s := fresh.p50.seconds) or not (again_s := again.p50.seconds):
            continue
        faster = 1 - again_s / fresh_s
        found = "remembers answers" if faster > CACHED else "shows no memory of answers"
        marked = "" if quoted(fresh) and quoted(again) else " (INVALID)"
        lines.append(
            f"{tier_of(again)} {found}{marked}: repeated clips of {again.clip_s:g} s take {again_s * 1e3:.0f} ms, "
            f"new ones {fresh_s * 1e3:.0f} ms (median service time; a memory would save more than {CACHED:.0%})."
        )
    return Reading("\n".join(lines) or "Repeated clips were not measured.")


def open_reading(reports: Sequence[LoadReport]) -> Reading:
    """What the busiest load that may be quoted does to response time, against one caller, by tier."""
    lines = []
    for tier in dict.fromkeys(map(tier_of, reports)):
        mine = [report for report in reports if tier_of(report) == tier and quoted(report)]
        opened = [report for report in mine if report.facts.is_open and report.response[0].seconds]
        if not opened:
            lines.append(f"{tier}: no open load gave a median that may be quoted.")
            continue
        busiest = max(opened, key=lambda report: report.facts.rate_per_s)
        response_s, service_s = busiest.response[0].seconds or 0.0, busiest.service[0].seconds or 0.0
        lines.append(
            f"{tier}, {_load(busiest)}: a user waits {response_s * 1e3:.0f} ms in the median (response); "
            f"the tier takes {service_s * 1e3:.0f} ms (service)."
        )
    return Reading("\n".join(lines) or "No open load was measured.")


def verdict_reading(reports: Sequence[LoadReport], skipped: Sequence[TierStatus]) -> Reading:
    """How many measurements may be quoted, why the others may not, and which tiers are missing."""
    reports = [report for report in reports if report.facts.scenario != FIND_PEAK]
    valid = sum(report.verdict is MeasurementVerdict.VALID for report in reports)
    lines = [f"{valid} of {len(reports)} measurements are VALID."]
    lines += [
        f"{report.verdict.value}: {report.facts.run}: {'; '.join(report.reasons)}. Advice: {report.advice}."
        for report in reports
        if report.verdict is not MeasurementVerdict.VALID
    ]
    places = dict.fromkeys(
        f"{report.tier}: {report.facts.cores}" for report in reports if report.facts.co_located
    )
    lines += [f"Co-located: {place}." for place in places]
    lines += [f"Not measured: {status.reason}." for status in skipped]
    return Reading("\n".join(lines))


def _place(report: LoadReport) -> str:
    how = "" if report.facts.how == "measured" else f" ({report.facts.how})"
    return f"{', '.join(part for part in (report.tier, report.runtime) if part)}{how}"


def _load(report: LoadReport) -> str:
    share = report.facts.share
    return report.load if share is None else f"{report.facts.rate_per_s:.1f}/s ({share:.0%} of the peak)"


def _cell(report: LoadReport, found: Percentile, *, bound: bool = False) -> str:
    """An INVALID figure never stands unmarked."""
    text = found.text_with_bound() if bound else found.text()
    return text if quoted(report) or found.seconds is None else f"INVALID: {text}"


def _stage(report: LoadReport, name: str) -> str:
    return f"{report.stages_s[name] * 1e3:.1f}" if name in report.stages_s else "–"


def _failed(report: LoadReport) -> str:
    counts = report.requests
    return f"{(counts.planned - counts.ok) / max(1, counts.planned):.1%}"
