"""Which files are read: what git lists, else what a walk finds; symlinks are never followed into folders."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})
BUILT = frozenset({"build", "dist"})
PROJECT_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
GIT_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: `path` as found from what was given, `relative` from the root with forward slashes."""

    path: Path
    relative: str
    reported: bool


def project_root(paths: Sequence[Path]) -> Path:
    """The nearest folder above all paths that marks a project, else their common folder."""
    resolved = [path.resolve() for path in paths]
    folders = [path if path.is_dir() else path.parent for path in resolved]
    common = Path(os.path.commonpath(folders)) if folders else Path.cwd()
    return _project_of(common) or common


def _project_of(folder: Path) -> Path | None:
    """The nearest folder at or above that marks a project."""
    return next((one for one in (folder, *folder.parents) if is_project(one)), None)


def is_project(folder: Path) -> bool:
    """Whether a folder is the top of a project."""
    return any(_exists(folder / mark) for mark in PROJECT_MARKS)


def _exists(path: Path) -> bool:
    """Without rights to look, the answer is no."""
    try:
        return path.exists()
    except OSError:
        return False


def source_files(
    root: Path, paths: Sequence[Path], exclude: Sequence[str], *, chosen: bool = True
) -> list[SourceFile]:
    """All files of the root, and those of the given paths outside it; reported are those under a given path.

    `chosen`: somebody named the root. Otherwise it may be the common folder of paths that have nothing else in common,
    such as `/`, and then only their own projects are read, or the files beside those that belong to none.
    """
    found: dict[str, SourceFile] = {}
    top = os.path.realpath(root)
    for given in paths:
        listed = [given] if given.is_file() else python_files(given) if given.is_dir() else []
        for path, real in _real(listed):
            if real not in found:
                found[real] = SourceFile(path, _relative(real, top), reported=True)
    if any(os.path.realpath(given) == top for given in paths):
        others: Iterable[Path] = ()
    else:
        others = python_files(root) if chosen or is_project(root) else _around(paths)
    for path, real in _real(others):
        if real not in found:
            found[real] = SourceFile(path, _relative(real, top), reported=False)
    kept = [
        file for file in found.values() if not any(_matches(file.relative, pattern) for pattern in exclude)
    ]
    return sorted(kept, key=lambda file: file.relative)


def _around(paths: Sequence[Path]) -> Iterator[Path]:
    for given in paths:
        home = given.resolve() if given.is_dir() else given.resolve().parent
        project = _project_of(home)
        if project is not None:
            yield from python_files(project)
        elif given.is_file():
            yield from sorted(home.glob("*.py"))


def _matches(relative: str, pattern: str) -> bool:
    plain = pattern.rstrip("/")
    return fnmatch(relative, pattern) or relative.startswith(plain + "/") or fnmatch(relative, f"*/{plain}")


def _real(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Each path with what it is once links are followed; folders are followed once."""
    folders: dict[str, str] = {}
    for path in paths:
        if path.is_symlink():
            yield path, os.path.realpath(path)
            continue
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder).rstrip(os.sep) + os.sep
        yield path, folders[folder] + name


def _relative(real: str, top: str) -> str:
    if real.startswith(top + os.sep):
        return real[len(top) + 1 :].replace(os.sep, "/")
    return Path(os.path.relpath(real, top)).as_posix()


def python_files(folder: Path) -> list[Path]:
    """The Python files of a folder, as git lists them where the folder is a checkout."""
    listed = _git_files(folder)
    return listed or sorted(_walk(folder), key=str)


def _git_files(folder: Path) -> list[Path]:
    if not any((parent / ".git").exists() for parent in (folder.resolve(), *folder.resolve().parents)):
        return []
    command = [
        "git",
        "-C",
        str(folder),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        "*.py",
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=GIT_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode:
        return []
    names = (os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
    return [
        path
        for path in (folder / name for name in dict.fromkeys(names))
        if path.is_file() or path.is_symlink()
    ]


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=None, followlinks=False):
        here = Path(parent)
        folders[:] = [name for name in folders if _is_walked(here / name)]
        yield from (here / name for name in names if name.endswith(".py"))


def _is_walked(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.name in SKIPPED or _exists(folder / "pyvenv.cfg"):
        return False
    return folder.name not in BUILT or _exists(folder / "__init__.py")
