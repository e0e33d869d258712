"""Findings for programs, as one object of JSON.

Schema 1: `findings` (path, line, column, end_line, end_column, rule, grade, message, evidence, function, fix),
`problems` (path, reason), `fixed`, `diff`, `ignored`, `known`, `outdated`, `stats`. Lines and columns count
from 1, columns in characters. Paths have forward slashes.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from jarvis_bench.await_audit.records import Finding
from jarvis_bench.await_audit.report import SCHEMA_VERSION, AuditReport, counts


def as_json(report: AuditReport) -> str:
    """One line of JSON, in ASCII, so that no terminal or locale can spoil it."""
    return json.dumps(as_object(report))


def as_object(report: AuditReport) -> dict[str, Any]:
    """The same before it is written."""
    return {
        "schema_version": SCHEMA_VERSION,
        "findings": [_finding(finding) for finding in report.findings],
        "problems": [{"path": one.path.as_posix(), "reason": one.reason} for one in report.problems],
        "fixed": [path.as_posix() for path in report.fixed],
        "diff": report.diff,
        "ignored": report.ignored,
        "known": report.known,
        "outdated": report.outdated,
        "stats": {**dataclasses.asdict(report.stats), "counts": counts(report)},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    fix = finding.fix
    return {
        "path": finding.path.as_posix(),
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "rule": finding.rule,
        "grade": finding.grade,
        "message": finding.message,
        "evidence": finding.evidence,
        "function": finding.function,
        "fix": {
            "description": fix.description,
            "grade": fix.grade,
            "applicable": fix.applicable,
            "refused": fix.refused,
            "edits": [dataclasses.asdict(edit) for edit in fix.edits],
        },
    }
