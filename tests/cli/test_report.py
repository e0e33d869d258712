"""`jarvis-bench report`: the pages of a finished run, rebuilt from its folder alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jarvis_bench.kit.outcome import NotebookOutcome, NotebookStatus, RunOutcome, RunStatus
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.records import as_json
from jarvis_bench.settings import Settings

from .conftest import Command, MixedRun

LOST = NotebookOutcome("10_look", "Look", "What is there?", NotebookStatus.NOT_RUN)
RUN = RunOutcome(
    "20270302T101500Z-quick", "quick", "2027-03-02T10:15:00+00:00", RunStatus.INTERRUPTED, 2.5, (LOST,)
)


@pytest.mark.notebooks
@pytest.mark.usefixtures("checkout")
def test_a_rebuilt_report_has_the_same_bytes(command: Command, mixed_run: MixedRun, tmp_path: Path) -> None:
    """Also where the run was moved, its pages were lost, and its checkout is another."""
    moved = tmp_path / "moved"
    shutil.copytree(mixed_run.folder, moved, symlinks=True)
    before = {path.name: path.read_bytes() for path in moved.glob("*.html")}
    for path in moved.glob("*.html"):
        path.unlink()
    run_file = (moved / "run.json").read_bytes()
    finished = command("report", moved)
    assert finished.code == 0
    assert finished.out.strip() == str(moved / "index.html")
    assert {path.name: path.read_bytes() for path in moved.glob("*.html")} == before
    assert (moved / "run.json").read_bytes() == run_file


@pytest.mark.usefixtures("checkout")
def test_json_is_the_run(command: Command, tmp_path: Path) -> None:
    """One object with its schema version on standard output, nothing else."""
    RunFolder(tmp_path).write_json("run.json", as_json(RUN))
    finished = command("report", tmp_path, "--json")
    assert (finished.code, finished.err) == (0, "")
    assert (finished.record["schema_version"], finished.record["run_id"]) == (1, RUN.run_id)
    assert (tmp_path / "index.html").is_file()


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"schema_version": 1, "run_id": "x"}'])
def test_a_folder_without_a_run_is_named(command: Command, tmp_path: Path, content: str | None) -> None:
    """Exit 2, and nothing is written into it."""
    folder = tmp_path / "no-run"
    folder.mkdir()
    if content is not None:
        (folder / "run.json").write_text(content, encoding="utf-8")
    finished = command("report", folder)
    assert (finished.code, finished.out) == (2, "")
    assert str(folder) in finished.err
    assert "run.json" in finished.err
    assert not (folder / "index.html").exists()


def test_a_folder_that_is_not_there_is_named(command: Command, checkout: Settings) -> None:
    """Exit 2, and it is not made."""
    folder = checkout.home / "reports" / "latest"
    finished = command("report", folder)
    assert finished.code == 2
    assert str(folder) in finished.err
    assert not folder.exists()
