"""`jarvis-bench docker …` as people start it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.settings import Settings, as_environment
from jarvis_bench.tiers.docker.image import Image
from tests.tiers.docker.real_engine import NAME, until

from .conftest import PROGRAM, Command


def set_all(patch: pytest.MonkeyPatch, chosen: Settings) -> None:
    for name, value in as_environment(chosen).items():
        patch.setenv(name, value)


def test_status_without_an_engine_says_so_and_starts_nothing(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One line of words and exit 1, or one record."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JARVIS_BENCH_DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    done = command("docker", "status")
    assert done.code == 1
    assert done.out.startswith("status  not-installed (not-installed): Docker: Not installed")
    record = command("docker", "status", "--json").record
    assert (record["status"]["status"], record["memory"], record["image"]) == ("not-installed", [], None)


@pytest.mark.parametrize("action", ["start", "stop", "build"])
def test_without_an_engine_the_others_fail_in_one_line(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, action: str
) -> None:
    monkeypatch.setenv("JARVIS_BENCH_WEIGHTS", "seeded")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JARVIS_BENCH_DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    done = command("docker", action)
    assert done.code == 4
    assert done.err.strip() == "jarvis-bench: Docker: Not installed"


@pytest.mark.engine
def test_build_start_status_stop(
    command: Command, monkeypatch: pytest.MonkeyPatch, image: Image, settings: Settings
) -> None:
    """The life of a container, one record a command."""
    set_all(monkeypatch, settings)
    built = command("docker", "build", "--json").record
    assert (built["id"], built["built"]) == (image.id, False)
    started = command("docker", "start", "--json").record
    assert (started["status"]["status"], started["status"]["cause"]) == ("ready", "ok")
    status = command("docker", "status")
    assert status.code == 0
    assert status.out.startswith("status  ready (ok): Docker: Ready (daemon running, container healthy)")
    assert started["url"] in status.out
    assert "docker-stats: " in status.out
    stopped = command("docker", "stop", "--json").record
    assert stopped["status"]["cause"] == "no-container"


@pytest.mark.engine
def test_ctrl_c_during_start_leaves_no_container(
    engine: Any, image: Image, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit 130, and nothing is left on the engine."""
    set_all(monkeypatch, settings)
    process = subprocess.Popen([PROGRAM, "docker", "start"], stderr=subprocess.PIPE, cwd=tmp_path)
    end_s = time.monotonic() + 20.0
    while not engine.containers(all=True, filters={"name": NAME}) and time.monotonic() < end_s:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=30.0)
    assert process.returncode == 130
    assert b"Traceback" not in words
    until(lambda: not engine.containers(all=True, filters={"name": NAME}))
    with contextlib.suppress(ProcessLookupError):
        process.kill()
