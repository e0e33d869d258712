"""Check, await, assign: the shape of a singleton that two callers can both make, or see half made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from jarvis_bench.await_audit.syntax.model import Race

LOCK = re.compile(r"lock|mutex|sem|guard|cond|once|limiter|barrier", re.IGNORECASE)

SIMPLE = frozenset({
    ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Raise, ast.Pass, ast.Break, ast.Continue,
    ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Delete, ast.Assert,
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
})  # fmt: skip
"""Statements without blocks of their own function."""


def races_in(
    function: ast.FunctionDef | ast.AsyncFunctionDef, scope: int, global_names: set[str], is_method: bool
) -> Iterator[Race]:
    """The races of one async function, at the check that starts each."""
    first = function.args.args[0].arg if is_method and function.args.args else None
    yield from _Search(scope, global_names, first, function).block(function.body)


def _returned(function: ast.AST) -> set[str]:
    return {
        _root(node.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and node.value is not None
    }


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


class _Search:
    def __init__(self, scope: int, global_names: set[str], first: str | None, function: ast.AST) -> None:
        self.scope = scope
        self.global_names = global_names
        self.first = first
        self.function = function

    def block(self, statements: Sequence[ast.stmt]) -> Iterator[Race]:
        for position, statement in enumerate(statements):
            if type(statement) in SIMPLE:
                continue
            if isinstance(statement, ast.If):
                yield from self._check(statement, statements[position + 1 :])
            if not _is_locked(statement):
                for inner in _blocks(statement):
                    yield from self.block(inner)

    def _check(self, check: ast.If, rest: Sequence[ast.stmt]) -> Iterator[Race]:
        name, absent = _checked_name(check.test)
        if not name or not self._is_shared(name):
            return
        branch = check.body if absent else rest
        if not absent and not isinstance(check.body[-1], ast.Return):
            return
        found = _assignment(branch, name)
        if found is None:
            return
        kind, await_line = found
        owner = "global" if name in self.global_names else self._owner(name)
        if owner not in ("global", "class") and name not in _returned(self.function):
            return
        end = check.test.end_lineno or check.lineno, check.test.end_col_offset or 0
        yield Race(name, self.scope, check.lineno, check.col_offset, *end, f"{kind} {owner}", await_line)

    def _owner(self, name: str) -> str:
        if "[" in name:
            return "item"
        head = name.partition(".")[0]
        return "class" if head == "cls" or head[:1].isupper() else "instance"

    def _is_shared(self, name: str) -> bool:
        if name in self.global_names:
            return True
        head, dot, tail = name.partition(".")
        return bool(dot) and "." not in tail and (head == self.first or head == "cls" or head[:1].isupper())


def _checked_name(test: ast.expr) -> tuple[str, bool]:
    """The name a test looks at, and whether the branch is taken when nothing is there."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _plain(test.operand), True
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        comparator = test.comparators[0]
        if isinstance(comparator, ast.Constant) and comparator.value is None:
            if isinstance(test.ops[0], ast.Is | ast.Eq):
                return _plain(test.left), True
            return _plain(test.left), False
        return "", True
    if isinstance(test, ast.BoolOp):
        found = [checked for checked in map(_checked_name, test.values) if checked[0]]
        absent = [checked for checked in found if checked[1]]
        present = found if isinstance(test.op, ast.And) else []
        return next(iter(absent or present), ("", True))
    return _plain(test), False


def _plain(node: ast.expr) -> str:
    return (
        ast.unparse(node)
        if isinstance(node, ast.Name | ast.Attribute) and len(ast.unparse(node)) < 80
        else ""
    )


def _is_locked(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.AsyncWith | ast.With):
        return False
    return any(
        LOCK.search(ast.unparse(item.context_expr))
        or (item.optional_vars is None and _is_plain(item.context_expr))
        for item in statement.items
    )


def _is_plain(node: ast.expr) -> bool:
    """`async with self._opening:` holds something that was made before: a lock by another name."""
    return isinstance(node, ast.Name | ast.Attribute)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for field in ("body", "orelse", "finalbody"):
        block = getattr(statement, field, None)
        if block:
            yield block
    for handler in getattr(statement, "handlers", ()):
        yield handler.body


def _assignment(branch: Sequence[ast.stmt], name: str) -> tuple[str, int] | None:
    """How the branch makes the object: `late` (await, then assign) or `early` (assign, then await)."""
    awaited_line = 0
    assigned: ast.stmt | None = None
    for node in _flow(branch):
        if isinstance(node, ast.Await):
            if LOCK.search(_callee(node)) or (assigned is not None and _awaits_the_object(node, name)):
                return None
            if assigned is not None and _touches(node, name):
                return "early", node.lineno
            awaited_line = node.lineno
        elif isinstance(node, ast.If) and _checked_name(node.test)[0] == name:
            return None
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _assigns(node, name):
            if isinstance(node.value, ast.Constant):
                return None
            if awaited_line:
                return "late", awaited_line
            assigned = node
    return None


def _callee(node: ast.Await) -> str:
    return ast.unparse(node.value.func) if isinstance(node.value, ast.Call) else ""


def _awaits_the_object(node: ast.Await, name: str) -> bool:
    """`await task`: what was published is a task that every caller awaits, which is the cure."""
    return any(
        isinstance(part, ast.Name | ast.Attribute) and ast.unparse(part) == name
        for part in (node.value, *(node.value.args if isinstance(node.value, ast.Call) else ()))
    )


def _touches(node: ast.Await, name: str) -> bool:
    return isinstance(node.value, ast.Call) and _callee(node).startswith(name + ".")


def _assigns(node: ast.Assign | ast.AnnAssign, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(
        isinstance(target, ast.Name | ast.Attribute) and ast.unparse(target) == name for target in targets
    )


def _flow(statements: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Awaits, checks and assignments in the order in which they happen; nothing of what a lock protects."""
    for statement in statements:
        if _is_locked(statement) or isinstance(
            statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ):
            continue
        if isinstance(statement, ast.If):
            yield statement
        if isinstance(statement, ast.AsyncWith | ast.AsyncFor):
            yield ast.Await(value=ast.Constant(None), lineno=statement.lineno, col_offset=0)
        blocks = list(_blocks(statement))
        inner = {id(part) for block in blocks for part in block}
        yield from (node for node in _own_nodes(statement, inner) if isinstance(node, ast.Await))
        for block in blocks:
            yield from _flow(block)
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            yield statement


def _own_nodes(statement: ast.AST, inner: set[int]) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(statement):
        if id(child) not in inner and not isinstance(child, ast.Lambda | ast.ExceptHandler):
            yield child
            yield from _own_nodes(child, inner)
