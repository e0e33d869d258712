"""The README keeps its word."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.split(" #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
GROUPS = ("cloud-run", "docker")
QUICK = [command for command in COMMANDS if " reproduce " in command]


def test_the_two_commands_are_make_targets() -> None:
    """Each `make` command of the README is a target of the Makefile."""
    targets = set(
        re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    named = {command.split()[1] for command in COMMANDS if command.startswith("make ")}
    assert {"report", "test", "lab"} <= named
    assert named <= targets


@pytest.mark.parametrize("command", QUICK)
def test_reproduce_commands_run_as_written(command: str) -> None:
    """The README's `reproduce` commands exit 0."""
    words = shlex.split(command)
    words[0] = str(Path(sys.executable).parent / Path(words[0]).name)
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if c.split()[0].endswith("jarvis-bench") and c not in QUICK]
)
def test_other_commands_use_real_options(command: str) -> None:
    """Every option that the README uses is one that the command knows."""
    words = shlex.split(command)
    program = str(Path(sys.executable).parent / "jarvis-bench")
    named = words[1:3] if words[1] in GROUPS else words[1:2]
    text = subprocess.run(
        [program, *named, "--help"], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    for word in words:
        assert not word.startswith("--") or word in text


def test_every_notebook_and_world_is_named() -> None:
    """The README's lists are complete."""
    from jarvis_bench.reproduction.worlds import WORLDS

    notebooks = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(re.findall(r"\| `(\d\d_\w+)`", README)) == notebooks
    assert all(f"`{world.name}`" in README for world in WORLDS)


def test_no_picture_is_missing() -> None:
    """Every picture and file that the README links to is there."""
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).is_file(), target
