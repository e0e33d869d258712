"""The commands of a world answer as Docker's would."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jarvis_bench.reproduction.shims import read_starts, write_shims
from jarvis_bench.reproduction.worlds import Engine

FILTER = ("docker", "ps", "--filter", "name=jarvis-ecapa-cloud", "--format", "{{.Status}}")
WITH_DAEMON = [Engine.NO_CONTAINER, Engine.READY, Engine.UNHEALTHY, Engine.STUCK]
INSTALLED = [engine for engine in Engine if engine is not Engine.ABSENT]


def run(
    folder: Path, engine: Engine, *command: str, limit_s: float = 10.0
) -> subprocess.CompletedProcess[str]:
    """Run a command of that world."""
    write_shims(folder, engine)
    path = folder / command[0]
    return subprocess.run(
        [path, *command[1:]],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )


@pytest.mark.parametrize("engine", INSTALLED)
def test_installed_docker_tells_its_version(engine: Engine, tmp_path: Path) -> None:
    """`docker --version` asks no daemon."""
    done = run(tmp_path, engine, "docker", "--version")
    assert (done.returncode, done.stdout[:15]) == (0, "Docker version ")


def test_docker_that_is_not_installed_has_no_command(tmp_path: Path) -> None:
    """Where Docker is absent, so is its command."""
    with pytest.raises(FileNotFoundError):
        run(tmp_path, Engine.ABSENT, "docker", "--version")


@pytest.mark.parametrize("engine", INSTALLED)
@pytest.mark.parametrize("command", ["info", "ps"])
def test_daemon_answers_where_it_runs(command: str, engine: Engine, tmp_path: Path) -> None:
    """`docker info` and `docker ps` succeed with a daemon, and say why they do not without one."""
    done = run(tmp_path, engine, "docker", command)
    assert (done.returncode == 0) == (engine in WITH_DAEMON)
    assert bool(done.stderr) == (engine not in WITH_DAEMON)


@pytest.mark.parametrize(
    ("engine", "listed"),
    [
        (Engine.READY, "Up 3 minutes (healthy)\n"),
        (Engine.UNHEALTHY, "Up 3 minutes (unhealthy)\n"),
        (Engine.NO_CONTAINER, ""),
    ],
)
def test_our_container_is_listed_where_it_runs(engine: Engine, listed: str, tmp_path: Path) -> None:
    """The filtered list shows our container's state, or nothing."""
    assert run(tmp_path, engine, *FILTER).stdout == listed


def test_question_about_the_container_hangs_where_docker_is_stuck(tmp_path: Path) -> None:
    """The one question that v10.7 asks inside `gather` does not return."""
    with pytest.raises(subprocess.TimeoutExpired):
        run(tmp_path, Engine.STUCK, *FILTER, limit_s=0.2)


@pytest.mark.parametrize("engine", Engine)
def test_nothing_can_be_started(engine: Engine, tmp_path: Path) -> None:
    """No world starts a daemon, and the container's port answers only where a container runs."""
    codes = {name: run(tmp_path, engine, name).returncode for name in ("systemctl", "open", "pgrep", "curl")}
    answers = engine in {Engine.READY, Engine.UNHEALTHY}
    assert codes == {"systemctl": 1, "open": 1, "pgrep": 1, "curl": 0 if answers else 7}


def test_attempts_to_start_something_are_noted_in_order(tmp_path: Path) -> None:
    """They fail, and both platforms' commands leave a line."""
    assert read_starts(tmp_path) == ()
    assert run(tmp_path, Engine.STOPPED, "systemctl", "start", "docker").returncode == 1
    assert run(tmp_path, Engine.STOPPED, "open", "-a", "Docker").returncode == 1
    assert read_starts(tmp_path) == ("systemctl start docker", "open -a Docker")
