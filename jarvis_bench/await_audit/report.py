"""What one run of the auditor has to tell; every format is made from this record and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit.records import RULES, FileProblem, Finding

SCHEMA_VERSION = 1
UNUSED_IGNORE = "unused-ignore"
KNOWN_RULES = (*RULES, UNUSED_IGNORE)
"""Every name that a finding can carry: the rules of the auditor and the one on its own comments."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What it took; `seconds` is wall time from the first file to the last finding (measured)."""

    files_read: int
    files_reported: int
    files_from_cache: int
    lines_read: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Insertion:
    """One insertion of a fix by place, for formats that know no byte offsets; line and column count from 1."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The findings that are shown, and what was not shown and why.

    `insertions` holds, for each finding with an applicable fix, the places of its edits. `ignored` counts findings
    that a comment took away, `known` those of the baseline, `outdated` the entries of the baseline that occur no
    longer. `fixed` names the files that were changed; `diff` is what would change, empty where nobody asked.
    """

    findings: tuple[Finding, ...]
    problems: tuple[FileProblem, ...]
    stats: Stats
    insertions: Mapping[Finding, tuple[Insertion, ...]]
    ignored: int = 0
    known: int = 0
    outdated: int = 0
    fixed: tuple[Path, ...] = ()
    diff: str = ""


def counts(report: AuditReport) -> dict[str, dict[str, int]]:
    """Findings by rule and grade, in the order of the rules."""
    found = Counter((finding.rule, finding.grade) for finding in report.findings)
    return {
        rule: {grade: found[rule, grade] for grade in ("certain", "likely")}
        for rule in KNOWN_RULES
        if found[rule, "certain"] or found[rule, "likely"]
    }


def many(count: int, noun: str) -> str:
    """A number with its noun: 1 finding, 2 findings."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
