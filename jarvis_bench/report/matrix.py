"""The page of a matrix: a row a cell, with its figures and the way to its own pages."""

from __future__ import annotations

from jarvis_bench.kit.matrix import CELLS, CellOutcome, MatrixOutcome
from jarvis_bench.kit.outcome import RunStatus
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.prober.load_report import LoadReport
from jarvis_bench.report.comparison import ComparisonPage, Sheet
from jarvis_bench.report.display import Link
from jarvis_bench.report.evidence import Evidence, NoEvidence

COLUMNS = ("Cell", "Status", "Load", "n", "p50, ms", "p90, ms", "p99, ms", "Verdict")


def matrix_page(outcome: MatrixOutcome, folder: RunFolder) -> ComparisonPage:
    """Everything that was measured, and what was not."""
    done = [
        cell for cell in outcome.cells if cell.outcome is not None and cell.outcome.status is RunStatus.OK
    ]
    missing = [f"{cell.name}: {_status(cell)}" for cell in outcome.cells if cell not in done]
    kept = sum(cell.kept for cell in outcome.cells)
    rows = tuple(row for cell in outcome.cells for row in _rows(cell, folder))
    intro = (
        "Service time: last byte minus sent. Cells were measured one at a time; their pages tell why a number is "
        "INVALID."
    )
    return ComparisonPage(
        kicker="jarvis-bench run --matrix",
        title=outcome.name,
        verdict=outcome.status.value,
        headline=f"{len(done)} of {len(outcome.cells)} cells measured, {kept} of them by an earlier call.",
        facts=("service time p50, p90, p99, measured where the load does not say otherwise",),
        warnings=tuple(missing),
        sheets=(Sheet("Cells", COLUMNS, rows, frozenset({"Status", "Verdict"}), frozenset({"Load"}), intro),),
    )


def _status(cell: CellOutcome) -> str:
    return cell.outcome.status.value if cell.outcome is not None else "not-run"


def _rows(cell: CellOutcome, folder: RunFolder) -> list[tuple[str | Link, ...]]:
    """A row a load; the first names the cell."""
    place = ", ".join(word for _, word in cell.place) or cell.name
    href = f"{CELLS}/{cell.name}/index.html"
    name = Link(place, href) if folder.has(href) else place
    lines = _figures(RunFolder(folder.path / CELLS / cell.name)) or [("–",) * (len(COLUMNS) - 2)]
    first, *others = lines
    return [(name, _status(cell), *first), *(("", "", *line) for line in others)]


def _figures(cell: RunFolder) -> list[tuple[str, ...]]:
    try:
        return [_load(report) for report in Evidence(cell).latency]
    except (NoEvidence, KeyError, TypeError, ValueError):
        return []


def _load(report: LoadReport) -> tuple[str, ...]:
    share = f", {report.facts.share:.0%} of its peak" if report.facts.share is not None else ""
    how = "" if report.facts.how == "measured" else f" ({report.facts.how})"
    by_p = {item.p: item.text() for item in report.service}
    figures = (str(report.requests.ok), by_p[50], by_p[90], by_p[99])
    return (f"{report.load}{share}{how}", *figures, report.verdict.value)
