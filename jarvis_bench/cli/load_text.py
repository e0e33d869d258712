"""The text of `jarvis-bench load`: one table for all tiers, then what each row's verdict rests on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.records import MeasurementVerdict

if TYPE_CHECKING:
    from jarvis_bench.cli.load import Loads
    from jarvis_bench.prober.facts import WorkerPart
    from jarvis_bench.prober.load_report import LoadReport

GROUPS = (*("",) * 6, "response [ms]", "", "", "service [ms]", "", "", "")
HEADS = ("tier", "clip", "load", "n", "failed", "per s", *("p50", "p90", "p99") * 2, "verdict")
LEGEND = (
    "response: from the planned time, what a user waits; service: from sending, what the tier took; to the last byte "
    "(measured unless marked)"
)


def as_text(loads: Loads, out: Path | None) -> str:
    """Everything, in words; the bounds at confidence 0.99 stand below the table."""
    rows = [HEADS, *(_cells(report) for report in loads.loads)]
    lines = [*_table(rows), LEGEND] if loads.loads else []
    lines += [f"{status.tier}: not measured: {status.reason} ({status.cause})" for status in loads.skipped]
    for report in loads.loads:
        lines += ["", f"{_place(report)}, {report.clip_s:g} s clips, {report.load}", *_details(report)]
    lines += ["", loads.weights]
    if loads.interrupted:
        lines.append(_interrupted(loads.loads) + (" and are kept" if out is not None else ""))
        lines += [f"no load begun: {', '.join(loads.not_begun)}"] * bool(loads.not_begun)
    if out is not None:
        lines.append(f"rows, plans and reports: {out}")
    return "\n".join(lines)


def _cells(report: LoadReport) -> tuple[str, ...]:
    counts = report.requests
    failed = counts.failed + counts.dropped + counts.censored
    response, service = ({p.p: p.text() for p in found} for found in (report.response, report.service))
    return (
        _place(report),
        f"{report.clip_s:g} s",
        report.load,
        str(counts.ok),
        f"{failed / max(1, counts.planned):.1%}",
        f"{report.rate.completed:.1f}",
        *(response[p] for p in (50, 90, 99)),
        *(service[p] for p in (50, 90, 99)),
        report.verdict.value,
    )


def _place(report: LoadReport) -> str:
    how = "" if report.facts.how == "measured" else f" ({report.facts.how})"
    return f"{', '.join(part for part in (report.tier, report.runtime) if part)}{how}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return [_groups(widths), *("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)]


def _groups(widths: Sequence[int]) -> str:
    """The names of the groups, each above the first of its columns."""
    line, at = "", 0
    for name, width in zip(GROUPS, widths, strict=True):
        line = f"{line:{at}}{name}" if name else line
        at += width + 2
    return line


def _details(report: LoadReport) -> list[str]:
    counts, client, floor = report.requests, report.client, report.facts.floor
    bounds = ", ".join(f"{p.name} {p.text_with_bound()}" for p in report.response if p.seconds is not None)
    sent = f"{counts.planned} planned, {counts.sent} sent, {counts.ok} ok, {counts.failed} failed"
    slip, lag = f"slip p99 {client.slip_p99_s * 1e3:.2f} ms", f"loop lag p99 {client.lag_p99_s * 1e3:.2f} ms"
    lines = [
        f"  response [ms]  {bounds or 'too few answers'}  (in brackets: no larger, with confidence 0.99)",
        f"  requests       {sent}, {counts.dropped} dropped, {counts.censored} given up",
        f"  goodput        {report.goodput.share:.1%} right within {report.goodput.within_s:g} s of their plan",
        f"  client         {slip}, {lag}, CPU {client.cpu_share:.0%} of a core",
    ]
    if report.samples_effective < 0.9 * counts.ok:
        worth = f"{report.samples_effective:.0f} independent ones"
        lines.append(f"  samples        {counts.ok} answers that follow each other are worth {worth}")
    if floor is not None:
        lines.append(
            f"  null server    {floor.p50_s * 1e3:.2f} ms at {floor.rate_per_s:.0f}/s; at most "
            f"{floor.ceiling_per_s:.0f}/s (measured)"
        )
    lines += [f"  worker         {_worker(part)}" for part in report.workers]
    lines += [f"  failures       {cause}: {count}" for cause, count in report.failures.items()]
    lines += [f"  note           {note}" for note in report.notes]
    lines += [f"  {report.verdict.value.lower():13}  {reason}" for reason in report.reasons]
    words = {True: "met", False: "MISSED"}
    lines += [
        f"  {words[result.met]:13}  {result.threshold}: {result.measured}" for result in report.thresholds
    ]
    if report.verdict is not MeasurementVerdict.VALID:
        lines.append(f"  advice         {report.advice}")
    return lines


def _worker(part: WorkerPart) -> str:
    clock = f"clock {part.clock_offset_s * 1e3:+.2f} ms ± {part.clock_bound_s * 1e3:.2f}"
    if part.verdict is None:
        return f"{part.worker}: MISSING ({part.missing}), {clock}"
    slip_ms, lag_ms = (part.slip_p99_s or 0.0) * 1e3, (part.lag_p99_s or 0.0) * 1e3
    return (
        f"{part.worker}: {part.verdict.value}, {part.requests} requests, {part.ok} ok, slip p99 {slip_ms:.2f} ms, "
        f"lag p99 {lag_ms:.2f} ms, CPU {part.cpu_share or 0.0:.0%} of a core, {clock}"
    )


def _interrupted(reports: Sequence[LoadReport]) -> str:
    done = sum(report.requests.sent for report in reports)
    left = sum(report.requests.dropped for report in reports)
    planned = f" of {done + left} planned" if left else ""
    return f"interrupted: {done} requests{planned} were measured"
