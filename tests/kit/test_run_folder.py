"""Results are written whole or not at all, and two runs never share a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from jarvis_bench.errors import OutputError
from jarvis_bench.kit import run_folder
from jarvis_bench.kit.run_folder import RunFolder, new_run_folder, point_latest

from .tiny_disk import tiny_disk


def visible(folder: Path) -> list[str]:
    """What a person sees in a folder: all but the hidden lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_what_was_written_can_be_read(folder: RunFolder) -> None:
    """Text, JSON and tables come back as they went in, umlauts and missing values included."""
    table = pd.DataFrame({"tier": ["docker", None], "seconds": [0.1, 2.0]})
    folder.write_json("deep/facts.json", {"name": "Wörter", "sizes": [1, None]})
    folder.write_table("rows.parquet", table)
    assert folder.read_json("deep/facts.json") == {"name": "Wörter", "sizes": [1, None]}
    pd.testing.assert_frame_equal(folder.read_table("rows.parquet"), table)


def test_an_empty_file_counts_as_none(folder: RunFolder) -> None:
    """A file that something opened and never filled is no result."""
    (folder.path / "rows.parquet").touch()
    assert not folder.has("rows.parquet")
    assert not folder.has("never.json")


def test_a_failed_write_leaves_the_old_file_and_no_other(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads a result never sees half of it."""
    folder.write_text("index.html", "old")

    def fail(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError, match="no space left"):
        folder.write_text("index.html", "new")
    assert visible(folder.path) == ["index.html"]
    assert (folder.path / "index.html").read_text(encoding="utf-8") == "old"


def test_others_may_read_what_was_written(folder: RunFolder) -> None:
    """A report is published: its files are not the author's alone."""
    assert folder.write_text("index.html", "page").stat().st_mode & 0o777 == 0o644


def test_runs_of_the_same_second_get_folders_of_their_own(tmp_path: Path) -> None:
    """No run writes into another's folder."""
    made = []
    for _ in range(3):
        with new_run_folder(tmp_path / "reports", "quick") as folder:
            made.append(folder.path)
    assert len(set(made)) == 3
    assert all(path.is_dir() and "quick" in path.name for path in made)


def test_a_second_run_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    """While one run lasts, another in the same folder is refused, and free again afterwards."""
    with new_run_folder(tmp_path, "quick") as first:
        with pytest.raises(OutputError, match=rf"\b{os.getpid()}\b"), new_run_folder(tmp_path, "quick"):
            pass
        assert visible(tmp_path) == [first.path.name]
    with new_run_folder(tmp_path, "quick"):
        pass


@pytest.mark.parametrize(
    "make", [Path.touch, lambda path: path.symlink_to("/proc/nowhere")], ids=["a file", "unwritable"]
)
def test_an_output_folder_that_cannot_be_used_is_named(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A file in its place, or a place where nothing may be written, ends in one line with the cure."""
    out = tmp_path / "reports"
    make(out)
    with pytest.raises(OutputError, match=r"reports.*--out"), new_run_folder(out, "quick"):
        pass


def test_a_latest_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """A real folder called `latest` is neither replaced nor written to."""
    (tmp_path / "latest").mkdir()
    (tmp_path / "latest" / "mine.txt").touch()
    with pytest.raises(OutputError, match="latest is in the way"), new_run_folder(tmp_path, "quick"):
        pass
    assert visible(tmp_path) == ["latest"]
    assert visible(tmp_path / "latest") == ["mine.txt"]


def test_latest_points_to_the_newest_run_and_moves_with_the_folder(tmp_path: Path) -> None:
    """The link is relative, replaced in one step, and survives a move of the whole folder."""
    reports = tmp_path / "reports"
    for _ in range(2):
        with new_run_folder(reports, "quick") as folder:
            point_latest(folder)
    moved = reports.rename(tmp_path / "elsewhere")
    assert (moved / "latest").resolve() == moved / folder.path.name
    assert len(visible(moved)) == 3


def test_a_broken_latest_is_repaired(tmp_path: Path) -> None:
    """A link to a run that somebody deleted stops no new run."""
    (tmp_path / "latest").symlink_to("gone")
    with new_run_folder(tmp_path, "quick") as folder:
        point_latest(folder)
    assert (tmp_path / "latest").resolve() == folder.path


@pytest.mark.parametrize("filled", [False, True], ids=["too small", "full to the last byte"])
def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path: Path, filled: bool) -> None:
    """The message says how much there is and how much is needed."""
    with tiny_disk(tmp_path / "disk") as disk:
        if filled:
            disk.fill(leave_bytes=0)
        with (
            pytest.raises(OutputError, match=r"no space.*200 MB needed.*--out"),
            new_run_folder(disk.path, "quick"),
        ):
            pass
        assert visible(disk.path) == (["ballast"] if filled else [])


def test_a_disk_that_fills_up_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fitted is whole, what did not fit is not there, and the error says what to do."""
    monkeypatch.setattr(run_folder, "NEEDED_BYTES", 0)
    with tiny_disk(tmp_path / "disk") as disk, new_run_folder(disk.path, "quick") as folder:
        folder.write_json("run.json", {"status": "ok"})
        with pytest.raises(OutputError, match=r"index\.html.*no space left.*--out"):
            folder.write_text("index.html", "x" * 2_000_000)
        assert visible(folder.path) == ["run.json"]
        disk.fill(leave_bytes=0)
        with pytest.raises(OutputError, match="no space left"):
            folder.write_json("run.json", {"status": "x" * 20_000})
        assert folder.read_json("run.json") == {"status": "ok"}
