"""Which tool sees which fault: judged by place and words of what it says."""

from __future__ import annotations

import pytest

from jarvis_bench.kit.linter_comparison import FAULTS, Fault, compare_linters, judge_sight, line_of
from jarvis_bench.kit.linters import LINTERS, OURS, LinterMessage, LinterRun

FAULT = Fault("missing await", "a.py", "x = f()", ("coroutine", "await"), 6)


def judged(
    *messages: tuple[int, str], version: str | None = "1", failure: str = ""
) -> tuple[str, int | None, int]:
    """Sight, line and number of other messages, for a fault in line 10."""
    said = tuple(LinterMessage("a.py", line, text) for line, text in messages)
    row = judge_sight(LinterRun("tool", version, "none", said, failure=failure), FAULT, 10)
    return row.sight, row.line, row.others


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([(10, "missing-await: …"), (11, '"Coroutine" has no attribute')], ("place", 10, 1)),
        ([(11, '"Coroutine" has no attribute'), (3, "E501")], ("later", 11, 1)),
        ([(11, "Instance of 'Manager' has no 'check' member")], ("other", 11, 0)),
        ([(17, '"Coroutine" has no attribute')], ("nothing", None, 1)),
        ([(10, "E501 Line too long"), (9, "await missing")], ("nothing", None, 2)),
        ([], ("nothing", None, 0)),
    ],
)
def test_the_place_goes_before_a_later_line_and_that_before_another_reason(
    messages: list[tuple[int, str]], expected: tuple[str, int | None, int]
) -> None:
    """Style at the same line is no sight; nor is the right word too far away."""
    assert judged(*messages) == expected


def test_absent_and_failing_tools_are_no_silence() -> None:
    """They are told apart from those that say nothing."""
    assert judged(version=None)[0] == "not-installed"
    assert judged(failure="exit code 2")[0] == "failed"


def test_every_fault_is_where_its_text_is() -> None:
    """The lines of the exhibit."""
    assert [line_of(fault) for fault in FAULTS] == [117, 28, 118, 108]


async def test_ours_names_every_place_and_the_documents_check_none() -> None:
    """Run on the real exhibit; the other tools are for the notebook."""
    linters = [linter for linter in LINTERS if linter.name in {OURS, "py_compile", "ruff"}]
    sights = {(row.linter, row.fault): row.sight for row in await compare_linters(linters)}
    assert {sight for (linter, _), sight in sights.items() if linter == OURS} == {"place"}
    assert {sight for (linter, _), sight in sights.items() if linter != OURS} == {"nothing"}
