"""Cold starts as pictures, tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from jarvis_bench.kit.cold_start_report import PHASES, ColdStartReport, ColdStartSummary, bounded_median
from jarvis_bench.prober.percentiles import FLOORS
from jarvis_bench.records import ColdStartRow, IdleGapRow
from jarvis_bench.report.display import Figure, Palette, Reading, Table, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


# Beside the longest bar there has to be room for its text.
ROOM = 1.5


def name(one: ColdStartSummary | ColdStartRow) -> str:
    """A bar in words."""
    cache = "" if one.cache == "warm" else f", page cache {one.cache}"
    how = "" if one.how == "measured" else f" ({one.how})"
    return f"{one.tier}, {one.runtime}{cache}{how}"


def stacked_phases(summaries: Sequence[ColdStartSummary]) -> Figure:
    """One bar a way of starting: the mean of each phase, and the median of the whole with its bounds."""
    shown = [one for one in summaries if one.cold]

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        colours = _phase_colours(palette)
        for place, one in enumerate(shown):
            left = 0.0
            for phase, seconds in zip(PHASES, one.phases_s, strict=True):
                axes.barh(place, seconds or 0.0, left=left, height=0.62, **colours[phase])
                left += seconds or 0.0
            _whole(axes, palette, place, one, left)
        axes.set_yticks(range(len(shown)), [name(one) for one in shown])
        axes.tick_params(axis="y", labelcolor=palette.text, length=0)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(0, ROOM * max((_end(one) for one in shown), default=1.0))
        axes.set_xlabel("seconds")
        axes.xaxis.grid(visible=True)
        axes.set_axisbelow(True)
        canvas.legend(
            handles=_legend(colours, shown), loc="outside upper center", ncols=len(PHASES), fontsize=8.5
        )

    return draw(
        paint,
        size_inches=(9.5, 1.5 + 0.45 * len(shown)),
        alt="Cold starts by phase. " + " ".join(map(_sentence, shown)),
        caption="From nothing to the first embedding: the mean of each phase over cold samples, the same five phases "
        "everywhere, and the rest (waiting, sending); whisker: bounds of the median at 95 % where there are samples "
        "enough (measured unless labelled). Data: cold_start.parquet",
    )


def _phase_colours(palette: Palette) -> dict[str, dict[str, Any]]:
    plain: dict[str, dict[str, Any]] = {
        "provision": {"color": palette.quiet},
        "process": {"color": palette.series[3]},
        "import": {"color": palette.series[0]},
        "load": {"color": palette.series[1]},
        "first inference": {"color": palette.series[2]},
        "rest": {"facecolor": palette.page, "edgecolor": palette.quiet, "hatch": "////", "linewidth": 0.5},
    }
    return plain


def _legend(colours: dict[str, dict[str, Any]], shown: Sequence[ColdStartSummary]) -> list[Any]:
    from matplotlib.patches import Patch

    there = [
        phase for number, phase in enumerate(PHASES) if any(one.phases_s[number] is not None for one in shown)
    ]
    return [Patch(**colours[phase], label=phase) for phase in there]


def _whole(axes: Any, palette: Palette, place: int, one: ColdStartSummary, left: float) -> None:
    total = one.total_s
    if total.low_s is not None and total.high_s is not None and total.middle_s is not None:
        axes.errorbar(
            total.middle_s,
            place,
            xerr=[[total.middle_s - total.low_s], [total.high_s - total.middle_s]],
            color=palette.text,
            capsize=3,
            lw=1.1,
        )
    axes.text(max(left, _end(one)) * 1.015 + 0.02, place, _median_text(one), va="center", size=8.5)


def _end(one: ColdStartSummary) -> float:
    return one.total_s.high_s or one.total_s.middle_s or 0.0


def _median_text(one: ColdStartSummary) -> str:
    total, warm = one.total_s, f", {one.warm} warm" if one.warm else ""
    if total.seconds is None:
        return f"n = {one.cold} cold{warm}; median needs {FLOORS[50]}"
    return f"{total.seconds:.2f} s, n = {one.cold} cold{warm}"


def _sentence(one: ColdStartSummary) -> str:
    middle = "nothing" if one.total_s.middle_s is None else f"{one.total_s.middle_s:.2f} s"
    return f"{name(one)}: {middle} in the middle of {one.cold} cold starts."


def distribution(rows: Sequence[ColdStartRow]) -> Figure:
    """Every sample as a dot, cold and warm told apart."""
    good = [row for row in rows if row.total_s is not None]
    bars = list(dict.fromkeys(map(name, good)))

    def paint(canvas: Canvas, palette: Palette) -> None:
        from matplotlib.ticker import LogLocator, NullFormatter

        axes = canvas.add_subplot()
        kinds = (
            (True, "cold", palette.series[0], "o"),
            (False, "warm: the next request", palette.series[1], "s"),
            (None, "not known", palette.quiet, "x"),
        )
        for cold, label, colour, marker in kinds:
            points = [
                (row.total_s, bars.index(name(row)) + _spread(row.index)) for row in good if row.cold is cold
            ]
            if points:
                seconds, places = zip(*points, strict=True)
                axes.scatter(seconds, places, s=16, alpha=0.7, color=colour, marker=marker, label=label)
        axes.set_yticks(range(len(bars)), bars)
        axes.tick_params(axis="y", labelcolor=palette.text, length=0)
        axes.set_ylim(max(1, len(bars)) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("seconds, log scale")
        axes.xaxis.grid(visible=True)
        axes.set_axisbelow(True)
        if good:
            canvas.legend(loc="outside upper center", ncols=3, fontsize=8.5)

    counts = {kind: sum(row.cold is kind for row in good) for kind in (True, False, None)}
    return draw(
        paint,
        size_inches=(9.0, 1.4 + 0.42 * len(bars)),
        alt=f"{counts[True]} cold samples, {counts[False]} warm, {counts[None]} of which it is not known.",
        caption="Every sample: a cold one is a whole start, a warm one a request to a process that answered before; "
        "told apart by the name of the process and its request index (measured unless labelled). "
        "Data: cold_start.parquet",
    )


def _spread(index: int) -> float:
    return 0.09 * (index % 5 - 2)


def gap_curve(gaps: Sequence[IdleGapRow]) -> Figure:
    """What a request takes after a rest: every one as a dot, and the line through the medians."""
    good = [row for row in gaps if row.response_s is not None]
    lengths = sorted({row.gap_s for row in good})

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        medians = []
        for place, gap in enumerate(lengths):
            values = [(row.response_s or 0.0) * 1e3 for row in good if row.gap_s == gap]
            spread = [place + 0.2 * (number / max(1, len(values) - 1) - 0.5) for number in range(len(values))]
            axes.scatter(spread, values, s=16, alpha=0.65, color=palette.series[0], linewidths=0)
            medians.append(bounded_median(values).middle_s or 0.0)
        axes.plot(range(len(lengths)), medians, color=palette.text, linewidth=1.4, marker="_", ms=18)
        axes.set_xticks(range(len(lengths)), [f"{gap:g} s" for gap in lengths])
        axes.set_ylim(0, 1.06 * axes.get_ylim()[1])
        axes.set_xlabel("rest before the request")
        axes.set_ylabel("response time [ms]")
        axes.yaxis.grid(visible=True)
        axes.set_axisbelow(True)

    texts = "; ".join(f"after {gap:g} s: {_gap_text(good, gap)}" for gap in lengths)
    return draw(
        paint,
        size_inches=(8.0, 3.6),
        alt=f"Response time after a rest. {texts}.",
        caption="Response time (last byte minus sent) of a 3 s clip after a rest, the middle one marked; the service "
        "is warm and has one thread (measured). Data: idle_gaps.parquet",
    )


def _gap_text(good: Sequence[IdleGapRow], gap: float) -> str:
    values = [row.response_s for row in good if row.gap_s == gap and row.response_s is not None]
    middle = bounded_median(values).middle_s
    return "nothing" if middle is None else f"{middle * 1e3:.0f} ms in the middle of {len(values)}"


def table(summaries: Sequence[ColdStartSummary]) -> Table:
    """One row a way of starting; a median that the sample cannot support says how many it would need."""
    return Table(
        pd.DataFrame(
            {
                "tier, runtime": name(one),
                "way": one.way,
                "cold / warm / not known / failed": f"{one.cold} / {one.warm} / {one.unknown} / {one.failed}",
                "median [s]": _or_needs(one.total_s.seconds),
                "bounds [s]": _bounds(one),
                **{f"{phase} [s]": _s(value) for phase, value in zip(PHASES, one.phases_s, strict=True)},
                "a warm request [s]": _s(one.warm_s),
            }
            for one in summaries
        )
    )


def _or_needs(seconds: float | None) -> str:
    return f"n/a (needs {FLOORS[50]})" if seconds is None else f"{seconds:.2f}"


def _bounds(one: ColdStartSummary) -> str:
    low, high = one.total_s.low_s, one.total_s.high_s
    return "–" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def _s(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def reading(report: ColdStartReport) -> Reading:
    """The fastest and the slowest start, where their time goes, and what was not cold."""
    lines = []
    for one in report.summaries:
        known = [
            (seconds, phase)
            for phase, seconds in zip(PHASES, one.phases_s, strict=True)
            if seconds is not None
        ]
        if known and one.total_s.middle_s is not None:
            most, phase = max(known)
            share = most / sum(seconds for seconds, _ in known)
            lines.append(
                f"{name(one)} ({one.way}): {one.total_s.middle_s:.2f} s in the middle of {one.cold} cold starts, most "
                f"of it {phase} ({share:.0%})."
            )
    counts = [
        sum(getattr(one, kind) for one in report.summaries) for kind in ("cold", "warm", "unknown", "failed")
    ]
    lines.append(
        "{} samples were cold, {} warm (a second request to the same process, kept and marked), {} not known, "
        "{} failed.".format(*counts)
    )
    lines += [f"{note}." for note in report.notes]
    return Reading("\n".join([*lines, *_gap_lines(report.gaps)]))


def _gap_lines(gaps: Sequence[IdleGapRow]) -> list[str]:
    good = [row for row in gaps if row.response_s is not None]
    lengths = sorted({row.gap_s for row in good})
    if len(lengths) < 2:
        return []
    cold = sum(bool(row.cold) for row in good)
    return [
        (
            f"After {lengths[0]:g} s of rest a request takes {_gap_text(good, lengths[0])}, after {lengths[-1]:g} s "
            f"{_gap_text(good, lengths[-1])}; {cold} of {len(good)} were answered by another process than before."
        )
    ]


def as_text(report: ColdStartReport) -> str:
    """The record as a table, and what it means."""
    return "\n".join(
        [repr(table(report.summaries)), "", reading(report).text, "", report.weights, report.cores]
    )
