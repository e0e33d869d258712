"""Apply the insertions of a result to the files, or show them as a unified diff."""

from __future__ import annotations

import ast
import difflib
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from jarvis_bench.await_audit.records import AuditResult, Edit
from jarvis_bench.await_audit.syntax.reading import parse


def apply_fixes(result: AuditResult, *, likely: bool = False) -> tuple[Path, ...]:
    """Write every applicable fix of grade `certain` (with `likely`, all of them); returns the changed files.

    A file that cannot be written raises `OSError`; one that has changed since the audit is left alone.
    """
    changed = []
    for path, before, after in _changes(result, likely=likely):
        if before != after:
            path.write_bytes(after)
            changed.append(path)
    return tuple(changed)


def diff(result: AuditResult, *, likely: bool = False) -> str:
    """What `apply_fixes` would change, as one unified diff; empty when it would change nothing."""
    parts: list[str] = []
    for path, before, after in _changes(result, likely=likely):
        name = path.as_posix().lstrip("/")
        old, new = (_text(content).splitlines(keepends=True) for content in (before, after))
        lines = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}")
        parts += [
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        ]
    return "".join(parts)


def insert(content: bytes, edits: Iterable[Edit]) -> bytes:
    """The content with all insertions made; those at one offset stay in the given order."""
    pieces: list[bytes] = []
    last = 0
    for edit in sorted(edits, key=lambda edit: edit.offset_bytes):
        pieces += (content[last : edit.offset_bytes], edit.text.encode("ascii"))
        last = edit.offset_bytes
    return b"".join((*pieces, content[last:]))


def _changes(result: AuditResult, *, likely: bool) -> Iterator[tuple[Path, bytes, bytes]]:
    wanted: dict[Path, list[Edit]] = defaultdict(list)
    for finding in result.findings:
        if finding.fix.applicable and (likely or finding.fix.grade == "certain"):
            wanted[finding.path] += finding.fix.edits
    for path, edits in sorted(wanted.items()):
        before = path.read_bytes()
        after = insert(before, edits)
        if _only_awaits_were_added(before, after):
            yield path, before, after


class _WithoutAwaits(ast.NodeTransformer):
    def visit_Await(self, node: ast.Await) -> ast.AST:
        inner: ast.AST = self.visit(node.value)
        return inner


def _only_awaits_were_added(before: bytes, after: bytes) -> bool:
    try:
        trees = [_WithoutAwaits().visit(parse(content)) for content in (before, after)]
        return ast.dump(trees[0]) == ast.dump(trees[1])
    except (ValueError, RecursionError):
        return False


def _text(content: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError:
        encoding = "utf-8"
    return content.decode("utf-8" if encoding == "utf-8-sig" else encoding, "replace")
