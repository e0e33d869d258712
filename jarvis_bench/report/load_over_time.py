"""One load over time: its latency, and on the same axis how late the client sent and how its own loop lagged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jarvis_bench.prober.honesty import LIMITS
from jarvis_bench.prober.load_report import LoadReport, quoted
from jarvis_bench.prober.rows import ClientTick, RequestRow
from jarvis_bench.report.display import Figure, Palette, draw
from jarvis_bench.report.load_figures import mark, ms, spread, tier_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


def over_time(report: LoadReport, rows: Sequence[RequestRow], ticks: Sequence[ClientTick]) -> Figure:
    """One load over time: what requests took, and on the same axis how late the client sent and how its loop lagged."""
    mine = [row for row in rows if row.run == report.facts.run and not row.warmup]
    lags = [tick for tick in ticks if tick.run == report.facts.run]
    start_ns = report.facts.started_ns

    def paint(canvas: Canvas, palette: Palette) -> None:
        above, below = canvas.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _paint_requests(above, palette, mine, start_ns)
        _paint_client(below, palette, mine, lags, start_ns)

    client = report.client
    return draw(
        paint,
        size_inches=(9.0, 5.0),
        alt=f"{_named(report)} over time{mark(report)}: {spread([row for row in mine if row.ok])}; the client sent "
        f"with a slip of p99 {client.slip_p99_s * 1e3:.2f} ms, its loop lagged p99 {client.lag_p99_s * 1e3:.2f} ms.",
        caption=f"{_named(report)}, {report.verdict.value}. Above: each request at its planned time. Below, same "
        "axis: how late the client sent it, and the lag of the client's loop (measured, 20 ms ticker). "
        "Data: latency.parquet, latency_ticks.parquet",
    )


def _named(report: LoadReport) -> str:
    return report.facts.run.replace(report.tier, tier_of(report), 1)


def _paint_requests(axes: Any, palette: Palette, mine: Sequence[RequestRow], start_ns: int) -> None:
    good, bad = [row for row in mine if row.ok], [row for row in mine if not row.ok]
    times = [_at(row.planned_ns, start_ns) for row in good]
    axes.scatter(
        times, [row.response_s * 1e3 for row in good], s=14, color=palette.series[0], label="response"
    )
    service = [ms(row.service_s) for row in good]
    axes.scatter(times, service, s=42, facecolors="none", edgecolors=palette.series[1], label="service")
    if bad:
        lost = [(_at(row.planned_ns, start_ns), row.response_s * 1e3) for row in bad]
        axes.scatter(*zip(*lost, strict=True), s=22, marker="x", color=palette.warning, label="no answer")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("latency [ms]")
    axes.legend(loc="upper left", ncols=3, fontsize=9)


def _paint_client(
    axes: Any, palette: Palette, mine: Sequence[RequestRow], lags: Sequence[ClientTick], start_ns: int
) -> None:
    allowed_ms = LIMITS.slip_s * 1e3
    slip = [(_at(row.planned_ns, start_ns), row.slip_s * 1e3) for row in mine if row.sent_ns is not None]
    lag = [(_at(tick.due_ns, start_ns), tick.lag_s * 1e3) for tick in lags]
    if slip:
        axes.scatter(*zip(*slip, strict=True), s=9, color=palette.series[2], label="slip of each request")
    if lag:
        axes.plot(
            *zip(*lag, strict=True),
            color=palette.series[3],
            lw=1.2,
            zorder=3,
            label="lag of the client's loop",
        )
    axes.axhline(allowed_ms, color=palette.warning, linestyle="--", lw=1.0)
    axes.text(0, allowed_ms, " slip p99 allowed", color=palette.warning, va="bottom", size=8)
    axes.set_ylim(0, 1.35 * max([allowed_ms, *(value for _, value in [*slip, *lag])]))
    axes.set_xlim(left=0)
    axes.set_ylabel("client [ms]")
    axes.set_xlabel("seconds since the load began")
    if slip or lag:
        axes.legend(loc="upper right", ncols=2, fontsize=9)


def _at(stamp_ns: int, start_ns: int) -> float:
    return (stamp_ns - start_ns) / 1e9


def busiest(reports: Sequence[LoadReport]) -> LoadReport:
    """The open load with the highest rate below the peak, for `over_time`; any other load where there is none."""
    below = [report for report in reports if report.facts.is_open and (report.facts.share or 0) < 1]
    return max(below or list(reports), key=lambda report: (quoted(report), report.facts.rate_per_s))
