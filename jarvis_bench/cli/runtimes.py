"""`jarvis-bench runtimes`: latency, RAM and accuracy of the runtimes, side by side in one run."""

from __future__ import annotations

from typing import Annotated

import typer

from jarvis_bench.cli.interrupts import run_async
from jarvis_bench.cli.output import print_record, print_text, tell
from jarvis_bench.kit.runtime_goals import Goal, judge
from jarvis_bench.records import RuntimesReport

COLUMNS = (
    ("runtime", 12), ("precision", 10), ("clip", 6), ("p50", 9), ("best", 9), ("speed-up", 9),
    ("of limit", 9), ("1 - cosine", 11), ("PSS loaded", 11), ("VmHWM", 8), ("first answer", 14), ("served", 9),
)  # fmt: skip


def compare(
    rounds: Annotated[int, typer.Option(help="Timed rounds of the short clips; a third for the long.")] = 31,
    starts: Annotated[int, typer.Option(help="Fresh processes of each runtime.")] = 5,
    varied: Annotated[int, typer.Option(help="Clips of varied length, to see whether RAM grows.")] = 120,
    threads: Annotated[int, typer.Option(help="Threads of each runtime.")] = 2,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure all runtimes that are installed, in turns, each in a process of its own.

    Exits 1 when a threshold was missed. Other work on the machine spoils times, and the ratios less so.
    """
    from jarvis_bench.kit.measure import measure_runtimes

    few = max(3, rounds // 3)
    measured = run_async(
        measure_runtimes(
            {1.0: rounds, 3.0: rounds, 10.0: few, 30.0: few},
            starts=starts,
            varied_clips=varied,
            threads=threads,
            progress=tell,
        )
    )
    goals = judge(measured.report)
    if json:
        print_record(measured.report)
    else:
        print_text(as_text(measured.report, goals))
    if missed := [goal for goal in goals if goal.met is False]:
        typer.echo(f"jarvis-bench: {len(missed)} of {len(goals)} thresholds missed", err=True)
        raise typer.Exit(1)


def as_text(report: RuntimesReport, goals: tuple[Goal, ...]) -> str:
    """The record as a table, and what it means."""
    lines = ["".join(name.rjust(width) for name, width in COLUMNS)]
    for row in report.rows:
        cells = (
            row.runtime,
            row.precision,
            f"{row.clip_s:g} s",
            f"{row.p50_s * 1e3:.1f} ms",
            f"{row.best_s * 1e3:.1f} ms",
            f"{row.speedup:.2f} x",
            "n/a" if row.limit_share is None else f"{row.limit_share:.0%}",
            f"{1 - row.cosine_min:.1e}",
            _megabytes(row.pss_loaded_bytes),
            _megabytes(row.hwm_bytes),
            f"{row.first_embedding_s:.2f} s",
            "–" if row.served_first_s is None else f"{row.served_first_s:.2f} s",
        )
        lines.append("".join(cell.rjust(width) for cell, (_, width) in zip(cells, COLUMNS, strict=True)))
    limits = ", ".join(f"{rate:.0f} GFLOP/s in {name}" for name, rate in report.gemm_gflops.items())
    lines += [
        "",
        f"matrix products of this machine, {report.threads} threads (the fastest in the same run): {limits}",
    ]
    lines += [report.weights, *report.skipped, ""]
    words = {True: "met", False: "MISSED", None: "-"}
    lines += [f"{words[goal.met]:7} {goal.text}: {goal.measured}" for goal in goals]
    return "\n".join(lines)


def _megabytes(value: int | None) -> str:
    return "n/a" if value is None else f"{value / 1e6:.0f} MB"
