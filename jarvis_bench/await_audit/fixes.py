"""Apply the insertions of a result to the files, or show them as a unified diff."""

from __future__ import annotations

from pathlib import Path

from jarvis_bench.await_audit.records import AuditResult


def apply_fixes(result: AuditResult, *, likely: bool = False) -> tuple[Path, ...]:
    """Write every applicable fix of grade `certain` (with `likely`, all of them); returns the changed files."""
    del result, likely
    return ()


def diff(result: AuditResult, *, likely: bool = False) -> str:
    """What `apply_fixes` would change, as one unified diff; empty when it would change nothing."""
    del result, likely
    return ""
