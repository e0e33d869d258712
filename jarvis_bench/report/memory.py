"""Memory as tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from jarvis_bench.kit.memory_report import (
    ABSOLUTE_BYTES,
    RELATIVE,
    SAMPLER_LIMIT,
    MemoryReport,
    Repeatability,
)
from jarvis_bench.memory.interactive import LineRow
from jarvis_bench.memory.known_sizes import INDEPENDENT_TOLERANCE, TOLERANCE, SizeCheck
from jarvis_bench.memory.phases import PHASES, WITNESS
from jarvis_bench.records import MemoryRow
from jarvis_bench.report.display import Reading, Table
from jarvis_bench.report.memory_figures import whose

NAMES = {"pss": "PSS", "uss": "USS", "rss": "RSS", "vm-hwm": "VmHWM", WITNESS: "RSS by memory-profiler"}


def table(phases: Sequence[MemoryRow]) -> Table:
    """One row a tier, runtime and metric, one column a phase, in MB (10⁶ bytes); a dash is "not measured"."""
    usual = [row for row in phases if row.condition == "usual"]
    wanted = [metric for metric in NAMES if any(row.metric == metric for row in usual)]
    others = dict.fromkeys(
        row.metric for row in usual if row.tier not in {"local", "service"} and row.of == "server"
    )
    metrics = [*wanted, *(metric for metric in others if metric not in wanted)]
    values = {(whose(row), row.runtime, row.metric, row.phase): _mb(row.bytes) for row in usual}
    hows = {(whose(row), row.metric): "–" for row in usual}
    hows |= {(whose(row), row.metric): row.how for row in usual if row.bytes is not None}
    keys = dict.fromkeys((whose(row), row.runtime) for row in usual)
    return Table(
        pd.DataFrame(
            {
                "tier": tier,
                "runtime": runtime,
                "metric [MB]": NAMES.get(metric, metric),
                "how": hows[tier, metric],
                **{phase: values.get((tier, runtime, metric, phase), "–") for phase in PHASES},
            }
            for metric in metrics
            for tier, runtime in keys
            if (tier, metric) in hows
        )
    )


def _mb(value: int | None) -> str:
    return "–" if value is None else f"{value / 1e6:.0f}"


def conditions_table(phases: Sequence[MemoryRow]) -> Table:
    """The usual walk of the local tier beside those that differ from it in one thing."""
    local = [row for row in phases if row.tier == "local" and row.of == "server"]
    varied = {row.runtime for row in local if row.condition != "usual"}
    keys = dict.fromkeys((row.runtime, row.condition) for row in local if row.runtime in varied)
    values = {(row.runtime, row.condition, row.phase, row.metric): _mb(row.bytes) for row in local}
    columns = (("steady ×1", "pss"), ("steady ×4", "vm-hwm"), ("after idle", "pss"), ("peak", "vm-hwm"))
    return Table(
        pd.DataFrame(
            {
                "runtime": runtime,
                "condition": condition,
                **{
                    f"{phase}, {NAMES[metric]} [MB]": values.get((runtime, condition, phase, metric), "–")
                    for phase, metric in columns
                },
            }
            for runtime, condition in keys
        )
    )


def reading(report: MemoryReport) -> Reading:
    """What import and load cost, the peaks, the client, and how much sampling took."""
    lines = [*_costs(report.rows), *_client(report.rows), sampler_text(report), checks_text(report)]
    lines += [f"{note}." for note in report.notes]
    skipped = dict.fromkeys(
        f"{whose(row)} is {'not ' if row.bytes is None else ''}measured at “{row.phase}”: {row.note}"
        for row in report.rows
        if row.note
    )
    return Reading("\n".join([*lines, *(f"{text}." for text in skipped)]))


def _costs(rows: Sequence[MemoryRow]) -> list[str]:
    values = {(row.runtime, row.phase, row.metric): row.bytes for row in rows if _is_local(row)}
    lines = []
    for runtime in dict.fromkeys(runtime for runtime, _, _ in values):
        before, imported, loaded = (values.get((runtime, phase, "pss")) for phase in PHASES[:3])
        peak = values.get((runtime, "peak", "vm-hwm"))
        if before is not None and imported is not None and loaded is not None:
            lines.append(
                f"local, {runtime}: importing the runtime adds {(imported - before) / 1e6:.0f} MB, loading the model "
                f"{(loaded - imported) / 1e6:.0f} MB (PSS)"
                + (f"; the highest peak is {peak / 1e6:.0f} MB (VmHWM)." if peak is not None else ".")
            )
    return lines or ["This system offers no PSS."] * bool(values)


def _is_local(row: MemoryRow) -> bool:
    return (row.tier, row.of, row.condition) == ("local", "server", "usual")


def _client(rows: Sequence[MemoryRow]) -> list[str]:
    held = {
        (row.tier, row.phase): row.bytes
        for row in rows
        if row.of == "client" and row.metric == "pss" and row.bytes is not None
    }
    lines = []
    for tier in dict.fromkeys(tier for tier, _ in held):
        bare, serving = (held.get((tier, phase)) for phase in ("before", "steady ×4"))
        if bare is not None and serving is not None:
            lines.append(
                f"A client of {tier} holds {serving / 1e6:.0f} MB PSS, {(serving - bare) / 1e6:.0f} MB more than its "
                "interpreter alone."
            )
    return lines


def sampler_text(report: MemoryReport) -> str:
    """What sampling took, of one core, and whether that is little enough."""
    cost = report.sampler
    if cost.share is None:
        return "Nothing was sampled."
    alone = (
        ""
        if cost.alone_share is None
        else f"; {cost.alone_share:.2%} of the whole process while it did only that"
    )
    worst = max(cost.share, cost.alone_share or 0.0)
    verdict = "below" if worst < SAMPLER_LIMIT else "NOT below"
    return (
        f"The sampler took {cost.share:.2%} of one core ({cost.dense} cheap readings at 10 Hz and {cost.full} full "
        f"ones at 1 Hz in {cost.wall_s:.0f} s){alone}: {verdict} the limit of {SAMPLER_LIMIT:.0%}."
    )


def checks_text(report: MemoryReport) -> str:
    """Whether the whole chain measures what it says."""
    checks = report.checks
    if checks.worst_error is None:
        return f"The chain could not be checked on a process of known size: {checks.note}."
    return (
        f"On a process of known size {checks.good} of {checks.judged} movements are right: the worst is off by "
        f"{checks.worst_error:.2%} of the size (limit {TOLERANCE:.0%}), and the worst reading is "
        f"{checks.worst_disagreement or 0.0:.2%} from another way of reading (limit {INDEPENDENT_TOLERANCE:.0%})."
    )


def checks_table(checks: Sequence[SizeCheck]) -> Table:
    """One row a step and metric."""
    return Table(
        pd.DataFrame(
            {
                "step": check.step,
                "metric": NAMES.get(check.metric, check.metric),
                "has to move by [MB]": f"{check.expected_bytes / 1e6:.1f}",
                "moved by [MB]": f"{check.found_bytes / 1e6:.1f}",
                "reads [MB]": f"{check.reading_bytes / 1e6:.1f}",
                "another way [MB]": "–"
                if check.independent_bytes is None
                else f"{check.independent_bytes / 1e6:.1f}",
                "": "good" if check.good else "WRONG",
            }
            for check in checks
        )
    )


def lines_table(lines: Sequence[LineRow]) -> Table:
    """The encoder line by line, as memory-profiler saw it; lines that did not run are left out."""
    return Table(
        pd.DataFrame(
            {
                "line": row.line,
                "RSS [MB]": _mb(row.rss_bytes),
                "rose by [MB]": _mb(row.increment_bytes),
                "code": row.code,
            }
            for row in lines
            if row.rss_bytes is not None
        )
    )


def repeatability_text(found: Repeatability) -> str:
    """How many cells of two tables agree, and why the others do not."""
    head = (
        f"{found.within} of {found.cells} cells ({found.share:.1%}) within max({RELATIVE:.0%}, "
        f"{ABSOLUTE_BYTES / 1e6:.0f} MB) of each other"
    )
    lines = [
        f"  {cell.tier} {cell.of}, {cell.runtime}, {cell.condition}, {cell.phase}, {cell.metric}: "
        f"{_mb(cell.first_bytes)} and {_mb(cell.second_bytes)} MB: {cell.cause}"
        for cell in found.outside
    ]
    return "\n".join([head, *lines])


def as_text(report: MemoryReport) -> str:
    """The record as a table, and what it means."""
    lines = [repr(table(report.rows)), "", str(reading(report).text)]
    conditions = conditions_table(report.rows)
    if len(conditions.frame):
        lines += ["", repr(conditions)]
    if report.repeatability is not None:
        lines += ["", repeatability_text(report.repeatability)]
    return "\n".join([*lines, "", report.weights, report.metrics])
