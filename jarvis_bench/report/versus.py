"""A comparison of two arms in words, as a table and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jarvis_bench.kit.paired_ratio import PairedRatio
from jarvis_bench.kit.versus_verdict import Speed, VersusReport
from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.report.comparison import ComparisonPage, Sheet
from jarvis_bench.report.display import Figure, Palette, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

ROWS_FILE = "versus.parquet"


def verdict_word(report: VersusReport) -> str:
    """The one word: of the speeds, or INVALID where the session proves nothing."""
    invalid = report.validity is MeasurementVerdict.INVALID
    return report.validity.value if invalid else report.verdict.value


def sentence(report: VersusReport) -> str:
    """The verdict with its size, its interval and its noise."""
    size = f"B takes {interval(report.difference)} the time of A"
    if report.validity is MeasurementVerdict.INVALID:
        return f"INVALID: {report.reasons[0]}. {size}."
    opening = {
        Speed.SLOWER: "B is slower",
        Speed.FASTER: "B is faster",
        Speed.NO_DIFFERENCE: "No difference",
    }[report.verdict]
    return (
        f"{opening}: {size} (signed-rank p = {report.difference.p_value:.4f}, {report.difference.pairs} fresh "
        f"processes an arm). Two arms that are alike: {interval(report.noise)}; the smallest difference that "
        f"counts here is {report.smallest_share:.1%}."
    )


def interval(ratio: PairedRatio) -> str:
    """A ratio with its interval."""
    return f"{ratio.ratio:.3f} × [{ratio.low:.3f}, {ratio.high:.3f}]"


def versus_page(report: VersusReport) -> ComparisonPage:
    """The page of record."""
    cell = report.cell
    return ComparisonPage(
        kicker="jarvis-bench versus",
        title=f"{report.a.text} against {report.b.text}",
        verdict=verdict_word(report),
        headline=sentence(report),
        facts=(
            f"{report.metric}, measured",
            f"clip of {cell.clip_s:g} s, {cell.requests} timed requests a process, seed {cell.seed}",
            f"{report.seconds:.0f} s",
            report.cores,
        ),
        warnings=report.reasons,
        sheets=(_arms(report), _tests(report)),
        picture=block_picture(report),
    )


def _arms(report: VersusReport) -> Sheet:
    rows = tuple(
        (
            f"{name}: {arm.text}",
            ", ".join(f"{key} {value}" for key, value in arm.settings.items()),
            arm.weights.partition(" — ")[0],
            f"{arm.p50_s * 1e3:.2f} ms",
        )
        for name, arm in (("A", report.a), ("B", report.b))
    )
    return Sheet(
        "The arms",
        ("Arm", "Settings", "Weights", "Median of its processes"),
        rows,
        texts=frozenset({"Settings", "Weights"}),
    )


def _tests(report: VersusReport) -> Sheet:
    rows = tuple(
        (
            name,
            f"{test.ratio:.3f}",
            f"{test.low:.3f} – {test.high:.3f}",
            f"{test.p_value:.4f}",
            str(test.pairs),
        )
        for name, test in (("B over A", report.difference), ("A again over A: the noise", report.noise))
    )
    intro = (
        "One ratio a block of fresh processes, the median of its rounds: estimate of Hodges and Lehmann, its exact "
        f"95 % interval, and the two-sided signed-rank test. A verdict needs p < {report.alpha:g} and a difference "
        f"above {report.smallest_share:.1%}: 5 %, or what the noise reaches."
    )
    return Sheet("The test", ("Ratio", "Estimate", "95 % interval", "p", "Blocks"), rows, intro=intro)


def block_picture(report: VersusReport) -> Figure:
    """Each block's ratio as a dot, with the interval, and the band of differences that do not count."""
    lines = (
        ("B over A", report.block_ratios, report.difference),
        ("A again over A", report.noise_ratios, report.noise),
    )

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        band = (100 * (1 / (1 + report.smallest_share) - 1), 100 * report.smallest_share)
        axes.axvspan(*band, color=palette.line, alpha=0.6, linewidth=0)
        axes.axvline(0, color=palette.quiet, linewidth=0.8)
        for row, (_, ratios, test) in enumerate(lines):
            colour = palette.series[0] if row == 0 else palette.quiet
            axes.plot(
                [100 * (r - 1) for r in ratios], [row - 0.16] * len(ratios), "o", color=colour, alpha=0.55
            )
            low, middle, high = (100 * (value - 1) for value in (test.low, test.ratio, test.high))
            axes.plot([low, high], [row + 0.16] * 2, color=colour, linewidth=2.5, solid_capstyle="round")
            axes.plot([middle], [row + 0.16], "D", color=colour)
        axes.set_yticks([0, 1], [name for name, _, _ in lines])
        axes.set_ylim(1.55, -0.55)
        axes.tick_params(axis="y", length=0, labelcolor=palette.text)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f} %" if value else "equal")

    return draw(
        paint,
        size_inches=(9.0, 2.4),
        alt=f"{sentence(report)}",
        caption=(
            "Difference in service time, one dot a block of fresh processes; below them the estimate and its 95 % "
            f"interval (measured). Grey band: too small to count in this session. Data: {ROWS_FILE}"
        ),
    )
