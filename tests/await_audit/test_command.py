"""Whole runs of the auditor: what is asked, what is told, what is changed, and the exit code."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jarvis_bench.await_audit import command
from jarvis_bench.await_audit.request import AuditRequest

BAD = """async def get_manager() -> int:
    return 1


async def probe() -> int:
    manager = get_manager()
    return manager + 1
"""
GOOD = BAD.replace("= get", "= await get")
IGNORED = BAD.replace(
    "get_manager()\n    return", "get_manager()  # audit: ignore[missing-await] told\n    return"
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project in which the command is run, and a cache of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def write(**files: str) -> None:
    """Python files of the project, by name."""
    for name, text in files.items():
        Path(f"{name}.py").write_text(text, encoding="utf-8")


def run(*paths: str, **options: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    request = AuditRequest(paths=tuple(map(Path, paths)), jobs=1, **options)  # type: ignore[arg-type]
    return command.run(request, out, err), out.getvalue(), err.getvalue()


def test_findings_are_1_and_none_is_0() -> None:
    """With the file as it was named."""
    write(a=BAD, b=GOOD)
    code, out, err = run("a.py")
    assert (code, err) == (1, "")
    assert out.startswith("a.py:6:15: missing-await (certain)")
    assert run("b.py")[0] == 0


def test_without_paths_the_files_of_the_project_are_meant() -> None:
    """As git knows them."""
    write(a=BAD, ignored=BAD)
    subprocess.run(["git", "init", "--quiet"], check=True)
    Path(".gitignore").write_text("ignored.py\n", encoding="utf-8")
    code, out, _ = run()
    assert code == 1
    assert "a.py:6" in out
    assert "ignored" not in out


def test_a_comment_keeps_a_finding_silent_and_is_told_once_it_is_of_no_use() -> None:
    """The comment alone then is the finding."""
    write(a=IGNORED)
    code, out, _ = run("a.py")
    assert (code, out) == (0, "0 findings in 1 file, 1 ignored by comment.\n")
    write(a=IGNORED.replace("= get", "= await get"))
    code, out, _ = run("a.py")
    assert code == 1
    assert "a.py:6:36: unused-ignore (certain): nothing is found here by missing-await" in out
    assert run("a.py", ignore=("unused-ignore",))[0] == 0


def test_a_baseline_lets_only_new_findings_through(project: Path) -> None:
    """Also after lines have moved; and it says when an entry is no longer needed."""
    write(a=BAD)
    code, _, err = run("a.py", write_baseline=Path("known.json"))
    assert (code, err) == (0, "1 finding kept as known in known.json\n")
    write(a="import asyncio\n\n\n" + BAD)
    code, out, _ = run("a.py", baseline=Path("known.json"))
    assert (code, out) == (0, "0 findings in 1 file, 1 known from the baseline.\n")
    write(a=BAD + BAD.replace("probe", "another").replace("get_manager", "get_more"))
    code, out, _ = run("a.py", baseline=Path("known.json"))
    assert code == 1
    assert "1 finding (1 certain) in 1 file, 1 known" in out
    write(a=GOOD)
    (project / "pyproject.toml").write_text(
        '[tool.jarvis-bench.audit]\nbaseline = "known.json"\n', encoding="utf-8"
    )
    assert "1 entry of the baseline no longer found" in run("a.py")[1]


def test_diff_changes_nothing_and_fix_changes_what_diff_showed() -> None:
    """The diff can be applied; the second fix finds nothing to do."""
    write(a=BAD)
    code, out, err = run("a.py", diff=True)
    assert code == 1
    assert "-    manager = get_manager()\n+    manager = await get_manager()\n" in out
    assert err.startswith("1 finding (1 certain)")
    assert Path("a.py").read_text(encoding="utf-8") == BAD
    code, out, _ = run("a.py", fix=True)
    assert (code, out) == (0, "Fixed 1 file: a.py.\n0 findings in 1 file.\n")
    assert Path("a.py").read_text(encoding="utf-8") == GOOD
    assert run("a.py", fix=True)[:2] == (0, "0 findings in 1 file.\n")


def test_what_is_ignored_is_not_fixed() -> None:
    """A comment means leave it alone; so does a baseline."""
    write(a=IGNORED, b=BAD)
    run("b.py", write_baseline=Path("known.json"))
    run("a.py", "b.py", fix=True, fix_likely=True, baseline=Path("known.json"))
    assert Path("a.py").read_text(encoding="utf-8") == IGNORED
    assert Path("b.py").read_text(encoding="utf-8") == BAD


def test_a_file_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, exit 2."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "a.py")

    monkeypatch.setattr(command, "apply_fixes", refuse)
    write(a=BAD)
    code, out, err = run("a.py", fix=True)
    assert (code, out) == (2, "")
    assert err == "jarvis-bench audit: cannot write the fix to a.py: Permission denied\n"


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_every_format_tells_the_same_finding(form: str) -> None:
    """On standard output alone, as one document."""
    write(a=BAD)
    code, out, _ = run("a.py", format=form)
    assert code == 1
    if form == "json":
        assert json.loads(out)["findings"][0]["line"] == 6
    elif form == "sarif":
        (result,) = json.loads(out)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 6
        (change,) = result["fixes"][0]["artifactChanges"]
        assert change["replacements"][0]["deletedRegion"]["startColumn"] == 15
    else:
        assert out.startswith("::error file=a.py,line=6")


def test_selected_rules_alone_are_looked_for() -> None:
    """By option and by settings; the option goes over the settings."""
    write(a=BAD)
    assert run("a.py", select=("missing-method",))[0] == 0
    assert run("a.py", ignore=("missing-await",))[0] == 0
    Path("pyproject.toml").write_text(
        '[tool.jarvis-bench.audit]\nselect = ["missing-method"]\n', encoding="utf-8"
    )
    assert run("a.py")[0] == 0
    assert run("a.py", select=("missing-await",))[0] == 1


def test_excluded_files_are_not_audited_even_when_named() -> None:
    """A hook names them all; nothing is wrong then."""
    write(a=BAD, b=GOOD)
    Path("pyproject.toml").write_text('[tool.jarvis-bench.audit]\nexclude = ["a.py"]\n', encoding="utf-8")
    assert run("a.py")[0] == 0
    assert run("a.py", "b.py")[0] == 0


@pytest.mark.parametrize(
    ("paths", "options", "message"),
    [
        (["nope.py"], {}, "no such file or folder: nope.py in "),
        (["aa.py"], {}, "no such file or folder: aa.py; did you mean a.py?"),
        (["a.py"], {"select": ("missing-awit",)}, "did you mean 'missing-await'?"),
        (["a.py"], {"format": "sarf"}, "unknown format 'sarf'; did you mean 'sarif'?"),
        (["a.py"], {"select": ("missing-await",), "ignore": ("missing-await",)}, "no rule is left"),
        (["a.py"], {"fix": True, "diff": True}, "--diff changes nothing and --fix does: give one of them"),
        (["a.py"], {"baseline": Path("none.json")}, "cannot read the baseline none.json: No such file"),
        (["a.py"], {"write_baseline": Path("x.json"), "fix": True}, "give it without --fix"),
        (["a.py"], {"write_baseline": Path("none/x.json")}, "cannot write the baseline none/x.json"),
        (["a.py"], {"python": Path("no/python")}, "--python no/python: no such interpreter"),
    ],
)
def test_a_wrong_request_is_2_and_one_line_that_names_the_thing(
    paths: list[str], options: dict[str, object], message: str
) -> None:
    """And nothing on standard output."""
    write(a=BAD)
    code, out, err = run(*paths, **options)
    assert (code, out) == (2, "")
    assert err.startswith("jarvis-bench audit: ")
    assert message in err
    assert err.count("\n") == 1


HOPELESS = {
    "broken.py": b"def f(:\n",
    "two.py": b"print 'hello'\n",
    "null.py": b"x = 1\x00\n",
    "latin.py": b"x = '\xe9'\n",
    "codec.py": b"# coding: no-such-codec\n",
    "deep.py": b"(" * 5000 + b")" * 5000,
}


def test_files_that_cannot_be_audited_are_named_and_the_rest_is_audited() -> None:
    """Each with its reason; they alone are no finding."""
    for name, content in HOPELESS.items():
        Path(name).write_bytes(content)
    write(a=BAD)
    code, out, _ = run(".")
    assert code == 1
    assert "a.py:6:15: missing-await" in out
    for name in HOPELESS:
        assert f"{name}: not audited: " in out, out
    write(a=GOOD)
    assert run(".")[0] == 0


def test_only_where_nothing_could_be_read_it_is_4() -> None:
    """Broken files alone, an empty folder, an empty project."""
    Path("empty").mkdir()
    code, _, err = run("empty")
    assert (code, err) == (
        4,
        "jarvis-bench audit: no Python file in empty: name a file or folder that has some\n",
    )
    assert run()[0] == 4
    Path("broken.py").write_bytes(HOPELESS["broken.py"])
    code, out, err = run("broken.py")
    assert code == 4
    assert "broken.py: not audited: " in out
    assert err == "jarvis-bench audit: none of 1 file could be audited\n"


def test_links_that_lead_in_a_circle_and_long_lines_do_no_harm() -> None:
    """The loop is not followed; a line of a megabyte is audited and cut where it is shown."""
    Path("loop").symlink_to(".", target_is_directory=True)
    Path("self.py").symlink_to("self.py")
    Path("gone.py").symlink_to("nowhere.py")
    os.mkfifo("pipe.py")
    Path("folder.py").mkdir()
    write(a=BAD + f"\n\nx = [{'1, ' * 350_000}]\n")
    Path("b.py").write_text(
        BAD.replace("manager + 1", "manager + (" + "1 + " * 20_000 + "1)"), encoding="utf-8"
    )
    code, out, _ = run(".", format="text")
    assert code == 1
    assert out.count("missing-await (certain)") >= 1
    assert max(map(len, out.splitlines())) < 400
    assert "loop" not in out
    assert "pipe.py: not audited: is no regular file" in out
    code, out, _ = run("self.py")
    assert (code, out.splitlines()[0]) == (4, "self.py: not audited: a link that leads nowhere")


def test_a_file_without_rights_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As any other that cannot be audited."""
    read_bytes = Path.read_bytes

    def read(path: Path) -> bytes:
        if path.name == "secret.py":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    write(a=BAD, secret=BAD)
    code, out, _ = run(".")
    assert code == 1
    assert "secret.py: not audited: cannot be read: Permission denied" in out


