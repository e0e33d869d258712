"""Findings for people: where, what, the line itself, how it is known, and what to do."""

from __future__ import annotations

import unicodedata

from jarvis_bench.await_audit.records import Finding, Fix
from jarvis_bench.await_audit.report import AuditReport, counts, many

EXCERPT_COLUMNS = 100
CUT = "…"


def as_text(report: AuditReport, *, stats: bool = False) -> str:
    """The whole report, the summary last."""
    blocks = ["\n".join(_finding(finding)) for finding in report.findings]
    blocks += [
        "\n".join(
            f"{printable(str(one.path))}: not audited: {printable(one.reason)}" for one in report.problems
        )
    ]
    return "\n\n".join(block for block in (*blocks, summary_of(report, stats=stats)) if block)


def summary_of(report: AuditReport, *, stats: bool = False) -> str:
    """How many of what, and what it took."""
    return "\n".join([*_summary(report), *(_stats(report) if stats else ())])


def _finding(finding: Finding) -> list[str]:
    place = f"{printable(str(finding.path))}:{finding.line}:{finding.column}"
    number = str(finding.line)
    margin = " " * len(number)
    excerpt, marks = excerpt_of(finding)
    return [
        f"{place}: {finding.rule} ({finding.grade}): {printable(finding.message)}",
        *([f"  {number} | {excerpt}", f"  {margin} | {marks}"] if excerpt.strip() else ()),
        f"  {margin} = known: {printable(finding.evidence)}",
        f"  {margin} = fix: {printable(advice(finding.fix))}",
    ]


def advice(fix: Fix) -> str:
    """What is or must be done, and which option does it."""
    if fix.applicable:
        return f"{fix.description} ({'--fix' if fix.grade == 'certain' else '--fix-likely'} does it)"
    if fix.refused and fix.refused != fix.description:
        return f"{fix.description} (not done automatically: {fix.refused})"
    return fix.description


def excerpt_of(finding: Finding, columns: int = EXCERPT_COLUMNS) -> tuple[str, str]:
    """The line of a finding, cut around it where it is long, and carets under the place.

    Tabs become four spaces and what does not print becomes a visible sign, so that the carets stand where they should.
    """
    start = finding.column - 1
    same_line = finding.end_line == finding.line and finding.end_column > finding.column
    end = finding.end_column - 1 if same_line else len(finding.source.rstrip())
    end = max(min(end, len(finding.source)), start + 1)
    first = max(0, start - columns // 3) if len(finding.source) > columns else 0
    last = first + columns
    before, marked, after = (
        _expanded(finding.source[a:b]) for a, b in ((first, start), (start, min(end, last)), (end, last))
    )
    head, tail = CUT if first else "", CUT if last < len(finding.source) else ""
    marks = " " * _width(head + before) + "^" * max(1, _width(marked))
    return f"{head}{before}{marked}{after}{tail}".rstrip(), marks


def printable(text: str) -> str:
    """Text without anything that a terminal would act upon: names and source lines are other people's."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text
    )


def _expanded(text: str) -> str:
    return printable(text.replace("\t", "    "))


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _summary(report: AuditReport) -> list[str]:
    certain = sum(finding.grade == "certain" for finding in report.findings)
    found = many(len(report.findings), "finding") + (f" ({certain:,} certain)" if report.findings else "")
    parts = [f"{found} in {many(report.stats.files_reported, 'file')}"]
    if report.problems:
        parts.append(f"{many(len(report.problems), 'file')} not audited")
    if report.ignored:
        parts.append(f"{report.ignored:,} ignored by comment")
    if report.known:
        parts.append(f"{report.known:,} known from the baseline")
    lines = [", ".join(parts) + "."]
    if report.fixed:
        lines.insert(
            0,
            f"Fixed {many(len(report.fixed), 'file')}: {', '.join(printable(str(one)) for one in report.fixed)}.",
        )
    if report.problems:
        lines.append(
            "Mend what was not audited, or leave it out: --exclude GLOB, or exclude in pyproject.toml."
        )
    if report.outdated:
        outdated, them = (
            ("1 entry", "it") if report.outdated == 1 else (f"{report.outdated:,} entries", "them")
        )
        lines.append(f"{outdated} of the baseline no longer found; --write-baseline drops {them}.")
    if report.findings:
        lines.append(f"More about a rule: --explain {report.findings[0].rule}")
    return lines


def _stats(report: AuditReport) -> list[str]:
    stats = report.stats
    read = f"{many(stats.files_read, 'file')}, {many(stats.lines_read, 'line')}"
    lines = [
        f"read      {read}; {many(stats.files_from_cache, 'file')} from the cache",
        f"took      {stats.seconds:.2f} s (measured)",
    ]
    for rule, grades in counts(report).items():
        lines.append(f"found     {rule}: {grades['certain']:,} certain, {grades['likely']:,} likely")
    return lines
