"""Which files a tree consists of."""

from __future__ import annotations

import subprocess
from pathlib import Path

from jarvis_bench.await_audit.discovery import project_root, python_files, source_files
from tests.await_audit.test_audit import write


def names(folder: Path) -> list[str]:
    """The files of a folder, relative to it."""
    return sorted(path.relative_to(folder).as_posix() for path in python_files(folder))


def test_a_walk_leaves_out_environments_caches_and_builds(tmp_path: Path) -> None:
    """A package that is called `build` or `env` is a package all the same."""
    write(tmp_path, a="", env__b="", build__lib__c="", pkg__build____init__="", pkg__build__d="")
    write(tmp_path, my_venv__lib__e="", node_modules__f="")
    (tmp_path / "my_venv" / "pyvenv.cfg").write_text("", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "g.py").write_text("", encoding="utf-8")
    assert names(tmp_path) == ["a.py", "env/b.py", "pkg/build/__init__.py", "pkg/build/d.py"]


def test_a_checkout_is_what_git_lists(tmp_path: Path) -> None:
    """New files count, ignored and deleted ones do not."""
    write(tmp_path, kept="", gone="", ignored="", new="")
    (tmp_path / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "kept.py", "gone.py"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True, capture_output=True)
    (tmp_path / "gone.py").unlink()
    assert names(tmp_path) == ["kept.py", "new.py"]


def test_the_project_is_the_nearest_folder_with_a_mark(tmp_path: Path) -> None:
    """A hook passes files; the tree around them is found."""
    write(tmp_path, src__deep__a="", src__b="")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    assert project_root([tmp_path / "src/deep/a.py", tmp_path / "src/b.py"]) == tmp_path


def test_files_outside_the_root_are_read_too(tmp_path: Path) -> None:
    """They are reported, and named relative to the root."""
    write(tmp_path, root__a="", elsewhere__b="")
    files = source_files(tmp_path / "root", [tmp_path / "elsewhere" / "b.py"], ())
    assert [(file.relative, file.reported) for file in files] == [
        ("../elsewhere/b.py", True),
        ("a.py", False),
    ]
