"""The files that are meant where nobody names any."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jarvis_bench.await_audit.chosen_files import default_files, nearest_name, python_files


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def test_git_says_what_belongs_to_the_project(tmp_path: Path) -> None:
    """Tracked and new files; not what is ignored, deleted or no Python; odd names as they are."""
    git(tmp_path, "init", "--quiet")
    for name in ("tracked.py", "deleted.py", "new.py", "ignored.py", "stub.pyi", "text.txt", "a\tb ü.py"):
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    git(tmp_path, "add", "tracked.py", "deleted.py")
    (tmp_path / "deleted.py").unlink()
    found = default_files(tmp_path)
    assert found is not None
    assert {path.name for path in found} == {"tracked.py", "new.py", "stub.pyi", "a\tb ü.py"}


def test_below_a_folder_of_the_work_tree_only_its_files_are_meant(tmp_path: Path) -> None:
    """Relative to that folder."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "top.py").touch()
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").touch()
    assert default_files(tmp_path / "pkg") == (Path("a.py"),)


def test_without_a_work_tree_or_without_git_there_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder itself is audited then."""
    assert default_files(tmp_path) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert default_files(tmp_path) is None


def test_folders_are_searched_but_not_environments(tmp_path: Path) -> None:
    """Hidden folders, caches and virtual environments are left out, named files are taken as they are."""
    for name in ("a.py", "pkg/b.py", ".git/c.py", "__pycache__/d.py", "env/lib/e.py", "script"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    assert {path.name for path in python_files([tmp_path])} == {"a.py", "b.py"}
    assert list(python_files([tmp_path / "script"])) == [tmp_path / "script"]


def test_a_wrong_path_is_told_the_nearest_name(tmp_path: Path) -> None:
    """Also where a folder on the way is wrong; nothing where nothing is near."""
    (tmp_path / "package").mkdir()
    assert nearest_name(tmp_path / "pakage") == str(tmp_path / "package")
    assert nearest_name(tmp_path / "pakage" / "a.py") == str(tmp_path / "package")
    assert nearest_name(tmp_path / "zzz") == ""
