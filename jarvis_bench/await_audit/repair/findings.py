"""Suspicions of one file become findings: text positions, source line, and the fix."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from jarvis_bench.await_audit.records import Edit, Finding, Fix
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
    path = source.path_to(span)
    functions = [node for node in path if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return bool(functions) and isinstance(path[0], ast.Call) and calls_itself_again(functions[0], path[0])


def pack_finding(finding: Finding) -> tuple[Any, ...]:
    """A finding without its path, as plain tuples."""
    return astuple(finding)[1:]


def unpack_finding(path: Path, row: tuple[Any, ...]) -> Finding:
    """The finding that `pack_finding` was given."""
    line, column, end_line, end_column, rule, grade, message, evidence, packed, function, source = row
    description, fix_grade, edits, refused = packed
    fix = Fix(description, fix_grade, tuple(Edit(*edit) for edit in edits), refused)
    span = (line, column, end_line, end_column)
    return Finding(path, *span, rule, grade, message, evidence, fix, function, source)
