"""A world while it is up, and after."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from jarvis_bench.reproduction.stage import staged
from jarvis_bench.reproduction.worlds import WORLDS, find_world


async def test_here_is_the_machine_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """`here` changes no variable and makes no socket."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/mine.sock")
    async with staged(find_world("here")) as stage:
        assert dict(stage.env) == dict(os.environ)
        assert stage.socket is None


async def test_a_service_that_exists_takes_the_place_of_the_worlds_own() -> None:
    async with staged(find_world("cloud-ready"), cloud_url="http://127.0.0.1:9") as stage:
        assert stage.env["JARVIS_BENCH_CLOUD_RUN_URL"] == "http://127.0.0.1:9"
        assert stage.env["JARVIS_CLOUD_ML_ENDPOINT"] == "http://127.0.0.1:9"


@pytest.mark.parametrize("name", [world.name for world in WORLDS if not world.is_here])
async def test_only_the_worlds_own_commands_are_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a world there are no commands, engines, settings or proxies of this machine; all of it goes afterwards."""
    for variable in (
        "DOCKER_CONTEXT",
        "JARVIS_BENCH_WEIGHTS",
        "CLOUD_ECAPA_TIMEOUT",
        "HTTPS_PROXY",
        "no_proxy",
    ):
        monkeypatch.setenv(variable, "mine")
    monkeypatch.setenv("JARVIS_BENCH_RUN_MARK", "run-7")
    monkeypatch.setenv("LANG", "C.UTF-8")
    async with staged(find_world(name)) as stage:
        folder = stage.folder
        assert "mine" not in stage.env.values()
        assert (stage.env["LANG"], stage.env["JARVIS_BENCH_RUN_MARK"]) == ("C.UTF-8", "run-7")
        commands = Path(stage.env["PATH"])
        assert commands.parent == folder
        has_docker = (commands / "docker").exists()
        assert has_docker == (name not in {"docker-not-installed", "all-down"})
        assert stage.env["DOCKER_HOST"] == f"unix://{stage.socket}"
        assert stage.env["JARVIS_CLOUD_ML_ENDPOINT"] == stage.env["JARVIS_BENCH_CLOUD_RUN_URL"]
    assert not folder.exists()


@pytest.mark.parametrize(("name", "listens"), [("docker-ready", True), ("docker-stopped", False)])
async def test_engine_listens_where_there_is_one(name: str, listens: bool) -> None:
    """A running daemon has its socket; a stopped one has none."""
    async with staged(find_world(name)) as stage:
        assert stage.socket is not None
        assert stage.socket.exists() == listens


async def test_denied_socket_is_there_and_closed_to_all() -> None:
    """A daemon that this user may not talk to runs all the same."""
    async with staged(find_world("docker-permission-denied")) as stage:
        assert stage.socket is not None
        mode = stage.socket.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0


async def test_error_inside_takes_the_world_down() -> None:
    """A world that was left by an error is gone as well."""
    folders: list[Path] = []

    async def fail() -> None:
        async with staged(find_world("docker-ready")) as stage:
            folders.append(stage.folder)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert [folder.exists() for folder in folders] == [False]


async def test_socket_fits_below_a_long_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user with a long TMPDIR gets a world, too: a socket's path has to fit into 107 bytes."""
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    async with staged(find_world("docker-ready")) as stage:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(stage.socket))
