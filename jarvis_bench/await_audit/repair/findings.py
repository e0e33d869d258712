"""Suspicions of one file become findings: text positions, source line, and the fix."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from jarvis_bench.await_audit.records import Finding, Fix
from jarvis_bench.await_audit.repair.insertion import Refused, await_edits, calls_itself_again
from jarvis_bench.await_audit.repair.source import Source
from jarvis_bench.await_audit.resolve.analysis import Suspicion

ITSELF = "`{}` would await itself with the same arguments and never end; call what was meant instead"


def findings_of(path: Path, source: Source, suspicions: Iterable[Suspicion]) -> Iterator[Finding]:
    """The findings of one file, in the order of their positions."""
    for found in sorted(suspicions, key=lambda one: (one.line, one.column, -one.end_line, -one.end_column)):
        yield Finding(
            path,
            found.line,
            source.column(found.line, found.column),
            found.end_line,
            source.column(found.end_line, found.end_column),
            found.rule,
            found.grade,
            found.message,
            found.evidence,
            _fix(source, found),
            found.function,
            source.line(found.line),
        )


def _fix(source: Source, found: Suspicion) -> Fix:
    fix = Fix(found.advice, found.grade, refused=found.refused)
    if found.repair != "await":
        return replace(fix, refused=found.refused or found.advice)
    if found.refused is not None:
        return fix
    span = (found.line, found.column, found.end_line, found.end_column)
    try:
        if found.is_recursive and _repeats_itself(source, span):
            raise Refused(ITSELF.format(found.function))
        return replace(fix, edits=await_edits(source, span))
    except Refused as reason:
        return replace(fix, refused=str(reason))


def _repeats_itself(source: Source, span: tuple[int, int, int, int]) -> bool:
    call = source.calls.get(span)
    node: ast.AST | None = call
    while node is not None and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node = source.parents.get(node)
    return call is not None and node is not None and calls_itself_again(node, call)
