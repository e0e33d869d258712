"""The audit of whole trees: what is read, what is reported, and what bad files do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jarvis_bench.await_audit import AuditOptions, AuditResult, audit

DROPPED = "async def save():\n    return 1\n\n\nasync def main():\n    save()\n"


def write(folder: Path, **files: str) -> None:
    """Write files; `__` in a name is a slash."""
    for name, text in files.items():
        parts = name.replace("__init__", "INIT").replace("__", "/").replace("INIT", "__init__")
        path = folder / f"{parts}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(result: AuditResult) -> list[tuple[str, int, str]]:
    """File name, line and grade of each finding."""
    return [(one.path.name, one.line, one.grade) for one in result.findings]


def audited(folder: Path, *names: str) -> AuditResult:
    """Audit a folder, or some files of it within the folder."""
    return audit([folder / name for name in names] or [folder], AuditOptions(root=folder, jobs=1))


@pytest.mark.parametrize(
    "imported",
    [
        "from package.store import save",
        "from package import store as s\nsave = s.save",
        "from package.store import save as save",
        "import package.store\nsave = package.store.save",
        "from package import save",
        "try:\n    from package.store import save\nexcept ImportError:\n    save = None",
        "from package.store import *",
    ],
)
def test_a_name_is_followed_through_imports(tmp_path: Path, imported: str) -> None:
    """Aliases, re-exports, fallbacks and stars lead to the same definition."""
    write(
        tmp_path,
        package____init__="from .store import save\n",
        package__store="async def save():\n    return 1\n",
    )
    write(tmp_path, user=f"{imported}\n\n\nasync def main():\n    save()\n")
    assert [name for name, _, _ in found(audited(tmp_path))] == ["user.py"]


def test_imports_inside_functions_and_relative_ones(tmp_path: Path) -> None:
    """A local import binds a local name; dots count from the package."""
    write(tmp_path, a____init__="", a__b____init__="", a__tools="async def run():\n    return 1\n")
    write(tmp_path, a__b__user="async def main():\n    from ..tools import run\n    run()\n")
    assert found(audited(tmp_path)) == [("user.py", 3, "certain")]


def test_the_import_root_need_not_be_the_root_of_the_tree(tmp_path: Path) -> None:
    """`from core.store import save` finds backend/core/store.py."""
    write(tmp_path, backend__core____init__="", backend__core__store="async def save():\n    return 1\n")
    write(tmp_path, backend__main="from core.store import save\n\n\nasync def main():\n    save()\n")
    assert found(audited(tmp_path)) == [("main.py", 5, "certain")]


def test_a_library_of_the_same_name_is_not_taken_for_a_module_of_a_package(tmp_path: Path) -> None:
    """`import redis` inside a package means the installed library, not package/redis.py."""
    write(tmp_path, package____init__="", package__redis="async def connect():\n    return 1\n")
    write(tmp_path, package__user="import redis\n\n\nasync def main():\n    redis.connect()\n")
    assert found(audited(tmp_path)) == []


def test_only_what_was_asked_for_is_reported_but_all_is_known(tmp_path: Path) -> None:
    """A hook passes one changed file; its definitions lie in others."""
    write(
        tmp_path,
        store="async def save():\n    return 1\n",
        user="from store import save\n\n\nasync def f():\n    save()\n",
    )
    write(tmp_path, other=DROPPED)
    result = audited(tmp_path, "user.py")
    assert found(result) == [("user.py", 5, "certain")]
    assert (result.files_read, result.files_reported) == (3, 1)
    assert "store.py:1" in result.findings[0].evidence


BAD = {
    "syntax": b"def f(:\n",
    "python_two": b"print 'hello'\n",
    "nulls": b"x = 1\0\n",
    "encoding": b"# -*- coding: no-such -*-\nx = 1\n",
    "not_utf8": b"x = '\xff\xfe'\n",
    "deep": b"x = " + b"(" * 5000 + b")" * 5000 + b"\n",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_reported_and_the_rest_audited(tmp_path: Path, kind: str) -> None:
    """One line says what is wrong with the file."""
    (tmp_path / "bad.py").write_bytes(BAD[kind])
    write(tmp_path, good=DROPPED)
    result = audited(tmp_path)
    assert [problem.path.name for problem in result.problems] == ["bad.py"]
    assert "\n" not in result.problems[0].reason
    assert found(result) == [("good.py", 6, "certain")]
    assert result.files_read == 1


def test_an_endless_line_is_read_or_reported(tmp_path: Path) -> None:
    """A megabyte in one line neither crashes nor hides the rest."""
    (tmp_path / "sum.py").write_text(
        "x = " + " + ".join("1" for _ in range(100_000)) + "\n", encoding="utf-8"
    )
    (tmp_path / "list.py").write_text(
        "x = [" + ", ".join("f(1)" for _ in range(60_000)) + "]\n", encoding="utf-8"
    )
    write(tmp_path, good=DROPPED)
    result = audited(tmp_path)
    assert found(result) == [("good.py", 6, "certain")]
    assert result.files_read + len(result.problems) == 3


def test_long_chains_are_no_deep_nesting(tmp_path: Path) -> None:
    """Hundreds of `elif` and of chained calls are read like any other file."""
    chain = "if x == 0:\n    pass\n" + "".join(f"elif x == {number}:\n    pass\n" for number in range(900))
    write(tmp_path, good="x = a" + ".b()" * 300 + "\n" + chain + DROPPED)
    result = audited(tmp_path)
    assert [one.rule for one in result.findings] == ["missing-await"]
    assert result.problems == ()


def test_loops_of_links_and_unreadable_files(tmp_path: Path) -> None:
    """A link to the parent folder is not followed; a dangling link is reported."""
    write(tmp_path, good=DROPPED)
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    result = audited(tmp_path)
    assert found(result) == [("good.py", 6, "certain")]
    assert [problem.path.name for problem in result.problems] == ["gone.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    """The reason is the one of the operating system."""
    write(tmp_path, good=DROPPED, secret="x = 1\n")
    (tmp_path / "secret.py").chmod(0)
    assert "ermission" in audited(tmp_path).problems[0].reason


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    """Nothing could be read: the caller can tell from the number of files."""
    result = audit([tmp_path / "nowhere"])
    assert (result.files_read, [problem.reason for problem in result.problems]) == (0, ["does not exist"])


def test_excluded_files_are_neither_read_nor_reported(tmp_path: Path) -> None:
    """Patterns are relative to the root."""
    write(tmp_path, good=DROPPED, old__bad=DROPPED)
    options = AuditOptions(root=tmp_path, exclude=("old",), jobs=1)
    assert found(audit([tmp_path], options)) == [("good.py", 6, "certain")]


def test_rules_can_be_chosen(tmp_path: Path) -> None:
    """A rule that was not asked for says nothing."""
    write(tmp_path, good=DROPPED)
    assert audit([tmp_path], AuditOptions(root=tmp_path, rules=("missing-method",), jobs=1)).findings == ()


def test_workers_give_what_one_process_gives(tmp_path: Path) -> None:
    """Parallel reading changes nothing but the time."""
    filler = "# a line that says nothing\n" * 16_000
    for number in range(6):
        write(tmp_path, **{f"module{number}": filler + DROPPED})
    alone, together = (audit([tmp_path], AuditOptions(root=tmp_path, jobs=jobs)) for jobs in (1, 2))
    assert len(alone.findings) == 6
    assert alone == together
