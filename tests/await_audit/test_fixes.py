"""Insertions keep every other byte, whatever the encoding and the ends of lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.await_audit import AuditOptions, AuditResult, Edit, apply_fixes, audit, diff
from jarvis_bench.await_audit.fixes import insert

LINES = ("async def grüße():", '    return "ä"', "", "", "async def main():")
BODY = ('    ä = "ß"; x = f"{ä} {grüße()}"; grüße()', "    return x", "")
SOURCE = "\n".join((*LINES, *BODY))
FIXED = SOURCE.replace("{grüße()}", "{await grüße()}").replace("; grüße()", "; await grüße()")
ENCODINGS = {
    "utf-8": (b"", "utf-8", "\n"),
    "byte order mark": (b"\xef\xbb\xbf", "utf-8", "\n"),
    "windows ends": (b"", "utf-8", "\r\n"),
    "old mac ends": (b"", "utf-8", "\r"),
    "latin-1": (b"# -*- coding: latin-1 -*-\n", "latin-1", "\n"),
    "no last end": (b"", "utf-8", "\n"),
}


def audited(path: Path) -> AuditResult:
    """Audit one file as a tree of its own."""
    return audit([path], AuditOptions(root=path.parent, jobs=1))


@pytest.mark.parametrize("kind", ENCODINGS)
def test_every_other_byte_is_kept(tmp_path: Path, kind: str) -> None:
    """Columns are counted in characters, offsets in bytes."""
    head, encoding, end = ENCODINGS[kind]
    path = tmp_path / "a.py"

    def encoded(text: str) -> bytes:
        kept = text.rstrip("\n") if kind == "no last end" else text
        return head + kept.replace("\n", end).encode(encoding)

    path.write_bytes(encoded(SOURCE))
    result = audited(path)
    assert [one.column for one in result.findings] == [25, 36]
    assert apply_fixes(result) == (path,)
    assert path.read_bytes() == encoded(FIXED)


def test_a_likely_fix_waits_for_permission(tmp_path: Path) -> None:
    """Without `likely` nothing is written, and the diff is empty."""
    path = tmp_path / "a.py"
    text = "async def f(s):\n    await s.commit_it(1)\n    await s.commit_it(2)\n    s.commit_it(3)\n"
    path.write_text(text, encoding="utf-8")
    result = audited(path)
    assert [one.grade for one in result.findings] == ["likely"]
    assert (diff(result), apply_fixes(result)) == ("", ())
    assert "+    await s.commit_it(3)" in diff(result, likely=True)
    assert apply_fixes(result, likely=True) == (path,)


def test_a_file_that_has_changed_since_is_left_alone(tmp_path: Path) -> None:
    """Offsets that no longer fit change nothing."""
    path = tmp_path / "a.py"
    path.write_text("async def f():\n    return 1\n\n\nasync def g():\n    f()\n", encoding="utf-8")
    result = audited(path)
    path.write_text("x = 'something else entirely, and longer than it was before'\n", encoding="utf-8")
    before = path.read_bytes()
    assert apply_fixes(result) == ()
    assert path.read_bytes() == before


def test_insertions_at_one_place_stay_in_order() -> None:
    """The outer one comes first."""
    assert (
        insert(b"f().g()", [Edit(0, "await "), Edit(0, "(await "), Edit(3, ")")]) == b"await (await f()).g()"
    )


def test_two_coroutines_in_one_chain(tmp_path: Path) -> None:
    """Outer and inner call begin at the same column."""
    path = tmp_path / "a.py"
    text = "class A:\n    async def g(self):\n        return 1\n\n\nasync def f() -> A:\n    return A()\n\n\n"
    path.write_text(text + "async def main():\n    f().g()\n", encoding="utf-8")
    for _ in range(2):
        apply_fixes(audited(path))
    assert path.read_text(encoding="utf-8") == text + "async def main():\n    await (await f()).g()\n"
    assert audited(path).findings == ()


def test_the_diff_of_a_file_without_a_last_end_of_line(tmp_path: Path) -> None:
    """The marker of patch is there, so that the diff applies."""
    path = tmp_path / "a.py"
    path.write_text("async def f():\n    return 1\n\n\nasync def g():\n    f()", encoding="utf-8")
    assert diff(audited(path)).endswith(
        "-    f()\n\\ No newline at end of file\n+    await f()\n\\ No newline at end of file\n"
    )
