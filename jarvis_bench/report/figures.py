"""The pictures of the report; each is drawn from the rows of a run and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jarvis_bench.records import MemoryRow, Reproduction
from jarvis_bench.report.display import Figure, Palette, draw
from jarvis_bench.report.judgements import BLOCK_S, chose_unusable_docker
from jarvis_bench.report.memory_judgements import CLAIMED_LOCAL_BYTES

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


def memory_timeline(timeline: Sequence[MemoryRow], phases: Sequence[MemoryRow]) -> Figure:
    """RSS and PSS of the model process over its life, with the end of each phase and its peak."""
    marks = {row.phase: row for row in phases if row.metric == "vm-hwm" and row.phase != "peak"}
    peak = max((row.bytes for row in phases if row.metric == "vm-hwm"), default=0)

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        for metric, colour in (("rss", palette.series[0]), ("pss", palette.series[1])):
            points = [(row.t_s, row.bytes / 1e6) for row in timeline if row.metric == metric]
            if points:
                mark = "o" if metric == "pss" else None
                label = f"{metric.upper()} (sampled)"
                axes.plot(
                    *zip(*points, strict=True), color=colour, linewidth=1.6, marker=mark, ms=3.5, label=label
                )
        _mark_phases(axes, palette, marks)
        axes.axhline(CLAIMED_LOCAL_BYTES / 1e6, color=palette.warning, linestyle="--", linewidth=1.2)
        axes.text(
            0, CLAIMED_LOCAL_BYTES / 1e6, " claimed: about 2 GB", color=palette.warning, va="bottom", size=9
        )
        axes.set_ylim(0, max(CLAIMED_LOCAL_BYTES, peak) / 1e6 * 1.12)
        axes.set_xlim(left=0)
        axes.set_xlabel("seconds since the process was started")
        axes.set_ylabel("memory [MB]")
        axes.legend(loc="upper right", ncols=3, fontsize=9)

    texts = "; ".join(f"{phase}: peak {row.bytes / 1e6:.0f} MB" for phase, row in marks.items())
    return draw(
        paint,
        size_inches=(9.0, 4.4),
        alt=f"Memory of the model process over time. {texts}. The claim is about 2000 MB.",
        caption="RAM of the local tier's model process: RSS sampled at 10 Hz, PSS at 1 Hz, and the kernel's peak "
        "(VmHWM) of each phase (measured). Data: memory_timeline.parquet, memory.parquet",
    )


def _mark_phases(axes: Any, palette: Palette, marks: dict[str, MemoryRow]) -> None:
    """A band and a peak a phase; short phases are labelled upright, so that labels do not meet."""
    started_s, whole_s = 0.0, max((row.t_s for row in marks.values()), default=0.0)
    for number, (phase, row) in enumerate(marks.items()):
        if number % 2:
            axes.axvspan(started_s, row.t_s, color=palette.line, alpha=0.45, linewidth=0)
        label = "VmHWM of the phase" if number == 0 else None
        axes.hlines(row.bytes / 1e6, started_s, row.t_s, color=palette.series[2], linewidth=2.2, label=label)
        short = row.t_s - started_s < 0.11 * whole_s
        axes.annotate(
            f"{phase}: {row.bytes / 1e6:.0f}" if short else f"{phase}\n{row.bytes / 1e6:.0f} MB",
            ((started_s + row.t_s) / 2, row.bytes / 1e6),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            rotation=90 if short else 0,
            size=8,
            color=palette.text,
        )
        started_s = row.t_s
