"""What a result depends on is written down, and what may disturb it is said beforehand."""

from __future__ import annotations

import importlib.metadata
import json
import re

import psutil
import pytest

from jarvis_bench.kit.environment import describe_environment, preflight
from jarvis_bench.records import Json

QUIET: dict[str, Json] = {"load_1min": 0.1, "cores": 2, "swap_used_bytes": 0, "dirty": False}


def test_the_machine_is_described_in_plain_json() -> None:
    """Cores, memory, Python and package versions are those of this machine."""
    found = describe_environment()
    assert json.loads(json.dumps(found)) == found
    assert found["cores"] == psutil.cpu_count()
    assert found["ram_total_bytes"] == psutil.virtual_memory().total
    packages = found["packages"]
    assert isinstance(packages, dict)
    assert packages["papermill"] == importlib.metadata.version("papermill")


def test_without_git_the_commit_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed copy, or a machine without git, is no reason to fail."""
    monkeypatch.setenv("PATH", "")
    assert describe_environment()["commit"] is None


def test_a_quiet_machine_gives_no_warning() -> None:
    """Nothing is said where nothing was found."""
    assert preflight(QUIET) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"load_1min": 1.5}, r"load 1\.5 on 2 cores"),
        ({"swap_used_bytes": 1}, "swap"),
        ({"dirty": True}, "uncommitted"),
    ],
)
def test_what_may_disturb_is_said(change: dict[str, Json], said: str) -> None:
    """One sentence for each thing found."""
    (sentence,) = preflight(QUIET | change)
    assert re.search(said, sentence)


def test_a_system_without_a_load_average_gives_no_warning() -> None:
    """Windows has none."""
    assert preflight(QUIET | {"load_1min": None}) == []
