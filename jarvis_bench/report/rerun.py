"""A run and its repetition, in words and as a page."""

from __future__ import annotations

from dataclasses import replace

from jarvis_bench.kit.rerun import Again, RerunReport
from jarvis_bench.report.compare import compare_page
from jarvis_bench.report.comparison import ComparisonPage

PAGE, RECORD = "reproduction.html", "reproduction.json"


def sentence(report: RerunReport) -> str:
    """The verdict."""
    band = f"{len(report.figures)} figures within {report.tolerance:.0%} or their noise"
    return {
        Again.REPRODUCED: f"Reproduced: the same notebooks ended well, the same claims stand, {band}.",
        Again.NOT: f"Not reproduced: {len(report.reasons)} things came out differently.",
        Again.HOST_DIFFERS: "The host differs: what came out differently may be the machine's doing.",
    }[report.verdict]


def as_text(report: RerunReport) -> str:
    """The record as lines for a terminal."""
    return "\n".join(
        [f"first  {report.original}", f"again  {report.again}", sentence(report), *report.reasons]
    )


def rerun_page(report: RerunReport) -> ComparisonPage:
    """The comparison's page, with this verdict and this tolerance."""
    page = compare_page(replace(report.compared, figures=report.figures, forced=False))
    return replace(
        page,
        kicker="jarvis-bench reproduce-run",
        title=f"{report.original}, once more",
        verdict=report.verdict.value,
        headline=sentence(report),
        facts=(f"again: {report.again}", f"tolerance {report.tolerance:.0%}", "all figures measured"),
        warnings=report.reasons,
    )
