"""Tools are run as their users run them; what is absent or fails is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jarvis_bench.kit.linters import LINTERS, Linter, installed_version, parse, run_linter, run_linters

PYTHON = ("{python}", "-c")


def python(code: str, name: str = "python") -> Linter:
    """A tool that is a line of Python."""
    return Linter(name, None, (*PYTHON, code), "none")


@pytest.mark.parametrize(
    ("output", "line", "text"),
    [
        ("a.py:3:5: E501 Line too long", 3, "E501 Line too long"),
        ("a.py:3: error: no attribute  [attr-defined]", 3, "error: no attribute  [attr-defined]"),
        ("  /tmp/x/a.py:3:37 - error: Cannot access", 3, "error: Cannot access"),
        ("ERROR a.py:3:22-59: Object of class `C` [x]", 3, "Object of class `C` [x]"),
        ("a.py:3:22: error[missing-attribute] Object", 3, "error[missing-attribute] Object"),
        ("a.py:3:26: missing-await (certain): the coroutine", 3, "missing-await (certain): the coroutine"),
    ],
)
def test_messages_of_every_tool_are_read(output: str, line: int, text: str) -> None:
    """Place and words; other lines are passed over."""
    (message,) = parse(f"Found 1 error.\n{output}\n  = known: defined at b.py:12, awaited\n\n")
    assert (message.file, message.line, message.text) == ("a.py", line, text)


async def test_tools_are_run_in_the_folder_and_answer_in_order(tmp_path: Path) -> None:
    """Each with its own messages."""
    said = "import os, sys; print(f'{os.path.basename(sys.argv[1])}:{len(os.listdir())}:1: said')"
    (tmp_path / "a.py").touch()
    first, second = await run_linters(tmp_path, ["a.py"], [python(said, "one"), python("pass", "two")])
    assert (first.linter, second.linter) == ("one", "two")
    assert [(one.file, one.line) for one in first.messages] == [("a.py", 1)]
    assert (second.messages, second.failure) == ((), "")


async def test_a_tool_that_is_not_installed_is_told_so(tmp_path: Path) -> None:
    """No version, no messages, no failure."""
    absent = Linter("absent", "no-such-distribution", ("absent",), "none")
    run = await run_linter(absent, tmp_path, [])
    assert (run.version, run.messages, run.failure) == (None, (), "")
    no_program = Linter("absent", None, ("no-such-program",), "none")
    assert (await run_linter(no_program, tmp_path, [])).version is None


async def test_a_tool_that_fails_or_finds_no_end_is_told_with_the_reason(tmp_path: Path) -> None:
    """Its last line, or the limit."""
    failed = await run_linter(python("import sys; sys.exit('no node here')"), tmp_path, [])
    assert failed.failure == "exit code 1: no node here"
    endless = await run_linter(python("import time; time.sleep(60)"), tmp_path, [], limit_s=0.2)
    assert endless.failure == "no end after 0.2 s"


def test_versions_are_the_installed_ones() -> None:
    """Python's own for what it brings."""
    versions = {linter.name: installed_version(linter) for linter in LINTERS}
    assert versions["py_compile"] == ".".join(map(str, sys.version_info[:3]))
    assert versions["jarvis-bench audit"]
