"""`jarvis-bench watch` as a user runs it: what it prints, how it ends, and that it leaves nothing behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

COMMAND = [sys.executable, "-m", "jarvis_bench", "watch"]
NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command, to its end."""
    env = bare() | environ
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False, env=env
    )


def bare() -> dict[str, str]:
    import os

    return dict(os.environ) | NO_ENGINE


def test_it_prints_every_tier_and_the_choice_with_its_reason() -> None:
    done = run("--duration", "0.5")
    assert done.returncode == 0, done.stderr
    assert "docker" in done.stdout
    assert "set JARVIS_BENCH_CLOUD_RUN_URL" in done.stdout
    assert "- → local (start): Local: the best tier that serves" in done.stdout


def test_json_is_one_object_and_words_go_beside_it() -> None:
    done = run("--duration", "0.5", "--json", "--skip", "cloud-run")
    state = json.loads(done.stdout)
    assert state["schema_version"] == 1
    assert state["active"] == "local"
    assert [tier["name"] for tier in state["tiers"]] == ["docker", "local"]
    assert "→ local" in done.stderr


def test_no_tier_is_exit_4() -> None:
    assert run("--duration", "0.5", "--force", "cloud-run").returncode == 4


def test_a_tier_that_does_not_serve_is_not_called_the_best() -> None:
    done = run("--duration", "0.5", "--force", "docker")
    assert done.returncode == 4
    assert "- → docker (last-resort): Docker: " in done.stdout
    assert "no other tier is left to ask" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--skip", "docker", "--skip", "local", "--skip", "cloud-run"), "every tier is skipped"),
        (("--duration", "nan"), "number of seconds"),
        (("--force", "dokcer"), "did you mean 'docker'"),
        (("--force", "docker", "--skip", "docker"), "forced and skipped"),
    ],
)
def test_impossible_wishes_are_exit_2(arguments: tuple[str, ...], message: str) -> None:
    done = run("--duration", "0.5", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_at_once_when_told(number: signal.Signals, code: int) -> None:
    with subprocess.Popen([*COMMAND], stdout=subprocess.PIPE, text=True, env=bare()) as process:
        assert process.stdout is not None
        while "→" not in process.stdout.readline():
            pass
        began_s = time.perf_counter()
        process.send_signal(number)
        assert process.wait(10) == code
        assert time.perf_counter() - began_s < 5.0
