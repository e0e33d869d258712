"""Real missing awaits by the hundred: take one `await` away, audit, and see whether it is found."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit.records import AuditResult, Finding

KINDS = ("statement", "assignment", "argument", "return", "condition")


@dataclass(frozen=True, slots=True)
class Place:
    """One awaited call; the word stands at bytes `start` to `end` of the file, `line` is where the call begins."""

    path: Path
    line: int
    end_line: int
    start: int
    end: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One deletion and what the audit then said: the finding at the place, or None; and whether it says
    nothing there with the `await` in its place."""

    place: Place
    finding: Finding | None
    silent: bool = True


def awaited_calls(path: Path) -> Iterator[Place]:
    """The awaited calls of a file whose place in the code is one of the kinds."""
    content = path.read_bytes()
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return
    starts = [0]
    for line in content.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Await) or not isinstance(node.value, ast.Call):
            continue
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.value.lineno - 1] + node.value.col_offset
        kind = kind_of(node, parents)
        if kind and content[start:end].split() == [b"await"]:
            text = ast.unparse(node)[:120]
            yield Place(path, node.value.lineno, node.end_lineno or 0, start, end, kind, text)


def kind_of(node: ast.Await, parents: dict[ast.AST, ast.AST]) -> str | None:
    """What becomes of the result: one of the kinds, or None where it is another."""
    child: ast.AST = node
    parent = parents[node]
    while isinstance(parent, ast.BoolOp | ast.UnaryOp | ast.Compare):
        child, parent = parent, parents[parent]
    if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert) and parent.test is child:
        return "condition"
    if child is not node:
        return None
    if isinstance(parent, ast.Expr):
        return "statement"
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        return "assignment"
    if isinstance(parent, ast.Return):
        return "return"
    if isinstance(parent, ast.Call | ast.keyword) and child is not getattr(parent, "func", None):
        return "argument"
    return None


def choose(places: Mapping[str, Sequence[Place]], count: int, seed: int) -> dict[str, list[Place]]:
    """As many of each kind, at random, the packages in turn as long as they have some.

    Args:
        places: by package.
    """
    draw = random.Random(seed)
    chosen: dict[str, list[Place]] = {package: [] for package in places}
    for kind in KINDS:
        left = {
            package: draw.sample(of_kind, len(of_kind))
            for package, found in places.items()
            if (of_kind := [place for place in found if place.kind == kind])
        }
        wanted = count // len(KINDS)
        while wanted and left:
            for package in [*left][:wanted]:
                chosen[package].append(left[package].pop())
                wanted -= 1
                if not left[package]:
                    del left[package]
    return chosen


def rounds(places: Sequence[Place], lines: int, lines_a_deletion: int = 5000) -> Iterator[list[Place]]:
    """Deletions that are tried in one audit: of different files, and few enough not to change the tree's habits."""
    size = max(1, lines // lines_a_deletion)
    left = list(places)
    while left:
        now = list({place.path: place for place in left}.values())[:size]
        yield now
        left = [place for place in left if place not in now]


def try_places(
    places: Sequence[Place], audit: Callable[[], AuditResult], unspoilt: Sequence[Finding]
) -> list[Trial]:
    """Delete these, audit, and put all back as it was; `unspoilt` is what an audit finds then."""
    before = {place.path: place.path.read_bytes() for place in places}
    try:
        for place in places:
            content = before[place.path]
            place.path.write_bytes(content[: place.start] + content[place.end :])
        findings = audit().findings
    finally:
        for path, content in before.items():
            path.write_bytes(content)
    return [Trial(place, _at(place, findings), _at(place, unspoilt) is None) for place in places]


def _at(place: Place, findings: Sequence[Finding]) -> Finding | None:
    """The finding on the lines of the call."""
    for finding in findings:
        here = finding.path == place.path and place.line <= finding.line <= place.end_line
        if here and finding.rule == "missing-await":
            return finding
    return None
