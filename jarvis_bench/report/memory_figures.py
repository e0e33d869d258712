"""The pictures of memory: a timeline a tier, and stacked bars by metric with the document's claims as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jarvis_bench.memory.phases import is_peak
from jarvis_bench.records import MemoryRow
from jarvis_bench.report.display import Figure, Palette, draw
from jarvis_bench.report.memory_judgements import CLAIMED_DOCKER_BYTES, CLAIMED_LOCAL_BYTES

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

MB = 1e6
REST = "after idle"
# The split of one whole, by who tells it: a process's PSS, or a container's pages.
SPLITS = (("pss-anon", "pss-file", "pss-shmem"), ("cgroup-anon", "cgroup-file"))
SPLIT_NAMES = ("without a file (heap)", "pages of files", "shared memory")
CLAIMS = {
    "local": ("claimed: about 2 GB", CLAIMED_LOCAL_BYTES),
    "service": ("claimed for the container: < 500 MB", CLAIMED_DOCKER_BYTES),
    "docker": ("claimed: < 500 MB", CLAIMED_DOCKER_BYTES),
    "cloud-run client": ("claimed: no RAM", 0),
}
TITLES = {
    "local": "local: the model process",
    "service": "service: its process, in no container",
    "docker": "docker: the container",
    "cloud-run": "Cloud Run: the instance",
    "cloud-run client": "Cloud Run: the client at home",
}


def whose(row: MemoryRow) -> str:
    """The tier, and `client` where it is not the server's memory."""
    return row.tier if row.of == "server" else f"{row.tier} {row.of}"


def timelines(timeline: Sequence[MemoryRow], phases: Sequence[MemoryRow]) -> Figure:
    """RSS of every runtime over its life, a panel a tier, with the kernel's peak of each phase."""
    usual = [row for row in timeline if row.condition == "usual" and row.bytes is not None]
    tiers = list(dict.fromkeys(whose(row) for row in usual))
    runtimes = _runtimes(usual)

    def paint(canvas: Canvas, palette: Palette) -> None:
        canvas.set_layout_engine("constrained", h_pad=0.1)
        panels = canvas.subplots(max(1, len(tiers)), 1, squeeze=False)[:, 0]
        for axes, tier in zip(panels, tiers, strict=False):
            mine = [row for row in usual if whose(row) == tier]
            for runtime in _runtimes(mine):
                colour = palette.series[runtimes.index(runtime)]
                _line(axes, [row for row in mine if row.runtime == runtime], colour, runtime)
                _marks(axes, [row for row in phases if whose(row) == tier and row.runtime == runtime], colour)
            _claim(axes, palette, tier)
            axes.set_title(TITLES.get(tier, tier), loc="left", fontsize=10, color=palette.text)
            axes.set_ylabel("MB")
            axes.set_ylim(0, axes.get_ylim()[1] * 1.08)
            axes.set_xlim(left=0)
            axes.yaxis.grid(visible=True)
            axes.set_axisbelow(True)
            axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=4, fontsize=8, borderaxespad=0.2)
        panels[-1].set_xlabel("seconds since it was started")

    return draw(
        paint,
        size_inches=(9.0, 0.7 + 2.45 * max(1, len(tiers))),
        alt=f"Memory over time. {_peaks_text(phases)}",
        caption="A life from start to rest, a panel a tier: RSS sampled at 10 Hz (line) or, where a tier only tells, "
        "what it tells; bars: the kernel's peak (VmHWM) of each phase, which no sampling can miss. Dashed: what the "
        "document claims (all measured unless labelled). Data: memory_timeline.parquet, memory.parquet",
    )


def _runtimes(rows: Sequence[MemoryRow]) -> list[str]:
    return sorted({row.runtime for row in rows})


def _line(axes: Any, rows: Sequence[MemoryRow], colour: str, runtime: str) -> None:
    """The densest whole figure that there is."""
    for metric in ("rss", "rss-sum", "docker-stats", "pss"):
        points = sorted((row.t_s, (row.bytes or 0) / MB) for row in rows if row.metric == metric)
        if points:
            how = "" if rows[0].how == "measured" else f", {rows[0].how}"
            label = f"{runtime} ({metric.upper()}{how})"
            axes.plot(*zip(*points, strict=True), color=colour, linewidth=1.5, label=label)
            return


def _marks(axes: Any, rows: Sequence[MemoryRow], colour: str) -> None:
    started_s = 0.0
    marks = [
        row for row in rows if row.metric == "vm-hwm" and row.condition == "usual" and row.phase != "peak"
    ]
    for row in marks:
        if row.bytes is not None:
            axes.hlines(row.bytes / MB, started_s, row.t_s, color=colour, linewidth=2.6, alpha=0.55)
            started_s = row.t_s


