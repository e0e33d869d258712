"""A request, and the project's settings under it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jarvis_bench.await_audit.configuration import Configuration
from jarvis_bench.await_audit.records import RULES
from jarvis_bench.await_audit.request import (
    AuditRequest,
    cache_folder,
    make_plan,
    project_python,
    split_names,
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with settings, in which the command is run."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.jarvis-bench.audit]\nignore = ['missing-method']\nexclude = ['x']\nbaseline = 'b.json'\njobs = 3\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_settings_lie_under_options(project: Path) -> None:
    """Lists of what to leave out add up; single values are replaced."""
    plan = make_plan(AuditRequest(ignore=("hidden-coroutine",), exclude=("y",)))
    assert plan.rules == ("missing-await", "racy-async-singleton", "unused-ignore")
    assert plan.options.rules == ("missing-await", "racy-async-singleton")
    assert plan.options.exclude == ("y", "x")
    assert (plan.options.jobs, plan.baseline) == (3, project / "b.json")
    assert make_plan(AuditRequest(jobs=0, baseline=Path("c"))).baseline == Path("c")
    assert make_plan(AuditRequest(jobs=0)).options.jobs == 0


def test_writing_a_baseline_does_not_compare_with_the_one_that_is_set() -> None:
    """Otherwise what is known would be lost."""
    assert make_plan(AuditRequest(write_baseline=Path("b.json"))).baseline is None


def test_the_settings_are_those_of_the_first_path(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Not of wherever the command was started."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "pyproject.toml").touch()
    assert make_plan(AuditRequest(paths=(elsewhere,))).options.rules == RULES


def test_the_projects_own_environment_is_found(tmp_path: Path) -> None:
    """`.venv` before `venv`; none is none."""
    assert project_python(Configuration(tmp_path)) is None
    program = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    for folder in ("venv", ".venv"):
        path = tmp_path / folder / program
        path.parent.mkdir(parents=True)
        path.touch()
        assert project_python(Configuration(tmp_path)) == path


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing appears in the project; `--no-cache` keeps nothing."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "jarvis-bench" / "audit"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path.home() / "Library" / "Caches" / "jarvis-bench" / "audit"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "jarvis-bench" / "audit"
    assert make_plan(AuditRequest(cache=False)).options.cache_dir is None


def test_names_are_split_at_commas() -> None:
    """However they are given."""
    assert split_names(["a, b", "c,"]) == ("a", "b", "c")
    assert split_names(None) == ()
