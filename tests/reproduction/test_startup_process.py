"""What a world sets inside the start-up's process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GIB = 1024**3
# Runs a start-up in a process to which the container around it leaves no RAM at all.
IN_A_CONTAINER = """
import sys
from pathlib import Path
from jarvis_bench.tiers import local
from jarvis_bench.reproduction.startup_process import main
local.CGROUP_LIMITS = ((Path(sys.argv[2]), Path(sys.argv[2])),)
main(sys.argv[1:2])
"""


@pytest.mark.parametrize(("ram_bytes", "expected"), [(8 * GIB, "local"), (GIB // 2, None)])
def test_worlds_ram_counts_and_not_the_machines(ram_bytes: int, expected: str | None, tmp_path: Path) -> None:
    """A world has the RAM it says, also in a container with less, and a machine with more."""
    config = {
        "version": "current",
        "world": "test",
        "exhibit": None,
        "socket": None,
        "ram_bytes": ram_bytes,
        "speechbrain": True,
        "denied": False,
    }
    (tmp_path / "startup.json").write_text(json.dumps(config))
    (tmp_path / "limit").write_text("1000\n")
    command = [sys.executable, "-c", IN_A_CONTAINER, str(tmp_path / "startup.json"), str(tmp_path / "limit")]
    env = {**os.environ, "PATH": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/engine.sock"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=env, cwd=tmp_path) as process:
        assert process.wait() == 0
    assert json.loads((tmp_path / "result.json").read_text())["decision"]["tier"] == expected
