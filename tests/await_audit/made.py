"""Findings and reports made by hand, for whatever only passes them on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jarvis_bench.await_audit.records import Edit, FileProblem, Finding, Fix
from jarvis_bench.await_audit.report import AuditReport, Insertion, Stats

SOURCE = "    docker_manager = get_docker_daemon_manager()"
FIX = Fix("insert `await`", grade="certain", edits=(Edit(100, "await "),))
STATS = Stats(files_read=12, files_reported=3, files_from_cache=2, lines_read=1234, seconds=0.25)


def finding(**changes: Any) -> Finding:
    """The finding of v10.5, changed as told."""
    values: dict[str, Any] = {
        "path": Path("app/start_system.py"),
        "line": 17131,
        "column": 22,
        "end_line": 17131,
        "end_column": 49,
        "rule": "missing-await",
        "grade": "certain",
        "message": "`get_docker_daemon_manager()` gives a coroutine, which is used as its result.",
        "evidence": "defined async at app/docker.py:12, awaited at 20 of 21 call sites",
        "fix": FIX,
        "function": "probe_docker_backend",
        "source": SOURCE,
    }
    return Finding(**(values | changes))


def report(*findings: Finding, **changes: Any) -> AuditReport:
    """A report on these findings; one of two files could not be audited."""
    values: dict[str, Any] = {
        "findings": findings,
        "problems": (FileProblem(Path("app/old.py"), "line 3: Python 2: missing parentheses after print"),),
        "stats": STATS,
        "insertions": {
            one: (Insertion(one.line, one.column, "await "),) for one in findings if one.fix.applicable
        },
    }
    return AuditReport(**(values | changes))


HOSTILE = finding(
    path=Path("a b/ünï,c:%.py"),
    message="two\nlines: 100%, \x1b[31mred\r",
    grade="likely",
    rule="hidden-coroutine",
    fix=Fix("say `Awaitable[T]`", refused="only its author knows"),
    end_line=17133,
)
