"""A suite under the plugin: a test that leaves a coroutine un-awaited fails, and says where it was made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLUGIN = "jarvis_bench.await_audit.pytest_plugin"
SUITE = """
import gc
import pytest

async def get_manager():
    return 1

def test_dropped():
    get_manager()  # left

@pytest.mark.unawaited("shows the warning")
def test_on_purpose():
    with pytest.warns(RuntimeWarning, match="never awaited"):
        get_manager()

def test_fixture(no_unawaited_coroutines):
    with pytest.raises(RuntimeError, match="is kept"):
        with no_unawaited_coroutines():
            kept = get_manager()

@pytest.fixture
def careless():
    yield
    get_manager()  # left

def test_teardown(careless):
    pass

def test_cycle():
    gc.disable()
    cycle = [get_manager()]  # left
    cycle.append(cycle)
"""


def run(tmp_path: Path, suite: str) -> subprocess.CompletedProcess[str]:
    """pytest on one file, in a process of its own."""
    (tmp_path / "test_suite.py").write_text(suite, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        PLUGIN,
        "-q",
        "-p",
        "no:cacheprovider",
        "--strict-markers",
    ]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)


def test_each_is_one_error_that_names_the_line(tmp_path: Path) -> None:
    """In the call, in the tear-down, and at the end of the session for what only a collection finds."""
    done = run(tmp_path, SUITE)
    assert done.returncode == 1, done.stdout
    assert "1 failed, 4 passed, 1 error" in done.stdout
    numbers = [number for number, text in enumerate(SUITE.splitlines(), 1) if text.endswith("# left")]
    for number, place in zip(numbers, ("test_dropped", "careless", "test_cycle"), strict=True):
        assert f"test_suite.py:{number} in {place}, defined at" in done.stdout
    assert "found at the end of the session" in done.stdout


def test_what_only_the_end_finds_fails_the_session(tmp_path: Path) -> None:
    """Although every test passed."""
    done = run(tmp_path, SUITE[: SUITE.index("def test_dropped")] + SUITE[SUITE.index("def test_cycle") :])
    assert done.returncode == 1
    assert "1 passed" in done.stdout
