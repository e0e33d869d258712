"""The exhibit through the auditor, its fix, and an upstream tree where one is given."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit import AuditOptions, Finding, apply_fixes, audit
from jarvis_bench.kit.upstream_audit import UpstreamAudit, audit_upstream
from jarvis_bench.reproduction.reproduce import EXHIBITS, STARTUP

SILENT = "silent adapter"


@dataclass(frozen=True, slots=True)
class ExhibitFinding:
    """One finding of the auditor in a file of the exhibit."""

    version: str
    line: int
    column: int
    rule: str
    grade: str
    message: str
    evidence: str
    fix: str
    source: str


@dataclass(frozen=True, slots=True)
class AwaitAudit:
    """What the auditor found; `fix_equals_v10_6`: v10.5 after `--fix` is v10.6, byte for byte."""

    findings: tuple[ExhibitFinding, ...]
    fix_equals_v10_6: bool
    upstream: UpstreamAudit | None


async def audit_exhibit(jarvis: str = "") -> AwaitAudit:
    """Audit each version alone, fix a copy of v10.5, and audit an upstream tree.

    Args:
        jarvis: a checkout of JARVIS; empty for none.
    """
    findings, equal = await asyncio.to_thread(_audit_copies)
    upstream = await asyncio.to_thread(audit_upstream, Path(jarvis).expanduser()) if jarvis else None
    return AwaitAudit(tuple(findings), equal, upstream)


def _audit_copies() -> tuple[list[ExhibitFinding], bool]:
    """Copies, each in a folder of its own: the versions must not be evidence for each other, nor be changed."""
    findings: list[ExhibitFinding] = []
    equal = False
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as name:
        for version, source in (*EXHIBITS.items(), (SILENT, STARTUP / "silent_adapter.py")):
            folder = Path(name, source.stem)
            folder.mkdir()
            copy = Path(shutil.copy(source, folder))
            result = audit([copy], AuditOptions(root=folder, jobs=1))
            findings += [_row(version, finding) for finding in result.findings]
            if version == "v10.5":
                apply_fixes(result)
                equal = copy.read_bytes() == EXHIBITS["v10.6"].read_bytes()
    return findings, equal


def _row(version: str, finding: Finding) -> ExhibitFinding:
    return ExhibitFinding(
        version=version,
        line=finding.line,
        column=finding.column,
        rule=finding.rule,
        grade=finding.grade,
        message=finding.message,
        evidence=finding.evidence,
        fix=finding.fix.description,
        source=finding.source.strip(),
    )
