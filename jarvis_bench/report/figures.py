"""The pictures of the report; each is drawn from the rows of a run and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jarvis_bench.prober.percentiles import FLOORS
from jarvis_bench.records import LatencyRow, Reproduction
from jarvis_bench.report.display import Figure, Palette, draw
from jarvis_bench.report.judgements import BLOCK_S, chose_unusable_docker

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

TIER_LABELS = {"docker": "Docker", "cloud-run": "Cloud Run", "local": "local", None: "no tier"}


def startup_matrix(results: Sequence[Reproduction]) -> Figure:
    """Version × world: the tier that start-up chose, how long it took, and how long it blocked the loop."""
    versions = list(dict.fromkeys(result.version for result in results))
    worlds = list(dict.fromkeys(result.world for result in results))

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        for result in results:
            _tile(axes, palette, result, versions.index(result.version), worlds.index(result.world))
        axes.set_xlim(0, len(versions))
        axes.set_ylim(len(worlds), 0)
        axes.set_xticks([column + 0.5 for column in range(len(versions))], versions)
        axes.set_yticks([row + 0.5 for row in range(len(worlds))], worlds)
        axes.xaxis.tick_top()
        axes.tick_params(length=0, labelcolor=palette.text, labelsize=11)
        for spine in axes.spines.values():
            spine.set_visible(False)

    return draw(
        paint,
        size_inches=(9.0, 0.62 * len(worlds) + 0.7),
        alt=_matrix_alt(results),
        caption=(
            "The tier each start-up version chose in each world, and seconds to decide. Red: a wrong choice, or the "
            f"longest block of the event loop where it exceeds {BLOCK_S * 1000:.0f} ms (all measured). "
            "Data: reproductions.parquet"
        ),
    )


def _tile(axes: Any, palette: Palette, result: Reproduction, column: int, row: int) -> None:
    from matplotlib.patches import FancyBboxPatch

    trouble = _trouble(result)
    axes.add_patch(
        FancyBboxPatch(
            (column + 0.06, row + 0.1),
            *(0.88, 0.8),
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=palette.tiers[result.decision.tier],
            edgecolor=palette.warning if trouble else "none",
            linewidth=1.8,
        )
    )
    label = TIER_LABELS.get(result.decision.tier, str(result.decision.tier))
    below = trouble or ("Docker probe crashed" if result.error else f"Docker: {result.docker.status.value}")
    axes.text(column + 0.12, row + 0.42, label, weight="bold", size=11, va="center")
    colour = palette.warning if trouble else palette.text
    axes.text(column + 0.12, row + 0.71, below, size=8.5, va="center", color=colour)
    axes.text(column + 0.89, row + 0.42, f"{result.seconds:.2f} s", size=8.5, ha="right", va="center")


def _trouble(result: Reproduction) -> str:
    """What is wrong with how this start-up ran or chose; empty where nothing is."""
    if result.longest_block_s > BLOCK_S:
        return f"blocks the loop {result.longest_block_s:.1f} s"
    return "container is unhealthy" if chose_unusable_docker(result) else ""


def _matrix_alt(results: Sequence[Reproduction]) -> str:
    lines = [f"{result.version} in {result.world}: {TIER_LABELS[result.decision.tier]}" for result in results]
    return "Chosen tier by start-up version and world. " + "; ".join(lines) + "."


def latency_by_length(rows: Sequence[LatencyRow]) -> Figure:
    """Every timed request as a dot over its clip length, and the median of each length."""
    timed = [row for row in rows if row.ok and not row.warmup]
    lengths = sorted({row.clip_s for row in timed})

    def paint(canvas: Canvas, palette: Palette) -> None:
        from matplotlib.ticker import LogLocator, NullFormatter

        axes = canvas.add_subplot()
        for position, seconds in enumerate(lengths):
            values = [_service_ms(row) for row in timed if row.clip_s == seconds]
            spread = [
                position + 0.28 * (index / max(1, len(values) - 1) - 0.5) for index in range(len(values))
            ]
            axes.scatter(spread, values, s=14, alpha=0.55, color=palette.series[0], linewidths=0)
            if len(values) >= FLOORS[50]:
                median = sorted(values)[(len(values) - 1) // 2]
                axes.plot(
                    [position - 0.25, position + 0.25], [median, median], color=palette.text, linewidth=1.6
                )
                axes.text(position + 0.29, median, f"{median:.0f} ms", va="center", size=10)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.grid(visible=True, which="major")
        axes.set_axisbelow(True)
        axes.set_xticks(range(len(lengths)), [f"{seconds:g} s" for seconds in lengths])
        axes.set_xlim(-0.5, len(lengths) - 0.2)
        axes.set_xlabel("clip length")
        axes.set_ylabel("service time [ms], log scale")

    texts = [
        f"{seconds:g} s clips: {len(values)} requests between {min(values):.0f} and {max(values):.0f} ms"
        for seconds in lengths
        if (values := [_service_ms(row) for row in timed if row.clip_s == seconds])
    ]
    return draw(
        paint,
        size_inches=(8.0, 4.2),
        alt="Service time over clip length. " + "; ".join(texts) + ".",
        caption="Service time (last byte minus sent) of each request, closed loop of one; the bar is the median "
        "(measured). Data: latency.parquet",
    )


def _service_ms(row: LatencyRow) -> float:
    return (row.last_byte_ns - row.sent_ns) / 1e6
