"""Findings in SARIF 2.1.0 (OASIS standard, 27 March 2020), as code hosts and editors read them."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from jarvis_bench.await_audit.explain import page, summary
from jarvis_bench.await_audit.records import Finding
from jarvis_bench.await_audit.report import KNOWN_RULES, AuditReport, Insertion

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"certain": "error", "likely": "warning"}
ROOT = "%SRCROOT%"
FINGERPRINT = "functionAndLine/v1"


def as_sarif(report: AuditReport) -> str:
    """One log with one run, as indented JSON in ASCII."""
    return json.dumps(as_object(report), indent=2)


def as_object(report: AuditReport) -> dict[str, Any]:
    """The same before it is written."""
    run = {
        "tool": {"driver": {"name": "jarvis-bench audit", "rules": [_rule(name) for name in KNOWN_RULES]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "the folder that the audit was started in"}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "level": "warning",
                        "message": {"text": f"not audited: {one.reason}"},
                        "locations": [
                            {"physicalLocation": {"artifactLocation": _artifact(one.path.as_posix())}}
                        ],
                    }
                    for one in report.problems
                ],
            }
        ],
        "results": [_result(finding, report.insertions.get(finding, ())) for finding in report.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": summary(name)},
        "help": {"text": page(name), "markdown": page(name)},
        "defaultConfiguration": {"level": "warning"},
    }


def _result(finding: Finding, insertions: tuple[Insertion, ...]) -> dict[str, Any]:
    artifact = _artifact(finding.path.as_posix())
    region: dict[str, Any] = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    if finding.source:
        region["snippet"] = {"text": finding.source[:1000]}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": KNOWN_RULES.index(finding.rule),
        "level": LEVELS[finding.grade],
        "message": {"text": f"{finding.message} Known: {finding.evidence}. Fix: {finding.fix.description}."},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "partialFingerprints": {FINGERPRINT: _fingerprint(finding)},
        "properties": {"grade": finding.grade, "evidence": finding.evidence},
    }
    if insertions:
        result["fixes"] = [_fix(finding, artifact, insertions)]
    return result


def _fix(finding: Finding, artifact: dict[str, str], insertions: tuple[Insertion, ...]) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {
                "startLine": one.line,
                "startColumn": one.column,
                "endLine": one.line,
                "endColumn": one.column,
            },
            "insertedContent": {"text": one.text},
        }
        for one in insertions
    ]
    return {
        "description": {"text": finding.fix.description},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
    }


def _artifact(path: str) -> dict[str, str]:
    if path.startswith("/"):
        return {"uri": "file://" + quote(path)}
    return {"uri": quote(path), "uriBaseId": ROOT}


def _fingerprint(finding: Finding) -> str:
    """Stays the same when lines move."""
    parts = (finding.path.as_posix(), finding.rule, finding.function, " ".join(finding.source.split()))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
