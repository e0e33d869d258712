"""Which engine is asked."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path

import pytest

from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.addresses import Address, NoEngine, find_address
from tests.tiers.servers import refusing_port, short_folder


def context(folder: Path, name: str, host: str) -> None:
    meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": host, "SkipTLSVerify": False}}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": endpoints}))


@pytest.fixture
def contexts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of docker's command with two contexts, `desktop` the current one."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "desktop"}))
    context(tmp_path, "desktop", "unix:///desktop.sock")
    context(tmp_path, "other", "unix:///other.sock")
    return tmp_path


@pytest.mark.parametrize(
    ("setting", "environ", "url"),
    [
        ("unix:///mine.sock", {"DOCKER_HOST": "unix:///variable.sock"}, "http+unix:///mine.sock"),
        (
            "",
            {"DOCKER_HOST": "unix:///variable.sock", "DOCKER_CONTEXT": "other"},
            "http+unix:///variable.sock",
        ),
        ("", {"DOCKER_CONTEXT": "other"}, "http+unix:///other.sock"),
        ("", {}, "http+unix:///desktop.sock"),
        ("tcp://build.example:2375", {}, "http://build.example:2375"),
    ],
)
def test_the_order_of_who_is_heard(contexts: Path, setting: str, environ: dict[str, str], url: str) -> None:
    """The setting, DOCKER_HOST, DOCKER_CONTEXT, the current context."""
    assert find_address(setting, environ).url == url


async def test_an_unknown_context_is_told(contexts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    status = await DockerTier(Settings()).probe()
    assert (status.status, status.cause) == (Status.MISCONFIGURED, "no-context")
    assert "nowhere" in status.reason


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http+unix:///var/run/docker.sock", "127.0.0.1"),
        ("npipe:////./pipe/docker_engine", "127.0.0.1"),
        ("http://build.example:2375", "build.example"),
        ("ssh://me@build.example:22", "build.example"),
    ],
)
def test_a_remote_engine_publishes_its_ports_on_its_own_machine(url: str, host: str) -> None:
    assert Address(url, "test").host == host


async def test_a_remote_engine_that_refuses_is_no_stale_socket() -> None:
    with refusing_port() as port:
        status = await DockerTier(Settings(docker_host=f"tcp://127.0.0.1:{port}")).probe()
    assert (status.status, status.cause) == (Status.BROKEN, "engine-unreachable")
    assert f"127.0.0.1:{port}" in status.reason


@pytest.fixture
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """No context, and a home and run-time folder without sockets."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return {"HOME": str(tmp_path / "home"), "XDG_RUNTIME_DIR": str(tmp_path / "run")}


@pytest.mark.parametrize(
    ("place", "product"),
    [
        ("home/.docker/run/docker.sock", "Docker Desktop"),
        ("home/.colima/default/docker.sock", "Colima"),
        ("home/.orbstack/run/docker.sock", "OrbStack"),
        ("home/.rd/docker.sock", "Rancher Desktop"),
        ("home/.lima/docker/sock/docker.sock", "Lima"),
        ("run/docker.sock", "rootless Docker"),
        ("run/podman/podman.sock", "Podman"),
        ("var/run/docker.sock", "Docker Engine"),
    ],
)
def test_engines_are_found_where_products_put_them(
    place: str, product: str, nothing_set: dict[str, str]
) -> None:
    with short_folder() as root, socket.socket(socket.AF_UNIX) as listener:
        path = root / place
        path.parent.mkdir(parents=True)
        listener.bind(str(path))
        listener.listen()
        environ = {"HOME": str(root / "home"), "XDG_RUNTIME_DIR": str(root / "run")}
        found = find_address("", environ, root=root)
    assert (found.socket_path, found.product and found.product.name) == (path, product)


def test_a_stale_socket_does_not_hide_an_engine_that_runs(nothing_set: dict[str, str]) -> None:
    with short_folder() as root, socket.socket(socket.AF_UNIX) as listener:
        for place in ("var/run", "run"):
            (root / place).mkdir(parents=True)
        with socket.socket(socket.AF_UNIX) as died:
            died.bind(str(root / "var/run/docker.sock"))
        listener.bind(str(root / "run/docker.sock"))
        listener.listen()
        environ = {"HOME": str(root), "XDG_RUNTIME_DIR": str(root / "run")}
        assert find_address("", environ, root=root).socket_path == root / "run/docker.sock"
        listener.close()
        with pytest.raises(ConnectionRefusedError):
            find_address("", environ, root=root)


def test_without_any_socket_there_is_no_engine(nothing_set: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(NoEngine):
        find_address("", nothing_set, root=tmp_path)


def test_a_link_that_points_nowhere_is_a_stopped_desktop(nothing_set: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "var/run").mkdir(parents=True)
    (tmp_path / "var/run/docker.sock").symlink_to(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        find_address("", nothing_set, root=tmp_path)
