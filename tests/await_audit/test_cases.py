"""Every case file gives exactly what its comments say, and its fixed twin is what `--fix` makes of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jarvis_bench.await_audit import AuditOptions, apply_fixes, audit
from jarvis_bench.await_audit.records import RULES
from tests.await_audit.case_files import CASES, audited_copy, case_paths, expectations, reported

ALL_CASES = [path for rule in RULES for path in case_paths(rule)]
LEAST = 25


class Renamer(ast.NodeTransformer):
    """Names become numbers in the order of their first appearance; constants lose their value."""

    def __init__(self, own: set[str]) -> None:
        self.own = own
        self.names: dict[str, str] = {}

    def renamed(self, name: str) -> str:
        """The number of one of the file's own names; names of libraries stay."""
        return self.names.setdefault(name, f"n{len(self.names)}") if name in self.own else name

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Rename whatever carries a name."""
        for field in ("id", "name", "attr", "arg"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                setattr(node, field, self.renamed(value))
        if isinstance(node, ast.Constant) and not isinstance(node.value, bool | None):
            node.value = 0
        return super().generic_visit(node)


def normalised(path: Path) -> str:
    """The syntax tree of a case without its choice of names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    own |= {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return ast.dump(Renamer(own).visit(tree))


def name_of(path: Path) -> str:
    """The rule and the name of a case."""
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", ALL_CASES, ids=name_of)
def test_finds_what_is_expected_and_nothing_else(path: Path, tmp_path: Path) -> None:
    """Right rule, line and grade; nothing invented."""
    _, result = audited_copy(path, tmp_path)
    assert reported(result) == expectations(path)


@pytest.mark.parametrize("path", ALL_CASES, ids=name_of)
def test_a_fix_gives_the_twin_and_a_second_one_changes_nothing(path: Path, tmp_path: Path) -> None:
    """What may be fixed becomes the twin, byte for byte; a case without a twin stays as it is."""
    copy, result = audited_copy(path, tmp_path)
    apply_fixes(result, likely=True)
    twin = path.with_suffix(".fixed.py")
    assert copy.read_bytes() == (twin if twin.exists() else path).read_bytes()
    again = audit([copy], AuditOptions(root=tmp_path, jobs=1))
    assert apply_fixes(again, likely=True) == ()


@pytest.mark.parametrize("rule", RULES)
def test_there_are_enough_cases_of_both_kinds(rule: str) -> None:
    """At least 25 true and 25 innocent ones for each rule."""
    true = [path for path in case_paths(rule) if expectations(path)]
    assert len(true) >= LEAST
    assert len(case_paths(rule)) - len(true) >= LEAST


def test_no_two_cases_are_alike_after_renaming() -> None:
    """Cases differ in shape, not only in names and values."""
    seen: dict[str, str] = {}
    for path in ALL_CASES:
        shape = normalised(path)
        assert shape not in seen, f"{name_of(path)} repeats {seen.get(shape)}"
        seen[shape] = name_of(path)


def test_every_twin_belongs_to_a_case() -> None:
    """No twin is left behind."""
    twins = list(CASES.rglob("*.fixed.py"))
    assert [path for path in twins if not (path.parent / path.name.replace(".fixed", "")).exists()] == []
