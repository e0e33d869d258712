"""The house rules that a machine can hold: sizes, names, and that the package is typed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "jarvis_bench"
EXHIBIT = PACKAGE / "startup"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if EXHIBIT not in path.parents)
MODULE_LIMIT, FUNCTION_USUAL, FUNCTION_LIMIT = 300, 30, 60
UNTELLING = {"utils", "common", "helpers", "manager", "base"}


def _function_lengths(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short_and_told_by_their_names(path: Path) -> None:
    """A module stays readable in one sitting and is named by a noun of the domain."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LIMIT
    assert path.stem not in UNTELLING


def test_functions_are_short() -> None:
    """Nine functions in ten stay under 30 lines, none exceeds 60."""
    lengths = [entry for path in MODULES for entry in _function_lengths(path)]
    assert [name for name, lines in lengths if lines > FUNCTION_LIMIT] == []
    usual = sum(lines <= FUNCTION_USUAL for _, lines in lengths)
    assert usual >= 0.9 * len(lengths)


def test_public_objects_have_a_docstring() -> None:
    """Every public module, class and function says what it is for."""
    missing = [
        f"{path.relative_to(PACKAGE)}: {getattr(node, 'name', 'module')}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef)
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.col_offset == 0)
        if not getattr(node, "name", "module").startswith("_") and not ast.get_docstring(node)
    ]
    assert missing == []


def test_the_package_is_marked_as_typed() -> None:
    """Type checkers of other projects read our annotations."""
    assert (PACKAGE / "py.typed").is_file()
