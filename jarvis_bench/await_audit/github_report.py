"""Findings as workflow commands: GitHub shows them beside the changed lines of a pull request.

Source: "Workflow commands for GitHub Actions", setting an error message; percent, line ends and, in properties,
colon and comma are escaped.
"""

from __future__ import annotations

from jarvis_bench.await_audit.records import Finding
from jarvis_bench.await_audit.report import AuditReport
from jarvis_bench.await_audit.text_report import advice

LEVELS = {"certain": "error", "likely": "warning"}


def as_github(report: AuditReport) -> str:
    """One line a finding and one a file that could not be audited."""
    lines = [_annotation(finding) for finding in report.findings]
    lines += [
        f"::warning file={_property(one.path.as_posix())},title=not audited::{_data(one.reason)}"
        for one in report.problems
    ]
    return "\n".join(lines)


def _annotation(finding: Finding) -> str:
    properties = {
        "file": finding.path.as_posix(),
        "line": str(finding.line),
        "endLine": str(finding.end_line),
        "col": str(finding.column),
        "endColumn": str(finding.end_column),
        "title": f"{finding.rule} ({finding.grade})",
    }
    if finding.end_line != finding.line:
        del properties["col"], properties["endColumn"]  # columns of two lines are refused
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = f"{finding.message}\nKnown: {finding.evidence}\nFix: {advice(finding.fix)}"
    return f"::{LEVELS[finding.grade]} {told}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
