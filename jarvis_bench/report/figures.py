"""The pictures of the report; each is drawn from the rows of a run and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jarvis_bench.records import Reproduction
from jarvis_bench.report.display import Figure, Palette, draw
from jarvis_bench.report.judgements import BLOCK_S, chose_unusable_docker, missed_ready_tier

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
            "In the world “here” nothing was started. "
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
    if chose_unusable_docker(result):
        return "container is unhealthy"
    missed = missed_ready_tier(result)
    return f"misses ready {missed}" if missed else ""


def _matrix_alt(results: Sequence[Reproduction]) -> str:
    lines = [f"{result.version} in {result.world}: {TIER_LABELS[result.decision.tier]}" for result in results]
    return "Chosen tier by start-up version and world. " + "; ".join(lines) + "."
