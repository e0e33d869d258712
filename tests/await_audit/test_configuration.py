"""`[tool.jarvis-bench.audit]`: what it may hold, and what is told of everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.await_audit.configuration import check_rules, read_configuration
from jarvis_bench.await_audit.failures import AuditUsageError

TABLE = "[tool.jarvis-bench.audit]\n"


def write(folder: Path, text: str) -> None:
    """A pyproject.toml."""
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def test_every_key_is_read_and_paths_are_beside_the_file(tmp_path: Path) -> None:
    """From a folder below, too."""
    write(
        tmp_path,
        TABLE + 'select = ["missing-await"]\nignore = ["unused-ignore"]\nexclude = ["cases/*"]\n'
        'baseline = "known.json"\npython = "env/bin/python"\njobs = 3\n',
    )
    (tmp_path / "a" / "b").mkdir(parents=True)
    found = read_configuration(tmp_path / "a" / "b")
    assert found.folder == tmp_path
    assert (found.select, found.ignore) == (("missing-await",), ("unused-ignore",))
    assert (found.exclude, found.jobs) == (("cases/*",), 3)
    assert (found.baseline, found.python) == (tmp_path / "known.json", tmp_path / "env" / "bin" / "python")


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.jarvis-bench]\n"])
def test_a_project_need_not_set_anything(tmp_path: Path, text: str) -> None:
    """Defaults."""
    write(tmp_path, text)
    assert read_configuration(tmp_path).select == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selcet = []", "unknown key .*'selcet'; did you mean 'select'"),
        (
            'select = ["missing-awit"]',
            "select of .*unknown rule 'missing-awit'; did you mean 'missing-await'",
        ),
        ('select = "missing-await"', "select of .*a list of texts is wanted"),
        ("exclude = [1]", "exclude of .*a list of texts is wanted"),
        ("jobs = -1", "jobs of .*a number of processes"),
        ("jobs = true", "jobs of .*a number of processes"),
        ("baseline = 3", "baseline of .*a path in quotes"),
        ("python = ''", "python of .*a path in quotes"),
    ],
)
def test_what_it_may_not_hold_is_named_with_the_file(tmp_path: Path, text: str, message: str) -> None:
    """The key, the value and what is wanted."""
    write(tmp_path, TABLE + text)
    with pytest.raises(AuditUsageError, match=message) as caught:
        read_configuration(tmp_path)
    assert "pyproject.toml" in str(caught.value)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    """Also one that is no text, and a value in place of the table."""
    write(tmp_path, "[")
    with pytest.raises(AuditUsageError, match="is not valid TOML"):
        read_configuration(tmp_path)
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(AuditUsageError, match="is not valid TOML"):
        read_configuration(tmp_path)
    write(tmp_path, "[tool.jarvis-bench]\naudit = 1\n")
    with pytest.raises(AuditUsageError, match="is a table, not 1"):
        read_configuration(tmp_path)


def test_unknown_rules_are_named() -> None:
    """The nearest known one is offered."""
    assert check_rules(("missing-await",)) == ("missing-await",)
    with pytest.raises(AuditUsageError, match="did you mean 'hidden-coroutine'"):
        check_rules(("hiden-coroutine",))
