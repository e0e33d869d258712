"""The packages of an interpreter: modules that are read only when a name leads there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from jarvis_bench.await_audit.resolve.tree import Module, module_parts
from jarvis_bench.await_audit.syntax.model import Summary
from jarvis_bench.await_audit.syntax.reading import read_summary

ASK = "import json, sys; print(json.dumps([path for path in sys.path if path]))"
TIMEOUT_S = 20.0
MOST_FILES = 6_000


def search_path(python: Path) -> tuple[Path, ...]:
    """The folders that an interpreter imports from; none when it cannot be asked."""
    try:
        done = subprocess.run(
            [str(python), "-c", ASK], capture_output=True, timeout=TIMEOUT_S, check=True, cwd=python.parent
        )
        return tuple(Path(path) for path in json.loads(done.stdout) if Path(path).is_dir())
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()


def installed_modules(folders: tuple[Path, ...], imported: frozenset[str]) -> tuple[Module, ...]:
    """The modules of every imported package that is found in the folders, the standard library left out."""
    found: dict[tuple[str, ...], Module] = {}
    for name in sorted(imported - sys.stdlib_module_names):
        for folder in folders:
            files = list(_files(folder, name))
            if files:
                found.update((module.parts, module) for module in (_module(folder, path) for path in files))
                break
        if len(found) > MOST_FILES:
            break
    return tuple(found.values())


def _files(folder: Path, name: str) -> Iterator[Path]:
    if (folder / name).is_dir():
        yield from (path for path in sorted((folder / name).rglob("*.py")) if "tests" not in path.parts)
    elif (folder / f"{name}.py").is_file():
        yield folder / f"{name}.py"


def _module(folder: Path, path: Path) -> Module:
    relative = path.relative_to(folder).as_posix()
    parts, is_package = module_parts(relative)
    return Module(relative, parts, is_package, partial(_read, path), is_library=True)


def _read(path: Path) -> Summary:
    try:
        return read_summary(path.read_bytes())
    except (OSError, ValueError):
        return read_summary(b"")
