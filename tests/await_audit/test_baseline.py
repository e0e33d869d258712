"""Known findings stay known while code moves around them; new ones are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jarvis_bench.await_audit.baseline import read_baseline, split_known, write_baseline
from jarvis_bench.await_audit.failures import AuditUsageError
from jarvis_bench.await_audit.records import Finding

from .made import finding


def told(tmp_path: Path, before: list[Finding], now: list[Finding]) -> tuple[list[int], list[int], int]:
    """Lines of the new and of the known findings, and how many entries are outdated."""
    path = tmp_path / "baseline.json"
    write_baseline(path, before)
    new, known, outdated = split_known(now, read_baseline(path), tmp_path)
    return [one.line for one in new], [one.line for one in known], outdated


def test_moved_lines_are_still_known(tmp_path: Path) -> None:
    """Line, column and indentation do not count."""
    moved = finding(line=40, end_line=40, column=1, source=finding().source.strip())
    assert told(tmp_path, [finding()], [moved]) == ([], [40], 0)


def test_one_more_of_the_same_is_new(tmp_path: Path) -> None:
    """Entries are counted."""
    assert told(tmp_path, [finding()], [finding(), finding(line=17_200)]) == ([17_200], [17131], 0)


def test_a_rewritten_line_is_known_by_its_message(tmp_path: Path) -> None:
    """A formatter or a new name for a variable makes no finding new."""
    rewritten = finding(line=5, source="    manager = (get_docker_daemon_manager())")
    assert told(tmp_path, [finding()], [rewritten]) == ([], [5], 0)


@pytest.mark.parametrize(
    "change",
    [{"path": Path("app/other.py")}, {"rule": "missing-method"}, {"function": "other"}],
)
def test_another_file_rule_or_function_is_new(tmp_path: Path, change: dict[str, object]) -> None:
    """And the old entry is outdated."""
    assert told(tmp_path, [finding()], [finding(**change)]) == ([17131], [], 1)


def test_a_line_and_message_that_both_changed_are_new(tmp_path: Path) -> None:
    """Nothing of it is left to be known by."""
    other = finding(source="other()", message="`other()` gives a coroutine")
    assert told(tmp_path, [finding()], [other]) == ([17131], [], 1)


def test_paths_are_relative_to_the_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it holds wherever the checkout and the working directory are."""
    (tmp_path / "app").mkdir()
    write_baseline(tmp_path / "baseline.json", [finding(path=tmp_path / "app" / "a.py")])
    content = json.loads((tmp_path / "baseline.json").read_text(encoding="utf-8"))
    assert content["findings"][0]["path"] == "app/a.py"
    monkeypatch.chdir(tmp_path / "app")
    known = read_baseline(Path("../baseline.json"))
    new, _, outdated = split_known([finding(path=Path("a.py"))], known, Path(".."))
    assert (new, outdated) == ([], 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no baseline"),
        ("[]", "is no baseline"),
        ('{"schema_version": 2, "findings": []}', "of schema 2, this program reads 1"),
        ('{"schema_version": 1, "findings": [{}]}', "is no baseline"),
    ],
)
def test_a_wrong_file_is_named_with_the_cure(tmp_path: Path, content: str, message: str) -> None:
    """What it is, and how to make it anew."""
    path = tmp_path / "b.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AuditUsageError, match=f"(?s){message}.*--write-baseline makes it anew"):
        read_baseline(path)


def test_a_missing_file_and_one_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    """No such file; no such folder."""
    with pytest.raises(AuditUsageError, match=r"--write-baseline .*b\.json makes one"):
        read_baseline(tmp_path / "b.json")
    with pytest.raises(AuditUsageError, match="cannot write the baseline"):
        write_baseline(tmp_path / "none" / "b.json", [])
