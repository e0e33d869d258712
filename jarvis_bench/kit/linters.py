"""The tools that might see a missing `await`, run on the exhibit as their users run them."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OURS: Final = "jarvis-bench audit"
LIMIT_S: Final = 60.0
COLOURS: Final = frozenset({"FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "MYPY_FORCE_COLOR", "CLICOLOR"})
AT_ONCE: Final = 2
SLOW: Final = frozenset({"pylint", "pyright", "mypy", "flake8-async"})
# All of them can write `file.py:line[:column] - text`; pyright indents it and pyrefly gives a range of columns.
MESSAGE: Final = re.compile(
    r"(?P<file>[\w.]+\.py):(?P<line>\d+)(?::[\d-]+)?(?:-\d+)?(?::\s*|\s+-\s+)(?P<text>\S.*)"
)


@dataclass(frozen=True, slots=True)
class Linter:
    """A tool and how it is called; `distribution` is its name on the package index, None for what Python brings.

    `settings` are those under which it says most about awaits; `not_a_check` are lines of its output to pass over.
    """

    name: str
    distribution: str | None
    command: tuple[str, ...]
    settings: str


@dataclass(frozen=True, slots=True)
class LinterMessage:
    """One line of a tool's output that names a place."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class LinterRun:
    """What a tool said about some files; `version` is None where it is not installed, `failure` empty where it ran."""

    linter: str
    version: str | None
    settings: str
    messages: tuple[LinterMessage, ...] = ()
    seconds: float = 0.0
    failure: str = ""


LINTERS: Final = (
    Linter("py_compile", None, ("{python}", "-m", "py_compile"), "the document's only check"),
    Linter(
        "ruff",
        "ruff",
        (
            "ruff",
            "check",
            "--isolated",
            "--no-cache",
            "--quiet",
            "--select",
            "ALL",
            "--output-format",
            "concise",
        ),
        "all rules",
    ),
    Linter("flake8-async", "flake8-async", ("flake8-async",), "all rules that are on by default"),
    Linter(
        "pylint",
        "pylint",
        ("pylint", "--rcfile", os.devnull, "--score", "n", "--disable", "C,R"),
        "errors and warnings",
    ),
    Linter(
        "mypy",
        "mypy",
        ("mypy", "--config-file", os.devnull, "--cache-dir", os.devnull, "--strict"),
        "--strict",
    ),
    Linter("pyright", "pyright", ("pyright", "--pythonpath", "{python}"), "standard"),
    Linter("ty", "ty", ("ty", "check", "--output-format", "concise", "--python", "{python}"), "as it comes"),
    Linter(
        "pyrefly",
        "pyrefly",
        (
            "pyrefly",
            "check",
            "--preset",
            "strict",
            "--output-format",
            "min-text",
            "--python-interpreter-path",
            "{python}",
        ),
        "--preset strict",
    ),
    Linter(OURS, "jarvis-bench", ("{python}", "-m", "jarvis_bench.await_audit", "--no-cache"), "all rules"),
)


async def run_linters(
    folder: Path, files: Sequence[str], linters: Sequence[Linter] = LINTERS
) -> list[LinterRun]:
    """Run the tools on files of a folder, two at a time; the answers are in the order given.

    Args:
        folder: their working directory; it holds the files and no configuration.
    """
    turn = asyncio.Semaphore(AT_ONCE)

    async def take_turn(linter: Linter) -> LinterRun:
        async with turn:
            return await run_linter(linter, folder, files)

    # The slow ones first, so that none of them is left to run alone at the end.
    async with asyncio.TaskGroup() as group:
        runs = {one.name: group.create_task(take_turn(one)) for one in sorted(linters, key=_is_quick)}
    return [runs[linter.name].result() for linter in linters]


def _is_quick(linter: Linter) -> bool:
    return linter.name not in SLOW


async def run_linter(
    linter: Linter, folder: Path, files: Sequence[str], limit_s: float = LIMIT_S
) -> LinterRun:
    """Run one tool; one that is absent, cannot start or finds no end is told and raises nothing."""
    version = installed_version(linter)
    command = _command(linter)
    if version is None or command is None:
        return LinterRun(linter.name, None, linter.settings)
    started = time.perf_counter()
    try:
        code, output = await _output((*command, *files), folder, limit_s)
    except (OSError, TimeoutError) as exc:
        reason = f"no end after {limit_s:g} s" if isinstance(exc, TimeoutError) else str(exc)
        return LinterRun(linter.name, version, linter.settings, failure=reason)
    messages = tuple(parse(output))
    failure = "" if messages or code == 0 else f"exit code {code}: {_last_line(output)}"
    return LinterRun(linter.name, version, linter.settings, messages, time.perf_counter() - started, failure)


def installed_version(linter: Linter) -> str | None:
    """The version of a tool in this environment, or None."""
    if linter.distribution is None:
        return ".".join(map(str, sys.version_info[:3]))
    try:
        return importlib.metadata.version(linter.distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def parse(output: str) -> list[LinterMessage]:
    """The messages in a tool's output; lines that name no place are passed over."""
    found = (MESSAGE.search(line) for line in output.splitlines())
    return [LinterMessage(one["file"], int(one["line"]), one["text"].strip()) for one in found if one]


def _command(linter: Linter) -> tuple[str, ...] | None:
    program, *rest = (word.replace("{python}", sys.executable) for word in linter.command)
    path = Path(sys.executable).parent / program
    return (str(path), *rest) if path.is_file() else None


async def _output(command: Sequence[str], folder: Path, limit_s: float) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limit_s):
            output, _ = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return process.returncode or 0, output.decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """Plain output: a notebook's kernel asks its children for colours."""
    kept = {name: value for name, value in os.environ.items() if name not in COLOURS}
    return kept | {"NO_COLOR": "1", "TERM": "dumb", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no output"
