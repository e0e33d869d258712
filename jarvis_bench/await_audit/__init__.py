"""Find the missing `await`, prove it, and fix it. Stands alone: the standard library and nothing else."""

from __future__ import annotations

from jarvis_bench.await_audit.audit import audit
from jarvis_bench.await_audit.fixes import apply_fixes, diff
from jarvis_bench.await_audit.never_awaited import NeverAwaited, no_unawaited_coroutines
from jarvis_bench.await_audit.records import AuditOptions, AuditResult, Edit, FileProblem, Finding, Fix, Grade

__all__ = [
    "AuditOptions",
    "AuditResult",
    "Edit",
    "FileProblem",
    "Finding",
    "Fix",
    "Grade",
    "NeverAwaited",
    "apply_fixes",
    "audit",
    "diff",
    "no_unawaited_coroutines",
]
