"""Two runs side by side, for people: text and page say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jarvis_bench.kit.compare import CompareReport, compare_runs
from jarvis_bench.report.compare import as_text, compare_page, overall, sentence
from jarvis_bench.report.comparison import comparison_html
from tests.kit.finished_runs import finished_run

from .soup import assert_inert, parse


def compared(tmp_path: Path, force: bool = False, **changes: Any) -> CompareReport:
    """A changed run against the usual one."""
    return compare_runs(
        finished_run(tmp_path / "first"), finished_run(tmp_path / "second", **changes), force=force
    )


def test_text_and_page_hold_every_figure(tmp_path: Path) -> None:
    """Names, both values, verdicts and reasons."""
    report = compared(tmp_path, times=1.3)
    text, soup = as_text(report), parse(comparison_html(compare_page(report)))
    assert_inert(soup)
    for figure in report.figures:
        assert figure.name in text
        assert figure.name in soup.get_text()
        assert f"{figure.verdict}: {figure.why}" in text
    assert overall(report) == "slower"
    assert (
        sentence(report)
        == f"Of {len(report.figures)} figures of B against A: 2 slower, {len(report.figures) - 2} INCONCLUSIVE."
    )


def test_a_forced_comparison_says_so_in_text_and_page(tmp_path: Path) -> None:
    """With the key and both values; and that one run is one process."""
    report = compared(tmp_path, force=True, environment={"cores": 64})
    for text in (as_text(report), parse(comparison_html(compare_page(report))).get_text()):
        assert "forced: the runs differ in cores (2 | 64)" in text
        assert "versus" in text


def test_runs_without_a_common_figure(tmp_path: Path) -> None:
    """Nothing is made up, and what each has is listed."""
    a, b = finished_run(tmp_path / "first"), finished_run(tmp_path / "second")
    for name in ("latency.parquet", "memory.parquet"):
        (b.path / name).unlink()
    report = compare_runs(a, b)
    assert "no figure in common" in sentence(report)
    assert "only in A: local, onnx, 3 s clip" in as_text(report)
    assert "Figures of one run only" in comparison_html(compare_page(report))