def _claim(axes: Any, palette: Palette, tier: str) -> None:
    if tier in CLAIMS:
        text, value = CLAIMS[tier]
        axes.axhline(value / MB, color=palette.warning, linestyle="--", linewidth=1.2, clip_on=False)
        axes.annotate(
            text,
            (0, value / MB),
            xytext=(4, 3),
            textcoords="offset points",
            color=palette.warning,
            size=8.5,
        )


def stacked_bars(phases: Sequence[MemoryRow]) -> Figure:
    """What each tier and runtime holds at rest, split by metric, its peak, and the document's claims as lines."""
    usual = [row for row in phases if row.condition == "usual" and row.bytes is not None]
    bars = list(dict.fromkeys((whose(row), row.runtime) for row in usual))

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        for place, key in enumerate(bars):
            _bar(axes, palette, place, [row for row in usual if (whose(row), row.runtime) == key])
        axes.set_yticks(range(len(bars)), [f"{tier}, {runtime}" for tier, runtime in bars])
        axes.tick_params(axis="y", labelcolor=palette.text, length=0)
        axes.set_ylim(len(bars) - 0.4, -1.1)
        axes.set_xlim(0, CLAIMED_LOCAL_BYTES / MB * 1.06)
        for text, value in (
            ("< 500 MB\n(container)", CLAIMED_DOCKER_BYTES),
            ("about 2 GB\n(local)", CLAIMED_LOCAL_BYTES),
        ):
            axes.axvline(value / MB, color=palette.warning, linestyle="--", linewidth=1.2)
            axes.text(value / MB - 12, -0.7, text, color=palette.warning, size=8.5, ha="right", va="center")
        axes.set_xlabel("MB")
        axes.xaxis.grid(visible=True)
        axes.set_axisbelow(True)
        legend = axes.legend(handles=_legend(palette), loc="center", bbox_to_anchor=(0.76, 0.5), fontsize=8.5)
        legend.set_frame_on(True)
        legend.get_frame().set(facecolor=palette.page, edgecolor="none", alpha=1.0)

    return draw(
        paint,
        size_inches=(9.0, 1.3 + 0.42 * len(bars)),
        alt=f"Memory at rest and at its peak. {_peaks_text(phases)}",
        caption="Bars: PSS at rest after clips up to 30 s, split into pages without a file and pages of files (of a "
        "container whose process cannot be read: its own anon and file figures); hatched: RSS as a service tells it; "
        "diamond: the highest peak (VmHWM, or the container's own mark). Dashed: what the document claims (measured "
        "unless labelled). Data: memory.parquet",
    )


def _bar(axes: Any, palette: Palette, place: int, rows: Sequence[MemoryRow]) -> None:
    rest = {row.metric: (row.bytes or 0) / MB for row in rows if row.phase == REST}
    left = 0.0
    for split in SPLITS:
        if split[0] in rest:
            for number, metric in enumerate(split):
                width = rest.get(metric, 0.0)
                axes.barh(place, width, left=left, height=0.62, color=palette.series[number])
                left += width
            break
    peak = max(((row.bytes or 0) / MB for row in rows if is_peak(row.metric)), default=None)
    end = left
    if peak is not None:
        axes.plot(peak, place, marker="D", ms=6, color=palette.text)
        end = max(left, peak)
    label = _at_rest(axes, palette, place, rest, left) + ("" if peak is None else f", peak {peak:.0f}")
    end = max(end, rest.get("rss", 0.0) if not left else 0.0)
    box = {"facecolor": palette.page, "edgecolor": "none", "pad": 1.0}
    axes.text(end + 34, place, label, va="center", size=8.5, bbox=box)


def _at_rest(axes: Any, palette: Palette, place: int, rest: dict[str, float], split: float) -> str:
    """The text of a bar; a tier that tells its RSS only has that as its bar, and one that tells nothing has none."""
    if split:
        return f"{split:.0f} at rest"
    if (rss := rest.get("rss")) is None:
        return "not measured at rest"
    axes.barh(place, rss, height=0.62, facecolor="none", edgecolor=palette.series[0], hatch="///")
    return f"{rss:.0f} at rest (RSS, as it says)"


def _legend(palette: Palette) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    parts: list[Any] = [
        Patch(color=palette.series[number], label=name) for number, name in enumerate(SPLIT_NAMES[:2])
    ]
    return [*parts, Line2D([], [], marker="D", linestyle="", color=palette.text, label="highest peak")]


def _peaks_text(phases: Sequence[MemoryRow]) -> str:
    texts = [
        f"{whose(row)}, {row.runtime}: peak {row.bytes / MB:.0f} MB"
        for row in phases
        if row.phase == "peak" and row.condition == "usual" and row.bytes is not None
    ]
    return "; ".join(texts) + "." if texts else "No peak was measured."
