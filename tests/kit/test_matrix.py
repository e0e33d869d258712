"""A matrix: read as a whole before anything runs, measured cell by cell, and taken up where it stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from jarvis_bench.errors import UsageError
from jarvis_bench.kit import matrix as matrix_module
from jarvis_bench.kit.matrix import CELLS, MatrixOutcome, finished_cell, read_matrix, run_matrix
from jarvis_bench.kit.outcome import RunOutcome, RunStatus
from jarvis_bench.kit.progress import Progress
from jarvis_bench.kit.run import Request
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.records import as_json
from jarvis_bench.settings import CHECKOUT, Settings

from .finished_runs import finished_run

SMALL = {
    "notebook": "10_latency",
    "tiers": ["local"],
    "runtimes": ["onnx", "speechbrain"],
    "clip_seconds": [1.0, 3.0],
    "loads": [{"name": "short", "requests": 11}, {"name": "long", "requests": 30, "warmup": 5}],
}


def written(tmp_path: Path, **changes: Any) -> Path:
    """A file with a changed matrix; None takes a key away."""
    path = tmp_path / "Two Tiers.yaml"
    content = {key: value for key, value in (SMALL | changes).items() if value is not None}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_every_combination_is_a_cell_with_its_parameters(tmp_path: Path) -> None:
    """A single value stands for a list of one; loads of the notebook get clips of the same length."""
    matrix = read_matrix(written(tmp_path), Settings())
    assert len(matrix.cells) == 8
    first, last = matrix.cells[0], matrix.cells[-1]
    assert first.name == "local-onnx-1-s-short"
    assert first.plan.parameters == {
        "tiers": ["local"],
        "runtime": "onnx",
        "clip_seconds": [1.0],
        "load_clip_s": 1.0,
        "requests": [11],
    }
    assert last.plan.parameters["warmup"] == 5
    assert dict(last.place) == {
        "tiers": "local",
        "runtimes": "speechbrain",
        "clip_seconds": "3 s",
        "loads": "long",
    }


def test_the_folder_is_that_of_the_content(tmp_path: Path) -> None:
    """The same for the same file, another for another plan."""
    one, same, other = (
        read_matrix(written(tmp_path, **changes), Settings()).folder_name
        for changes in ({}, {}, {"runtimes": ["onnx"]})
    )
    assert one == same != other
    assert one.startswith("matrix-two-tiers-")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"notebook": None}, "`notebook`"),
        ({"notebook": "11_latency"}, "'10_latency'"),
        ({"runtime": ["onnx"]}, "'runtimes'"),
        ({"runtimes": ["onxx"]}, "'onnx'"),
        ({"runtimes": []}, "at least one"),
        ({"runtimes": "onnx"}, "a list"),
        ({"clip_seconds": ["long"]}, "'long'"),
        ({"notebook": "20_memory"}, "'runtimes'"),
        ({"loads": [{"rekwests": 3}]}, "'requests'"),
        ({"loads": [{"out_dir": "/"}]}, "'out_dir'"),
        ({"loads": [3]}, "each load"),
        ({"loads": [{"warmup": 1}, {"warmup": 1}]}, "same name"),
        ({"cell_timeout_s": "long"}, "cell_timeout_s"),
    ],
)
def test_what_is_wrong_is_named_before_anything_runs(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    """Key, value and the nearest known name."""
    path = written(tmp_path, **changes)
    with pytest.raises(UsageError) as caught:
        read_matrix(path, Settings())
    assert said in str(caught.value)


@pytest.mark.parametrize("content", [None, "", "[1, 2]", "a: [", "\x00"])
def test_a_file_that_is_no_matrix_is_named(tmp_path: Path, content: str | None) -> None:
    """With its path."""
    path = tmp_path / "matrix.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"matrix\.yaml"):
        read_matrix(path, Settings())


def test_the_example_in_the_repository_is_good() -> None:
    """It is what the README shows."""
    assert len(read_matrix(CHECKOUT / "data" / "matrix.yaml", Settings()).cells) >= 4


class ScriptedRun:
    """Stands in for papermill: each cell ends as its script says, and leaves files behind."""

    def __init__(self, *endings: RunStatus) -> None:
        self.endings, self.ran = list(endings), list[str]()

    async def run(self, request: Request, folder: RunFolder, progress: Progress) -> RunOutcome:
        """One cell."""
        self.ran.append(folder.path.name)
        status = self.endings.pop(0)
        outcome = RunOutcome(folder.path.name, request.profile, "2027-03-02T10:15:00+00:00", status, 1.0, ())
        folder.write_json("run.json", as_json(outcome))
        return outcome


def run_scripted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *endings: RunStatus
) -> tuple[MatrixOutcome, list[str], list[str]]:
    """The outcome of a matrix of two cells, which cells ran, and which were rendered."""
    script, rendered = ScriptedRun(*endings), list[str]()
    monkeypatch.setattr(matrix_module, "run", script.run)
    matrix = read_matrix(written(tmp_path, loads=None, clip_seconds=None), Settings())
    outcome = asyncio.run(
        run_matrix(
            matrix,
            RunFolder(tmp_path),
            Progress(quiet=True),
            lambda folder: rendered.append(folder.path.name),
        )
    )
    return outcome, script.ran, rendered


def test_a_failed_cell_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes the whole fail."""
    outcome, ran, rendered = run_scripted(tmp_path, monkeypatch, RunStatus.FAILED, RunStatus.OK)
    assert ran == rendered == ["local-onnx", "local-speechbrain"]
    assert (outcome.status, outcome.exit_code) == (RunStatus.FAILED, 1)


def test_an_interrupted_cell_ends_the_matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest was not reached, and is listed as such."""
    outcome, ran, _ = run_scripted(tmp_path, monkeypatch, RunStatus.INTERRUPTED)
    assert ran == ["local-onnx"]
    assert (outcome.exit_code, outcome.cells[1].outcome) == (130, None)


def test_finished_cells_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the other one is run."""
    _finish(RunFolder(tmp_path / CELLS / "local-onnx"))
    outcome, ran, _ = run_scripted(tmp_path, monkeypatch, RunStatus.OK)
    assert ran == ["local-speechbrain"]
    assert [cell.kept for cell in outcome.cells] == [True, False]


def test_a_cell_whose_files_changed_is_not_finished(tmp_path: Path) -> None:
    """Nor one that failed, or has no files at all."""
    folder = RunFolder(tmp_path / "cell")
    assert finished_cell(folder) is None
    _finish(folder)
    assert finished_cell(folder) is not None
    folder.write_text("fix.json", "{}")
    assert finished_cell(folder) is None


def _finish(folder: RunFolder) -> None:
    finished_run(folder.path)
    from jarvis_bench.kit.run_folder import digest

    run: Any = folder.read_json("run.json")
    artefact = {"path": "fix.json", "bytes": 1, "sha256": digest(folder, "fix.json")}
    run["notebooks"] = [run["notebooks"][0] | {"artefacts": [artefact]}]
    folder.write_json("run.json", run | {"status": "ok"})
