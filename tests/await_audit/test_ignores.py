"""`# audit: ignore[rule] reason`, where it holds and where it is itself a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.await_audit.ignores import ignore_comments, split_ignored, unused_ignores
from jarvis_bench.await_audit.records import RULES, Finding

from .made import finding

PATH = Path("a.py")


def found_at(line: int, end_line: int | None = None, rule: str = "missing-await") -> Finding:
    """A finding in a.py."""
    return finding(path=PATH, line=line, end_line=end_line or line, rule=rule)


def judged(text: str, *findings: Finding, rules: tuple[str, ...] = RULES) -> tuple[list[int], list[str]]:
    """Lines of the findings that are shown, and the messages on the comments."""
    comments = ignore_comments(PATH, text.encode())
    shown, _, used = split_ignored(findings, comments)
    return [one.line for one in shown], [one.message for one in unused_ignores(comments, used, rules)]


@pytest.mark.parametrize(
    ("text", "line", "end_line"),
    [
        ("f()  # audit: ignore[missing-await] a reason\n", 1, 1),
        ("f()  #audit:ignore[missing-await]\n", 1, 1),
        ("f()  # noqa: E501  # audit: ignore[hidden-coroutine, missing-await] both\n", 1, 1),
        ("# audit: ignore[missing-await] said before\nf()\n", 2, 2),
        ("# audit: ignore[missing-await] before\n\n# more words\nf()\n", 4, 4),
        ("g(\n    1,\n)  # audit: ignore[missing-await] at the end of the call\n", 1, 3),
    ],
)
def test_a_comment_on_a_line_of_the_finding_or_alone_before_it_holds(
    text: str, line: int, end_line: int
) -> None:
    """The finding is not shown."""
    assert judged(text, found_at(line, end_line))[0] == []


@pytest.mark.parametrize(
    "text",
    [
        "f()\nf()  # audit: ignore[missing-await] another line\n",
        "f()  # audit: ignore[hidden-coroutine] another rule\n",
        "f('# audit: ignore[missing-await] in a text')\n",
        "f()  # audit: ignore\n",
        "f()  # ignore[missing-await]\n",
        "x = 1  # audit: ignore[missing-await] not alone\nf()\n",
    ],
)
def test_anything_else_does_not_hold(text: str) -> None:
    """The finding is shown."""
    line = 2 if text.endswith("\nf()\n") else 1
    assert judged(text, found_at(line))[0] == [line]


def test_comments_that_ignore_nothing_are_told() -> None:
    """With the cure: unused, of an unknown rule, without a rule."""
    text = (
        "a  # audit: ignore[missing-await] x\nb  # audit: ignore[missing-awit]\nc  # audit: ignore because\n"
    )
    shown, told = judged(text)
    assert shown == []
    assert told == [
        "nothing is found here by missing-await, so there is nothing to ignore",
        f"there is no rule 'missing-awit' to ignore (known: {', '.join(RULES)})",
        "this comment names no rule, so it ignores nothing: write # audit: ignore[rule] reason",
    ]


def test_a_rule_that_was_not_asked_for_is_not_called_unused() -> None:
    """`--select` must not make comments wrong."""
    text = "a  # audit: ignore[missing-await, missing-method] x\n"
    assert judged(text, rules=("missing-method",))[1] == [
        "nothing is found here by missing-method, so there is nothing to ignore"
    ]


def test_one_name_of_two_may_be_unused() -> None:
    """Each name is judged by itself."""
    told = judged("f()  # audit: ignore[missing-await, missing-method] x\n", found_at(1))
    assert told == ([], ["nothing is found here by missing-method, so there is nothing to ignore"])


@pytest.mark.parametrize(
    "content", [b"\x00# audit: ignore[missing-await]", b"(  # audit: ignore[x]", b"\xff# audit:"]
)
def test_what_is_no_python_has_no_comments(content: bytes) -> None:
    """The audit tells of such files."""
    assert ignore_comments(PATH, content) == ()


def test_encodings_and_line_ends_of_other_systems_are_read() -> None:
    """Latin-1 by declaration, a byte order mark, carriage returns."""
    latin = "# coding: latin-1\r\né = f()  # audit: ignore[missing-await] é\r\n".encode("latin-1")
    assert [one.line for one in ignore_comments(PATH, latin)] == [2]
    marked = b"\xef\xbb\xbff()  # audit: ignore[missing-await]\n"
    assert [(one.line, one.column) for one in ignore_comments(PATH, marked)] == [(1, 6)]