def test_paths_without_a_common_project_do_not_make_all_between_them_read(project: Path) -> None:
    """Two projects are read whole, a script with what lies beside it; their common folder is not searched."""
    names = (
        "one/pkg/a.py",
        "one/pkg/b.py",
        "two/a.py",
        "script/s.py",
        "script/beside.py",
        "script/far/x.py",
        "x.py",
    )
    for name in names:
        (project.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (project.parent / name).write_text(BAD, encoding="utf-8")
    for name in ("one", "two"):
        (project.parent / name / "pyproject.toml").touch()
    code, out, _ = run("../one/pkg/a.py", "../two", "../script/s.py", format="json")
    content = json.loads(out)
    assert code == 1
    assert [one["path"] for one in content["findings"]] == [
        "../one/pkg/a.py",
        "../script/s.py",
        "../two/a.py",
    ]
    assert content["stats"]["files_read"] == 5


def test_the_page_of_a_rule_is_printed() -> None:
    """Or the nearest rule named."""
    out, err = io.StringIO(), io.StringIO()
    assert command.explain("missing-await", out, err) == 0
    assert out.getvalue().startswith("# missing-await\n")
    assert command.explain("missing", out, err) == 2
    assert "unknown rule 'missing'" in err.getvalue()


def test_a_stream_that_cannot_encode_a_sign_still_gets_the_line() -> None:
    """A terminal in the C locale."""
    Path("ü.py").write_text(BAD, encoding="utf-8")
    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, encoding="ascii")
    assert command.run(AuditRequest(paths=(Path("ü.py"),), jobs=1), out, io.StringIO()) == 1
    assert buffer.getvalue().startswith(b"\\xfc.py:6:15: missing-await")


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, no traceback."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "audit", interrupted)
    assert run(".") == (130, "", "jarvis-bench audit: interrupted\n")


def test_it_runs_alone_with_the_standard_library_only() -> None:
    """`python -m jarvis_bench.await_audit` imports none of the package's dependencies."""
    code = (
        "import sys; from jarvis_bench.await_audit.__main__ import main;"
        "code = main(['a.py', '--json', '--jobs', '1']);"
        "heavy = {'typer', 'psutil', 'click', 'yaml', 'pytest'} & set(sys.modules);"
        "ours = [name for name in sys.modules if name.startswith('jarvis_bench.') and 'await_audit' not in name];"
        "sys.stderr.write(f'{heavy} {ours}'); sys.exit(code)"
    )
    write(a=BAD)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr == "set() []"
    assert json.loads(done.stdout)["schema_version"] == 1
