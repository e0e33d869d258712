"""Latency as pictures: by clip length, as a spectrum, and against the offered rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jarvis_bench.prober.load_report import LoadReport, quoted
from jarvis_bench.prober.percentiles import over_latency_budget
from jarvis_bench.prober.plan import SINGLE
from jarvis_bench.prober.rows import RequestRow
from jarvis_bench.report.display import Figure, Palette, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

MARKERS = ("o", "s", "^", "D")
NINES = (0.5, 0.9, 0.99, 0.999, 0.9999)
DATA = "Data: latency.parquet, latency.json"


def by_length(reports: Sequence[LoadReport], rows: Sequence[RequestRow]) -> Figure:
    """Every timed request of one caller as a dot over its clip length, and the median of each length and tier."""
    singles = [report for report in reports if report.load == SINGLE]
    lengths = sorted({report.clip_s for report in singles})
    tiers = list(dict.fromkeys(tier_of(report) for report in singles))

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        for report in singles:
            number = tiers.index(tier_of(report))
            place = lengths.index(report.clip_s) + 0.8 * ((number + 0.5) / len(tiers) - 0.5)
            _paint_requests(axes, palette, report, _good(rows, report), place, number, 0.5 / len(tiers))
        for number, tier in enumerate(tiers):
            axes.scatter([], [], s=20, color=palette.series[number % 4], label=tier)
        log_milliseconds(axes)
        axes.set_xticks(range(len(lengths)), [f"{seconds:g} s" for seconds in lengths])
        axes.set_xlim(-0.55, len(lengths) - 0.3)
        axes.set_xlabel("clip length")
        axes.set_ylabel("service time [ms], log scale")
        if tiers:
            axes.legend(loc="upper left", fontsize=9)

    texts = [
        f"{tier_of(report)}, {report.clip_s:g} s clips: {spread(_good(rows, report))}{mark(report)}"
        for report in singles
    ]
    return draw(
        paint,
        size_inches=(9.0, 4.4),
        alt="Service time over clip length. " + "; ".join(texts) + ".",
        caption="Service time (last byte minus sent) of each request, closed loop of one; the bar is the median; "
        f"hollow: INVALID (measured unless marked). {DATA}",
    )


def _paint_requests(
    axes: Any,
    palette: Palette,
    report: LoadReport,
    good: Sequence[RequestRow],
    place: float,
    number: int,
    width: float,
) -> None:
    values = [ms(row.service_s) for row in good]
    places = [place + width * (index / max(1, len(values) - 1) - 0.5) for index in range(len(values))]
    colour = palette.series[number % 4]
    face = colour if quoted(report) else "none"
    axes.scatter(places, values, s=12, alpha=0.55, facecolors=face, edgecolors=colour, linewidths=0.6)
    if report.p50.seconds is not None:
        median = report.p50.seconds * 1e3
        axes.plot([place - 0.6 * width, place + 0.6 * width], [median, median], color=palette.text, lw=1.8)
        label = f"{median:.0f} ms" if quoted(report) else f"{median:.0f} ms INVALID"
        axes.annotate(
            label, (place, max(values)), xytext=(0, 6), textcoords="offset points", ha="center", size=9
        )


def spectrum(reports: Sequence[LoadReport], rows: Sequence[RequestRow]) -> Figure:
    """Latency over percentile on a 1/(1−p) axis, a panel a tier: response solid, service dashed, a colour a load."""
    chosen = [report for report in reports if report.facts.is_open and report.response[0].seconds]
    tiers = list(dict.fromkeys(tier_of(report) for report in chosen)) or [""]

    def paint(canvas: Canvas, palette: Palette) -> None:
        panels = canvas.subplots(1, len(tiers), sharey=True, squeeze=False)[0]
        for axes, tier in zip(panels, tiers, strict=True):
            mine = [report for report in chosen if tier_of(report) == tier]
            for number, report in enumerate(mine):
                _paint_spectrum(axes, palette.series[number % 4], report, _good(rows, report))
            axes.set_xscale("log")
            shown = [nine for nine in NINES if nine <= 0.9 or _supported(mine) >= nine]
            axes.set_xticks([1 / (1 - nine) for nine in shown], [f"{nine * 100:g} %" for nine in shown])
            axes.minorticks_off()
            axes.set_xlim(1, 1 / (1 - shown[-1]) * 1.6)
            log_milliseconds(axes)
            axes.set_title(tier, size=10, loc="left")
            axes.set_xlabel("percentile, on a 1/(1−p) scale")
        handles = {
            text: line
            for axes in panels
            for line, text in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        if handles:
            canvas.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=9)
        panels[0].set_ylabel("latency [ms], log scale")

    texts = [
        f"{tier_of(report)}, {_load(report)}: response p50 {report.response[0].text()} ms, service p50 "
        f"{report.service[0].text()} ms{mark(report)}"
        for report in chosen
    ]
    return draw(
        paint,
        size_inches=(max(7.0, 3.5 * len(tiers)), 4.4),
        alt="Percentile spectrum of response and service time. " + ("; ".join(texts) or "No open load") + ".",
        caption="Solid: response time, from the planned arrival; dashed: service time, from sending. Lines end "
        "where the sample supports no further percentile (confidence 0.99); dotted: INVALID (measured unless marked). "
        f"{DATA}",
    )


def _paint_spectrum(axes: Any, colour: str, report: LoadReport, good: Sequence[RequestRow]) -> None:
    limit = _supported([report])
    kinds = (
        ("response", [row.response_s for row in good], "-"),
        ("service", [row.service_s or 0 for row in good], "--"),
    )
    for kind, values, style in kinds:
        ranked = sorted(values)
        points = [
            (1 / (1 - index / len(ranked)), value * 1e3)
            for index, value in enumerate(ranked)
            if index / len(ranked) <= limit
        ]
        share = report.facts.share
        name = report.load if share is None else f"{share:.0%} of the peak"
        label = f"{name}{mark(report)}" if kind == "response" else None
        line = style if quoted(report) else ":"
        axes.plot(*zip(*points, strict=True), color=colour, linestyle=line, lw=1.6, label=label)


def _supported(reports: Sequence[LoadReport]) -> float:
    """The highest percentile, as a share of one, that the largest of the samples supports."""
    samples = max((report.requests.ok for report in reports), default=0)
    tried = [1 - 10 ** (-step / 20) for step in range(6, 100)]
    return max((share for share in tried if over_latency_budget(samples, share * 100) >= 1), default=0.5)


def against_rate(reports: Sequence[LoadReport]) -> Figure:
    """Response time over the offered rate, by tier, with the knee."""
    chosen = [report for report in reports if report.facts.is_open and report.response[0].seconds]
    tiers = list(dict.fromkeys(tier_of(report) for report in chosen))
    by_tier = {tier: [report for report in chosen if tier_of(report) == tier] for tier in tiers}

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        axes.margins(x=0.12, y=0.12)
        for number, mine in enumerate(by_tier.values()):
            _paint_rates(axes, palette, sorted(mine, key=lambda report: report.facts.rate_per_s), number)
        log_milliseconds(axes)
        axes.set_xlim(left=0)
        axes.set_xlabel("offered rate [requests/s]")
        axes.set_ylabel("response time [ms], log scale")
        if tiers:
            axes.legend(loc="upper left", fontsize=9)

    texts = [
        f"{tier_of(report)} at {report.facts.rate_per_s:.1f}/s: p50 {report.response[0].text()} ms{mark(report)}"
        for report in chosen
    ]
    texts += [f"knee of {tier}: {text}" for tier, mine in by_tier.items() if (text := knee_text(mine))]
    return draw(
        paint,
        size_inches=(8.5, 4.4),
        alt="Response time over offered rate. " + ("; ".join(texts) or "No open load") + ".",
        caption="Response time, Poisson arrivals: p50 solid, p90 dashed where the sample supports it. Ring: the knee, "
        "where answers a second divided by response p50 is largest (≤, ≥: at the lowest or highest rate tried); cross: "
        f"INVALID (measured unless marked). {DATA}",
    )


def _paint_rates(axes: Any, palette: Palette, mine: Sequence[LoadReport], number: int) -> None:
    colour = palette.series[number % 4]
    for place, style in ((0, "-"), (1, "--")):
        known = [r for r in mine if r.response[place].seconds is not None]
        points = [(r.facts.rate_per_s, ms(r.response[place].seconds)) for r in known]
        if not points:
            continue
        label = f"{tier_of(mine[0])}, p{known[0].response[place].p:g}"
        axes.plot(*zip(*points, strict=True), color=colour, linestyle=style, lw=1.6, label=label)
        for point, report in zip(points, known, strict=True):
            axes.plot(*point, color=colour, marker=MARKERS[number % 4] if quoted(report) else "x", ms=6)
    if found := knee(mine):
        at = (found.facts.rate_per_s, ms(found.response[0].seconds))
        axes.plot(*at, marker="o", ms=14, mfc="none", mec=palette.warning, mew=1.8)
        text = f"knee: {knee_text(mine)}"
        axes.annotate(text, at, xytext=(10, -14), textcoords="offset points", size=9, color=palette.warning)


def knee(mine: Sequence[LoadReport]) -> LoadReport | None:
    """Of one tier's loads the one with the largest power (answers a second over response p50; Kleinrock 1979); None
    without two loads that may be quoted."""
    known = _quotable(mine)
    if len(known) < 2:
        return None
    return max(known, key=lambda report: report.rate.completed / (report.response[0].seconds or 1.0))


def knee_text(mine: Sequence[LoadReport]) -> str:
    """Its rate; only a bound where no lower or no higher one was tried."""
    if (found := knee(mine)) is None:
        return ""
    rates, rate = [report.facts.rate_per_s for report in _quotable(mine)], found.facts.rate_per_s
    sign = "≥ " if rate == max(rates) else "≤ " if rate == min(rates) else ""
    return f"{sign}{rate:.1f}/s"


def _quotable(mine: Sequence[LoadReport]) -> list[LoadReport]:
    return [
        report for report in mine if report.facts.is_open and quoted(report) and report.response[0].seconds
    ]


def _good(rows: Sequence[RequestRow], report: LoadReport) -> list[RequestRow]:
    return [row for row in rows if row.run == report.facts.run and row.ok and not row.warmup]


def spread(good: Sequence[RequestRow]) -> str:
    """How many requests, between which service times."""
    values = [ms(row.service_s) for row in good]
    return (
        f"{len(values)} requests between {min(values):.0f} and {max(values):.0f} ms"
        if values
        else "no answer"
    )


def _load(report: LoadReport) -> str:
    share = report.facts.share
    return report.load if share is None else f"{report.facts.rate_per_s:.1f}/s ({share:.0%})"


def tier_of(report: LoadReport) -> str:
    """The tier's name, marked where its figures were not measured on a real one."""
    return report.tier if report.facts.how == "measured" else f"{report.tier} ({report.facts.how})"


def mark(report: LoadReport) -> str:
    """What stands beside a figure that may not be quoted."""
    return "" if quoted(report) else " INVALID"


def ms(seconds: float | None) -> float:
    """Milliseconds."""
    return (seconds or 0.0) * 1e3


def log_milliseconds(axes: Any) -> None:
    """A logarithmic axis of milliseconds with plain numbers."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    lowest, highest = axes.get_ylim()
    narrow = highest < 15 * lowest
    axes.yaxis.set_major_locator(
        LogLocator(subs=(1.0, 1.5, 2.0, 3.0, 5.0, 7.0) if narrow else (1.0, 2.0, 5.0))
    )
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.grid(visible=True, which="major")
    axes.set_axisbelow(True)
