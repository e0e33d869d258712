"""`jarvis-bench reproduce`: one start-up in one world, for people and for programs."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from jarvis_bench.reproduction import reproduce
from tests.kit.throwaway import wait_until
from tests.processes import lives

from .conftest import PROGRAM, Command, environment_of

FIELDS = {
    "schema_version",
    "version",
    "world",
    "error",
    "docker",
    "decision",
    "seconds",
    "longest_block_s",
    "warnings",
    "second_caller",
}


def test_json_has_every_field_that_others_read(command: Command) -> None:
    """One object on standard output, nothing else anywhere."""
    finished = command("reproduce", "v10.5", "--world", "docker-stopped", "--json")
    record = finished.record
    assert (finished.code, finished.err) == (0, "")
    assert record.keys() >= FIELDS
    assert (record["schema_version"], record["version"], record["world"]) == (1, "v10.5", "docker-stopped")
    assert record["error"] == "'coroutine' object has no attribute 'check_docker_installed'"
    assert record["docker"].keys() == {"status", "cause", "reason"}
    assert record["decision"].keys() >= {"tier", "reason"}
    assert record["second_caller"].keys() == {"same", "ready"}
    assert isinstance(record["warnings"], list)
    assert isinstance(record["seconds"], float)
    assert isinstance(record["longest_block_s"], float)


def test_words_say_what_json_says(command: Command) -> None:
    """A person reads the swallowed error, the choice and why."""
    finished = command("reproduce", "v10.6", "--world", "docker-ready")
    assert finished.code == 0
    assert "'DockerDaemonManager' object has no attribute 'check_docker_installed'" in finished.out
    assert "local" in finished.out
    assert "docker-ready" in finished.out


def test_a_start_up_without_an_error_says_so(command: Command) -> None:
    """`current` swallows nothing and takes the healthy container."""
    record = command("reproduce", "current", "--world", "docker-ready", "--json").record
    assert record["error"] is None
    assert record["decision"]["tier"] == "docker"
    assert record["second_caller"] == {"same": True, "ready": True}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["v10.55"], ["'v10.55'", "'v10.5'"]),
        (["curent"], ["'curent'", "'current'"]),
        (["v10.5", "--world", "docker-redy"], ["'docker-redy'", "'docker-ready'"]),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(
    command: Command, arguments: list[str], said: list[str]
) -> None:
    """Exit 2 and one line, on standard error."""
    finished = command("reproduce", *arguments, "--json")
    assert (finished.code, finished.out) == (2, "")
    assert finished.err.count("\n") == 1
    assert all(name in finished.err for name in said)


def test_a_bug_that_does_not_reproduce_is_exit_1(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The result is printed all the same, and standard error says what was expected."""
    monkeypatch.setitem(reproduce.EXHIBITS, "v10.5", reproduce.EXHIBITS["v10.7"])
    finished = command("reproduce", "v10.5", "--world", "docker-not-installed", "--json")
    assert finished.code == 1
    assert finished.record["error"] is None
    assert "not reproduced" in finished.err
    assert "'coroutine' object" in finished.err


def test_an_error_where_none_is_due_is_exit_1(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """From v10.7 on, the kit's premise is that nothing is swallowed."""
    monkeypatch.setitem(reproduce.EXHIBITS, "v10.7", reproduce.EXHIBITS["v10.6"])
    finished = command("reproduce", "v10.7", "--world", "docker-not-installed")
    assert finished.code == 1
    assert "not reproduced" in finished.err


def test_ctrl_c_ends_with_130_and_leaves_no_process(tmp_path: Path) -> None:
    """Even while the start-up is blocked in a docker command that does not return."""
    with subprocess.Popen(
        [PROGRAM, "reproduce", "v10.7", "--world", "docker-hangs", "--json"],
        env=environment_of(tmp_path),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until(lambda: len(family(process.pid)) > 1, "a docker command below the start-up's process")
        started = family(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert [child.pid for child in started if lives(child.pid)] == []


def family(pid: int) -> list[psutil.Process]:
    """All that a process has started, and what that has started."""
    return psutil.Process(pid).children(recursive=True)
