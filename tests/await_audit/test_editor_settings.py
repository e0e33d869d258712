"""The settings in the auditor's README make type checkers complain about v10.5, and only with them do they."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "jarvis_bench"
README = (PACKAGE / "await_audit" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
COROUTINE = r"v10_5\.py:118:.*Coroutine.*check_docker_installed"


def settings(tool: str) -> tuple[str, dict[str, Any]]:
    """The block of the README that sets a tool, and what it sets."""
    (block,) = [block for block in BLOCKS if f"[tool.{tool}]" in block]
    return block, tomllib.loads(block)["tool"][tool]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with v10.5 in it and nothing else."""
    shutil.copy(PACKAGE / "startup" / "v10_5.py", tmp_path)
    return tmp_path


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A tool on the one file."""
    return subprocess.run(
        [sys.executable, "-m", *command, "v10_5.py"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_mypy_sees_the_use_with_the_settings_and_nothing_without(project: Path) -> None:
    """`check_untyped_defs` is what makes the difference."""
    without = run(project, "mypy", "--config-file", "/dev/null")
    assert without.returncode == 0, without.stdout
    (project / "pyproject.toml").write_text(settings("mypy")[0], encoding="utf-8")
    done = run(project, "mypy")
    assert done.returncode == 1
    assert re.search(COROUTINE, done.stdout), done.stdout


def test_pyright_sees_the_use_with_the_settings(project: Path) -> None:
    """Its program comes from the npm registry; where it cannot be fetched, it cannot be tried."""
    pytest.importorskip("pyright", reason="pip install 'jarvis-bench[peers]'")
    (project / "pyrightconfig.json").write_text(json.dumps(settings("pyright")[1]), encoding="utf-8")
    done = run(project, "pyright", "--outputjson")
    if not done.stdout.lstrip().startswith("{"):
        pytest.skip(f"pyright could not start: {done.stderr.strip().splitlines()[-1:]}")
    errors = [one for one in json.loads(done.stdout)["generalDiagnostics"] if one["severity"] == "error"]
    assert any("CoroutineType" in one["message"] and one["range"]["start"]["line"] == 117 for one in errors)


def test_the_documented_settings_of_the_auditor_are_real(tmp_path: Path) -> None:
    """Every key of the README's block is known."""
    from jarvis_bench.await_audit.configuration import read_configuration

    (block,) = [block for block in BLOCKS if "tool.jarvis-bench.audit" in block]
    (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
    assert read_configuration(tmp_path).exclude == ("tests/cases/*",)
