"""`# audit: ignore[rule] reason`: a comment that keeps a finding silent, for good and on purpose.

It stands on a line of the finding, or alone on the line before. Several rules are separated by commas. A
comment that keeps nothing silent is a finding of its own, so that none outlives its cause.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit.records import RULES, Finding, Fix
from jarvis_bench.await_audit.report import UNUSED_IGNORE

MARK = b"audit:"
COMMENT = re.compile(r"#\s*audit:\s*ignore\b(?P<bracket>\s*\[(?P<rules>[^\]]*)\])?")
FORM = "# audit: ignore[rule] reason"


@dataclass(frozen=True, slots=True)
class IgnoreComment:
    """One comment; it covers `line` and, where it stands alone, also `covers`, the next line of code."""

    path: Path
    line: int
    column: int
    end_column: int
    rules: tuple[str, ...]
    covers: int
    source: str


def ignore_comments(path: Path, content: bytes) -> tuple[IgnoreComment, ...]:
    """The comments of one file; none where it cannot be read as Python."""
    if MARK not in content or b"\0" in content:
        return ()
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(content).readline))
    except (SyntaxError, tokenize.TokenError, UnicodeDecodeError, ValueError):
        return ()
    code_lines = sorted(
        {
            token.start[0]
            for token in tokens
            if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING)
        }
    )
    found = []
    for token in tokens:
        match = COMMENT.search(token.string) if token.type == tokenize.COMMENT else None
        if match is None:
            continue
        line, start = token.start
        alone = not token.line[:start].strip()
        covers = next((number for number in code_lines if number > line), line) if alone else line
        names = tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
        source = token.line.rstrip("\r\n")
        found.append(IgnoreComment(path, line, start + 1, token.end[1] + 1, names, covers, source))
    return tuple(found)


def split_ignored(
    findings: Sequence[Finding], comments: Iterable[IgnoreComment]
) -> tuple[list[Finding], list[Finding], set[tuple[IgnoreComment, str]]]:
    """The findings that are shown, those that a comment keeps silent, and which names of which comments did so."""
    by_path: dict[Path, list[IgnoreComment]] = {}
    for comment in comments:
        by_path.setdefault(comment.path, []).append(comment)
    shown: list[Finding] = []
    silent: list[Finding] = []
    used: set[tuple[IgnoreComment, str]] = set()
    for finding in findings:
        hits = {
            (comment, finding.rule)
            for comment in by_path.get(finding.path, ())
            if finding.rule in comment.rules and _covers(comment, finding)
        }
        used |= hits
        (silent if hits else shown).append(finding)
    return shown, silent, used


def _covers(comment: IgnoreComment, finding: Finding) -> bool:
    return any(finding.line <= line <= finding.end_line for line in (comment.line, comment.covers))


def unused_ignores(
    comments: Iterable[IgnoreComment], used: set[tuple[IgnoreComment, str]], rules: Sequence[str]
) -> list[Finding]:
    """One finding for each name that silenced nothing although its rule was asked for, and for each wrong comment."""
    found = []
    for comment in comments:
        if not comment.rules:
            found.append(
                _finding(comment, f"this comment names no rule, so it ignores nothing: write {FORM}")
            )
        for name in comment.rules:
            if name not in RULES:
                found.append(
                    _finding(comment, f"there is no rule {name!r} to ignore (known: {', '.join(RULES)})")
                )
            elif name in rules and (comment, name) not in used:
                found.append(
                    _finding(comment, f"nothing is found here by {name}, so there is nothing to ignore")
                )
    return found


def _finding(comment: IgnoreComment, message: str) -> Finding:
    return Finding(
        path=comment.path,
        line=comment.line,
        column=comment.column,
        end_line=comment.line,
        end_column=comment.end_column,
        rule=UNUSED_IGNORE,
        grade="certain",
        message=message,
        evidence="the audit of this file",
        fix=Fix("delete the comment, or mend it", refused="only its author knows what was meant"),
        source=comment.source,
    )
