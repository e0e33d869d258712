"""`jarvis-bench` itself: what it knows, and how it ends."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .conftest import PROGRAM, Command, environment_of


def test_help_names_every_command(command: Command) -> None:
    """Help is for people, goes to standard output, and is no error."""
    finished = command("--help")
    assert finished.code == 0
    assert all(name in finished.out for name in ("run", "reproduce", "report"))


@pytest.mark.parametrize("name", ["run", "reproduce", "report"])
def test_every_command_offers_json(command: Command, name: str) -> None:
    """Programs may rely on it."""
    assert "--json" in command(name, "--help").out


@pytest.mark.parametrize("arguments", [[], ["rnu"], ["--nope"], ["reproduce"], ["report"]])
def test_a_command_line_without_sense_is_exit_2(command: Command, arguments: list[str]) -> None:
    """As every other mistake in its use."""
    assert command(*arguments).code == 2


def test_a_setting_that_does_not_exist_is_answered_with_the_nearest(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A variable with a slip of the finger would otherwise have no effect and no one would know."""
    monkeypatch.setenv("JARVIS_BENCH_HOMME", str(tmp_path))
    finished = command("run")
    assert finished.code == 2
    assert "'homme'" in finished.err
    assert "'home'" in finished.err


def test_a_reader_that_went_away_is_no_accident(tmp_path: Path) -> None:
    """`jarvis-bench reproduce … | head -0` prints no traceback."""
    with subprocess.Popen(
        [PROGRAM, "reproduce", "v10.5", "--world", "docker-not-installed"],
        env=environment_of(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("json", [[], ["--json"]])
def test_an_output_that_takes_no_more_is_told_in_a_line(tmp_path: Path, json: list[str]) -> None:
    """Such as a file on a full disk: exit 2, the reason, and no traceback."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [PROGRAM, "reproduce", "v10.5", "--world", "docker-not-installed", *json],
            env=environment_of(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "jarvis-bench: cannot write to standard output: No space left on device"
    ]
