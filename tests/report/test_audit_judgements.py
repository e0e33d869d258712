"""The claims about the document's own audit: change the evidence, and the verdict turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.report.audit_judgements import AUDIT_JUDGEMENTS
from jarvis_bench.report.evidence import Evidence, NoEvidence

from .finished_run import write_results

FACTORY = {"name": "get_port_manager", "sync": ["a.py:1"], "asynchronous": []}
ASYNC_FACTORY = {"name": "get_proxy_manager", "sync": [], "asynchronous": ["a.py:9"]}
ABSENT = {"name": "get_session_manager", "sync": [], "asynchronous": []}


def upstream(*factories: dict[str, Any], missing: int = 0) -> dict[str, Any]:
    """An upstream tree with so many missing awaits."""
    counts = {"missing-await (certain)": missing} if missing else {}
    return {
        "files": 12,
        "counts": counts,
        "missing": ["s.py:3 x = f()"] * missing,
        "factories": list(factories),
    }


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A finished run."""
    folder = RunFolder(tmp_path)
    write_results(folder)
    return folder


def verdict(folder: RunFolder, key: str, **changes: Any) -> tuple[str, str]:
    """The verdict and finding after the audit's file was changed."""
    audit = folder.read_json("await_audit.json")
    assert isinstance(audit, dict)
    folder.write_json("await_audit.json", audit | changes)
    found, text = AUDIT_JUDGEMENTS[key](Evidence(folder))
    return found.value, text


def test_other_issues_are_those_seen_when_run_and_those_audited(folder: RunFolder) -> None:
    """Both kinds stand in the finding."""
    found, text = verdict(folder, "no-other-issues")
    assert found == "refuted"
    assert "its probe fails with" in text
    assert "the audit finds racy-async-singleton, missing-method (2×)" in text
    assert "finds 3 missing awaits" in verdict(folder, "no-other-issues", upstream=upstream(missing=3))[1]


def test_without_any_fault_there_are_no_other_issues(folder: RunFolder) -> None:
    """Neither when run nor in the code."""
    table = folder.read_table("reproductions.parquet")
    table["error"], table["second_caller_ready"] = None, True
    folder.write_table("reproductions.parquet", table)
    assert verdict(folder, "no-other-issues")[0] == "refuted"
    assert verdict(folder, "no-other-issues", findings=[])[0] == "reproduced"
    assert verdict(folder, "no-other-issues", findings=[], upstream=upstream(missing=1))[0] == "refuted"


def test_leaks_are_looked_for_in_runs_code_and_tree(folder: RunFolder) -> None:
    """Without a tree the claim is only partly tested."""
    assert verdict(folder, "no-coroutine-leaks")[0] == "partly"
    assert verdict(folder, "no-coroutine-leaks", upstream=upstream())[0] == "reproduced"
    found, text = verdict(folder, "no-coroutine-leaks", upstream=upstream(missing=2))
    assert (found, "finds 2; the first: s.py:3 x = f()." in text) == ("refuted", True)
    leak = {"version": "v10.6", "rule": "missing-await"}
    assert verdict(folder, "no-coroutine-leaks", findings=[leak])[0] == "refuted"


def test_factories_are_judged_by_the_given_tree_alone(folder: RunFolder) -> None:
    """None given: not tested."""
    with pytest.raises(NoEvidence, match="no tree of JARVIS was given"):
        verdict(folder, "sync-factories")
    assert verdict(folder, "sync-factories", upstream=upstream(FACTORY))[0] == "reproduced"
    found, text = verdict(folder, "sync-factories", upstream=upstream(FACTORY, ASYNC_FACTORY, ABSENT))
    assert found == "partly"
    assert text == (
        "1 of 3 are defined with def and nowhere with async def. Async somewhere: get_proxy_manager. "
        "Not defined in this tree: get_session_manager."
    )
    assert verdict(folder, "sync-factories", upstream=upstream(ABSENT))[0] == "refuted"


def test_named_lines_are_judged_by_the_given_tree_alone(folder: RunFolder) -> None:
    """None given, or another tree altogether: not tested."""
    with pytest.raises(NoEvidence, match="no tree of JARVIS was given"):
        verdict(folder, "line-numbers")
    right = {"place": "a.py:1", "text": "x", "read": True, "holds": True}
    wrong = right | {"place": "b.py:2", "holds": False}
    unread = wrong | {"read": False}
    with pytest.raises(NoEvidence, match="none of the 1 named lines"):
        verdict(folder, "line-numbers", upstream=upstream() | {"named_lines": [unread]})
    assert verdict(folder, "line-numbers", upstream=upstream() | {"named_lines": [right]})[0] == "reproduced"
    assert verdict(folder, "line-numbers", upstream=upstream() | {"named_lines": [wrong]})[0] == "refuted"
    found, text = verdict(folder, "line-numbers", upstream=upstream() | {"named_lines": [right, unread]})
    assert (found, text) == ("partly", "1 of 2 named lines hold what is said of them. Not: b.py:2.")


def test_a_run_without_notebook_03_is_judged_by_what_it_has(folder: RunFolder) -> None:
    """As before there was an auditor."""
    (folder.path / "await_audit.json").unlink()
    evidence = Evidence(folder)
    assert AUDIT_JUDGEMENTS["no-other-issues"](evidence)[0].value == "refuted"
    assert AUDIT_JUDGEMENTS["no-coroutine-leaks"](evidence)[0].value == "partly"
