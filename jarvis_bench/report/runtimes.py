"""The comparison of the runtimes as a picture, tables and sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from jarvis_bench.kit.runtime_goals import judge
from jarvis_bench.records import RuntimeRow, RuntimesReport
from jarvis_bench.report.display import Figure, Palette, Reading, Table, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

MARKERS = ("o", "s", "^")
MET = {True: "met", False: "missed", None: "not judged"}
Points = Sequence[tuple[float, float]]
# A quiet machine gives medians within some 10 % of the best time.
DISTURBED_FROM = 1.5


def by_length(report: RuntimesReport) -> Figure:
    """Median time and peak memory of each runtime over clip length, with the machine's limits."""
    lengths = sorted({row.clip_s for row in report.rows})

    def paint(canvas: Canvas, palette: Palette) -> None:
        times, peaks = canvas.subplots(1, 2)
        _paint_limits(times, palette, report, lengths)
        _paint_lines(times, palette, report, lengths, lambda row: row.p50_s * 1e3)
        _paint_lines(peaks, palette, report, lengths, lambda row: (row.hwm_bytes or 0) / 1e6)
        times.set_yscale("log")
        times.set_ylabel("median time [ms], log scale")
        peaks.set_ylabel("VmHWM [MB]")
        peaks.set_ylim(bottom=0)
        for axes in (times, peaks):
            _finish(axes, lengths)
        times.legend(loc="lower right", fontsize=9)

    return draw(
        paint,
        size_inches=(10.0, 4.6),
        alt="Median time and peak memory over clip length. " + "; ".join(map(_alt, report.rows)) + ".",
        caption=f"Left: median time from waveform to embedding, {report.threads} threads, the runtimes in turns; "
        "dashed: the same work at the speed of this machine's matrix products. Right: peak memory (VmHWM) of the model "
        "process over the clips of each length (all measured). Data: runtimes.json, runtimes.parquet",
    )


def _paint_lines(
    axes: Any,
    palette: Palette,
    report: RuntimesReport,
    lengths: Sequence[float],
    value: Callable[[RuntimeRow], float],
) -> None:
    for number, runtime in enumerate(dict.fromkeys(row.runtime for row in report.rows)):
        rows = sorted((row for row in report.rows if row.runtime == runtime), key=lambda row: row.clip_s)
        points = [(lengths.index(row.clip_s), value(row)) for row in rows]
        label = f"{runtime}, {rows[0].precision}"
        colour = palette.series[number]
        axes.plot(*zip(*points, strict=True), color=colour, marker=MARKERS[number], ms=5, lw=1.8, label=label)
        axes.annotate(
            f"{points[-1][1]:.0f}",
            points[-1],
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            size=9,
            color=palette.text,
        )


def _paint_limits(axes: Any, palette: Palette, report: RuntimesReport, lengths: Sequence[float]) -> None:
    for precision, style in (("float32", "--"), ("bfloat16", ":")):
        best = {row.clip_s: row for row in report.rows if row.precision == precision and row.limit_share}
        points = [
            (lengths.index(row.clip_s), row.best_s * (row.limit_share or 0) * 1e3)
            for row in sorted(best.values(), key=lambda row: row.clip_s)
        ]
        if points:
            label = f"limit in {precision}"
            axes.plot(*zip(*points, strict=True), color=palette.quiet, linestyle=style, lw=1.2, label=label)


def _finish(axes: Any, lengths: Sequence[float]) -> None:
    axes.set_xticks(range(len(lengths)), [f"{seconds:g} s" for seconds in lengths])
    axes.set_xlim(-0.2, len(lengths) - 0.6)
    axes.set_xlabel("clip length")
    axes.yaxis.grid(visible=True, which="major")
    axes.set_axisbelow(True)
    if axes.get_yscale() == "log":
        from matplotlib.ticker import LogLocator, NullFormatter

        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())


