"""The hook that other projects take from this repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_manifest

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"


def test_the_manifest_is_one_that_pre_commit_takes() -> None:
    """One hook, for Python files, installed from this repository."""
    (hook,) = load_manifest(str(MANIFEST))
    assert (hook["id"], hook["language"], hook["types"]) == ("missing-await", "python", ["python"])
    assert hook["require_serial"], "the auditor spreads over the cores itself"


def test_its_entry_finds_and_fixes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With file names and arguments as pre-commit adds them: 1 while there is something, then 0."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (entry,) = [hook["entry"] for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))]
    program, *arguments = entry.split()
    assert program == "python"
    path = tmp_path / "a.py"
    path.write_text(
        "async def f():\n    return 1\n\n\nasync def g():\n    x = f()\n    return x + 1\n", encoding="utf-8"
    )

    def run(*more: str) -> int:
        command = [sys.executable, *arguments, *more, "a.py"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60).returncode

    assert run() == 1
    assert run("--fix") == 0
    assert "x = await f()" in path.read_text(encoding="utf-8")
