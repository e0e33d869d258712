"""The record that every format is made from."""

from __future__ import annotations

from jarvis_bench.await_audit.records import RULES
from jarvis_bench.await_audit.report import KNOWN_RULES, counts, many

from .made import HOSTILE, finding, report


def test_findings_are_counted_by_rule_and_grade() -> None:
    """In the order of the rules; rules that found nothing are left out."""
    assert counts(report(HOSTILE, finding(), finding(line=2))) == {
        "missing-await": {"certain": 2, "likely": 0},
        "hidden-coroutine": {"certain": 0, "likely": 1},
    }


def test_numbers_agree_with_their_nouns() -> None:
    """Also large ones."""
    assert [many(1, "file"), many(0, "file"), many(1600, "file")] == ["1 file", "0 files", "1,600 files"]


def test_every_rule_of_the_core_is_known() -> None:
    """And one on comments."""
    assert (*RULES, "unused-ignore") == KNOWN_RULES
