"""Which files an audit is about where nobody names any: those that git knows or would add."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

GIT_S = 30.0
SKIPPED = frozenset({"__pycache__", "node_modules"})
SUFFIXES = (".py", ".pyi")


def default_files(folder: Path) -> tuple[Path, ...] | None:
    """The Python files below a folder that git tracks, or would if they were added; relative to the folder.

    None: this is no work tree, or there is no git.
    """
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
        ".",
    ]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=GIT_S)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    names = sorted({os.fsdecode(name) for name in done.stdout.split(b"\0") if name})
    return tuple(Path(name) for name in names if name.endswith(SUFFIXES) and os.path.lexists(folder / name))


def python_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The Python files that paths name or hold, without the insides of environments and hidden folders."""
    for path in paths:
        if path.is_file():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
            if "pyvenv.cfg" in names:
                folders.clear()
                continue
            yield from (Path(folder, name) for name in names if name.endswith(SUFFIXES))


def nearest_name(path: Path) -> str:
    """The entry of the deepest existing folder that is most like what a wrong path names, or nothing."""
    import difflib

    folder, wrong = path.parent, path.name
    while not folder.is_dir() and folder != folder.parent:
        folder, wrong = folder.parent, folder.name
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return ""
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    return str(folder / near[0]) if near else ""
