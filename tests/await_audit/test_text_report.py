"""Findings for people: the place can be clicked, the carets stand under it, nothing harms a terminal."""

from __future__ import annotations

import pytest

from jarvis_bench.await_audit.records import Fix
from jarvis_bench.await_audit.text_report import advice, as_text, excerpt_of, printable, summary_of

from .made import HOSTILE, finding, report


def test_a_finding_is_told_with_its_line_evidence_and_fix() -> None:
    """All of it, as it is printed."""
    first, *others = as_text(report(finding(), problems=())).splitlines()
    assert first == f"app/start_system.py:17131:22: missing-await (certain): {finding().message}"
    assert others == [
        "  17131 |     docker_manager = get_docker_daemon_manager()",
        "        |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "        = known: defined async at app/docker.py:12, awaited at 20 of 21 call sites",
        "        = fix: insert `await` (--fix does it)",
        "",
        "1 finding (1 certain) in 3 files.",
        "More about a rule: --explain missing-await",
    ]


def test_what_was_not_audited_is_told_with_the_reason() -> None:
    """Below the findings, and in the summary."""
    text = as_text(report())
    assert "app/old.py: not audited: line 3: Python 2: missing parentheses after print" in text
    assert (
        "0 findings in 3 files, 1 file not audited.\nMend what was not audited, or leave it out: --exclude"
        in text
    )


def test_the_summary_counts_what_is_not_shown() -> None:
    """Comments, the baseline, and entries that it no longer needs."""
    text = summary_of(report(finding(), ignored=2, known=3, outdated=1, fixed=(finding().path,)))
    assert "2 ignored by comment, 3 known from the baseline." in text
    assert "1 entry of the baseline no longer found; --write-baseline drops it." in text
    assert "Fixed 1 file: app/start_system.py." in text


def test_stats_say_what_was_read_and_how_long_it_took() -> None:
    """One line a rule that found something."""
    text = summary_of(report(finding(), HOSTILE), stats=True)
    assert "read      12 files, 1,234 lines; 2 files from the cache" in text
    assert "took      0.25 s (measured)" in text
    assert "found     missing-await: 1 certain, 0 likely" in text


@pytest.mark.parametrize(
    ("source", "column", "end_column", "line", "marks"),
    [
        ("\tx = f()", 6, 9, "    x = f()", "        ^^^"),
        ("名前 = f()", 6, 9, "名前 = f()", "       ^^^"),
        ("x = 'é' + f()", 11, 14, "x = 'é' + f()", "          ^^^"),
        ("f()", 1, 99, "f()", "^^^"),
        ("f()  # \x1b[31m", 1, 4, "f()  # \\x1b[31m", "^^^"),
    ],
)
def test_carets_stand_under_the_place(
    source: str, column: int, end_column: int, line: str, marks: str
) -> None:
    """Tabs, wide signs, combining signs, a place that ends beyond the line, an escape sequence."""
    assert excerpt_of(finding(source=source, column=column, end_column=end_column)) == (line, marks)


def test_a_place_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    """The excerpt is one line."""
    excerpt, marks = excerpt_of(finding(source="    f(", column=5, end_line=17140, end_column=2))
    assert (excerpt, marks) == ("    f(", "    ^^")


@pytest.mark.parametrize("column", [1, 500, 999_998])
def test_a_line_of_a_megabyte_is_cut_around_the_place(column: int) -> None:
    """And the carets still stand under it."""
    source = ["x"] * 1_000_000
    source[column - 1 : column + 2] = "f()"
    excerpt, marks = excerpt_of(finding(source="".join(source), column=column, end_column=column + 3))
    assert len(excerpt) <= 102
    assert excerpt[marks.index("^") : marks.index("^") + 3] == "f()"


def test_a_fix_says_which_option_does_it_or_why_none_does() -> None:
    """Certain, likely, refused, and nothing to add."""
    assert advice(finding().fix).endswith("(--fix does it)")
    assert advice(Fix("insert", edits=finding().fix.edits)).endswith("(--fix-likely does it)")
    assert advice(HOSTILE.fix) == "say `Awaitable[T]` (not done automatically: only its author knows)"
    assert advice(Fix("rename it")) == "rename it"


def test_nothing_in_names_or_messages_acts_upon_a_terminal() -> None:
    """Escape sequences and line ends become visible signs."""
    assert printable("\x1b[31m\r\n\u202e") == "\\x1b[31m\\r\\n\\u202e"
    assert "\x1b" not in as_text(report(HOSTILE))
