"""The page of a matrix: every cell has its row, whatever became of it."""

from __future__ import annotations

from pathlib import Path

from jarvis_bench.kit.matrix import CELLS, CellOutcome, MatrixOutcome
from jarvis_bench.kit.outcome import RunOutcome, RunStatus
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.report.comparison import comparison_html
from jarvis_bench.report.matrix import matrix_page
from tests.kit.finished_runs import finished_run

from .soup import assert_inert, parse

DONE = RunOutcome("one", "matrix", "2027-03-02T10:15:00+00:00", RunStatus.OK, 1.0, ())
OUTCOME = MatrixOutcome(
    "matrix-two-1234",
    RunStatus.INTERRUPTED,
    (
        CellOutcome("one", (("runtimes", "onnx"), ("clip_seconds", "3 s")), DONE, kept=True),
        CellOutcome("two", (("runtimes", "speechbrain"),), None, kept=False),
    ),
)


def test_finished_cells_have_figures_and_a_link_and_the_others_their_status(tmp_path: Path) -> None:
    """Percentiles that the samples do not support say so."""
    folder = RunFolder(tmp_path)
    finished_run(tmp_path / CELLS / "one")
    (tmp_path / CELLS / "one" / "index.html").write_text("the cell's own page", encoding="utf-8")
    soup = parse(comparison_html(matrix_page(OUTCOME, folder)))
    assert_inert(soup)
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in soup.select("tbody tr")]
    shown = ["onnx, 3 s", "ok", "single", "30", "100.0", "n/a (needs 64)", "n/a (needs 662)"]
    assert rows[0][:-1] == shown
    assert rows[1][:3] == ["", "", "single"]
    assert rows[-1] == ["speechbrain", "not run", *["–"] * 6]
    assert [link["href"] for link in soup.select("tbody a")] == ["cells/one/index.html"]
    assert "1 of 2 cells measured, 1 of them by an earlier call" in soup.get_text()
    assert "two: not-run" in soup.select(".banner")[0].get_text()