def _alt(row: RuntimeRow) -> str:
    peak = "" if row.hwm_bytes is None else f", peak {row.hwm_bytes / 1e6:.0f} MB"
    return f"{row.runtime} at {row.clip_s:g} s: {row.p50_s * 1e3:.0f} ms{peak}"


def table(report: RuntimesReport) -> Table:
    """One row a runtime and clip length."""
    return Table(
        pd.DataFrame(
            {
                "runtime": row.runtime,
                "precision": row.precision,
                "clip [s]": f"{row.clip_s:g}",
                "n": row.samples,
                "median [ms]": f"{row.p50_s * 1e3:.1f}",
                "best [ms]": f"{row.best_s * 1e3:.1f}",
                "× speechbrain": f"{row.speedup:.2f}",
                "best, % of limit": "–" if row.limit_share is None else f"{row.limit_share * 100:.0f}",
                "1 − cosine, worst": f"{max(0.0, 1 - row.cosine_min):.0e}",
                "PSS loaded [MB]": _megabytes(row.pss_loaded_bytes),
                "VmHWM [MB]": _megabytes(row.hwm_bytes),
                "first answer [s]": f"{row.first_embedding_s:.2f}",
                "served [s]": "–" if row.served_first_s is None else f"{row.served_first_s:.2f}",
            }
            for row in report.rows
        )
    )


def reading(report: RuntimesReport) -> Reading:
    """The other runtimes at 3 s, or at the shortest length, against the reference, and the machine's limits."""
    lengths = sorted({row.clip_s for row in report.rows})
    chosen = 3.0 if 3.0 in lengths else lengths[0]
    parts = [
        f"{row.runtime} ({row.precision}) takes {row.p50_s * 1e3:.0f} ms for a {chosen:g} s clip, {row.speedup:.1f} × "
        f"as fast as speechbrain{_share(row)}"
        for row in report.rows
        if row.clip_s == chosen and row.runtime != "speechbrain"
    ]
    exact = min((row.cosine_min for row in report.rows if row.runtime != "speechbrain"), default=None)
    limits = " and ".join(f"{rate:.0f} GFLOP/s in {name}" for name, rate in report.gemm_gflops.items())
    lines = [
        "; ".join(parts) + "." if parts else "Only speechbrain is installed: there is nothing to compare."
    ]
    lines.append(
        f"The fastest matrix products of this machine, {report.threads} threads, in the same run: {limits}."
    )
    if exact is not None:
        lines.append(f"The smallest cosine to speechbrain, over all clips and runtimes, is {exact:.6f}.")
    lines += [
        f"{one.runtime}: {one.early_pss_bytes / 1e6:.0f} MB PSS after {one.early} clips of varied length, "
        f"{one.late_pss_bytes / 1e6:.0f} MB after {one.late}."
        for one in report.varied
    ]
    return Reading("\n".join([*_disturbed(report), *lines, *(f"{text}." for text in report.skipped)]))


def _disturbed(report: RuntimesReport) -> list[str]:
    """A warning where other work on the machine shows in the medians."""
    worst = max(report.rows, key=lambda row: row.p50_s / row.best_s)
    excess = worst.p50_s / worst.best_s
    if excess < DISTURBED_FROM:
        return []
    told = f"the median of {worst.runtime} at {worst.clip_s:g} s is {excess:.1f} × its best time"
    return [f"The machine was busy with something else: {told}. Quote none of these times."]


def goals(report: RuntimesReport) -> Table:
    """What the runtimes must reach, and whether they do."""
    return Table(
        pd.DataFrame(
            {"goal": goal.text, "measured": goal.measured, "": MET[goal.met]} for goal in judge(report)
        )
    )


def _share(row: RuntimeRow) -> str:
    return (
        ""
        if row.limit_share is None
        else f" (at its best {row.limit_share:.0%} of the speed of the machine's matrix products)"
    )


def _megabytes(value: int | None) -> str:
    return "–" if value is None else f"{value / 1e6:.0f}"
