"""The case files: code, what is expected of it in comments, and a fixed twin where there is a fix."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit import AuditOptions, AuditResult, audit

CASES = Path(__file__).parent / "cases"
EXPECTED = re.compile(r"# expect: (?P<rule>[\w-]+) (?P<grade>certain|likely)(?P<refused> refused)?")


@dataclass(frozen=True, slots=True, order=True)
class Expectation:
    """One expected finding of a case."""

    line: int
    rule: str
    grade: str
    refused: bool


def case_paths(rule: str) -> list[Path]:
    """The cases of a rule, without the fixed twins."""
    return sorted(path for path in (CASES / rule).glob("*.py") if not path.name.endswith(".fixed.py"))


def expectations(path: Path) -> list[Expectation]:
    """What the comments of a case expect."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [(number, EXPECTED.search(line)) for number, line in enumerate(lines, 1)]
    return [
        Expectation(number, match["rule"], match["grade"], bool(match["refused"]))
        for number, match in found
        if match
    ]


def audited_copy(path: Path, folder: Path) -> tuple[Path, AuditResult]:
    """Audit a copy of one case, alone in its tree."""
    copy = folder / path.name.replace(".fixed", "")
    shutil.copyfile(path, copy)
    return copy, audit([copy], AuditOptions(root=folder, jobs=1))


def reported(result: AuditResult) -> list[Expectation]:
    """The findings of a result in the form of expectations."""
    rows = [
        Expectation(
            one.line, one.rule, one.grade, one.rule == "missing-await" and one.fix.refused is not None
        )
        for one in result.findings
    ]
    return sorted(rows)
