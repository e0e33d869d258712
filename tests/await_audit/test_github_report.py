"""Workflow commands as GitHub reads them."""

from __future__ import annotations

from jarvis_bench.await_audit.github_report import as_github

from .made import HOSTILE, finding, report


def test_a_certain_finding_is_an_error_at_its_place() -> None:
    """One line with file, lines, columns and title."""
    line = as_github(report(finding(), problems=()))
    assert line.startswith(
        "::error file=app/start_system.py,line=17131,endLine=17131,col=22,endColumn=49,"
        "title=missing-await (certain)::`get_docker_daemon_manager()` gives"
    )
    assert "%0AKnown: defined async at app/docker.py:12" in line


def test_a_likely_finding_and_a_problem_are_warnings() -> None:
    """Neither breaks out of its line; a finding over several lines has no columns."""
    first, second = as_github(report(HOSTILE)).split("\n")
    assert first.startswith(
        "::warning file=a b/ünï%2Cc%3A%25.py,line=17131,endLine=17133,title=hidden-coroutine"
    )
    assert "two%0Alines: 100%25, " in first
    assert second.startswith("::warning file=app/old.py,title=not audited::line 3")


def test_nothing_found_is_nothing_said() -> None:
    """No empty command."""
    assert as_github(report(problems=())) == ""
