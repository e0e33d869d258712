"""The Docker tier's answer to a probe, from no engine at all to a container that serves."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import docker
import numpy as np
import pytest
import requests

from jarvis_bench.errors import TierFailed
from jarvis_bench.prober.loop_lag import LoopLag
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.container import Container
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.http_health import Health
from jarvis_bench.tiers.service_client import ServiceClient
from jarvis_bench.tiers.tier import Answer
from tests.tiers.servers import (
    VERSION,
    engine,
    honest_service,
    http,
    refusing_port,
    service,
    short_folder,
)

CLIP = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)
RUNNING = {"Status": "running", "Running": True, "Paused": False}


def described(port: int | str | None = None, state: dict[str, object] | None = None) -> bytes:
    """The engine's description of a container that publishes its service on `port` of this machine."""
    ports = {"8010/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(port)}]} if port else {}
    return http({"Id": "f" * 64, "State": {**RUNNING, **(state or {})}, "NetworkSettings": {"Ports": ports}})


@contextlib.asynccontextmanager
async def container(answer: bytes | None = b"") -> AsyncIterator[str]:
    """The address of an engine with a healthy container whose service gives that answer; default a true one."""
    async with honest_service() if answer == b"" else service(answer) as url:
        state: dict[str, object] = {"Health": {"Status": "healthy"}}
        async with engine(described(url.rpartition(":")[2], state)) as host:
            yield host


async def probed(host: str, *, timeout_s: float = 10.0) -> TierStatus:
    """Probe the tier on that engine."""
    return await DockerTier(Settings(docker_host=host), timeout_s=timeout_s).probe()


async def test_healthy_container_with_a_loaded_model_is_ready() -> None:
    """Engine, container and service all well: the tier can serve."""
    async with container() as host:
        status = await probed(host)
    assert (status.tier, status.status, status.cause) == ("docker", Status.READY, "ok")
    assert status.reason == "Docker: Ready (daemon running, container healthy)"


@pytest.mark.parametrize(
    ("state", "status", "cause"),
    [
        ({"Running": False, "Status": "exited"}, Status.STOPPED, "container-stopped"),
        ({"Paused": True}, Status.STOPPED, "paused"),
        ({"Health": {"Status": "starting"}}, Status.STARTING, "container-starting"),
        ({"Health": {"Status": "unhealthy"}}, Status.BROKEN, "unhealthy"),
        ({"Health": {"Status": "healthy"}}, Status.MISCONFIGURED, "no-port"),
        ({}, Status.MISCONFIGURED, "no-port"),
    ],
    ids=["exited", "paused", "starting", "unhealthy", "healthy-without-port", "unchecked-without-port"],
)
async def test_state_of_the_container(state: dict[str, object], status: Status, cause: str) -> None:
    """Each state of the container that the engine tells is told on; a running one that is unwell is not ready."""
    async with engine(described(state=state)) as host:
        found = await probed(host)
    assert (found.status, found.cause) == (status, cause)


@pytest.mark.parametrize(
    ("answer", "status", "cause"),
    [
        pytest.param(http({"status": "ok"}), Status.MISCONFIGURED, "wrong-service", id="another-service"),
        pytest.param(http({"ecapa_ready": False}), Status.STARTING, "not-ready", id="model-not-loaded"),
        pytest.param(http("", 503), Status.STARTING, "not-ready", id="503"),
        pytest.param(http("", 500), Status.BROKEN, "http-500", id="500"),
    ],
)
async def test_answer_of_the_containers_service(answer: bytes, status: Status, cause: str) -> None:
    """A healthy container proves nothing: its service has to say that its model is loaded."""
    async with container(answer) as host:
        found = await probed(host)
    assert (found.status, found.cause) == (status, cause)
    assert found.reason.startswith("Docker: the container's service ")


async def test_service_that_accepts_and_never_answers_is_broken() -> None:
    """Unlike Cloud Run, a container that is up has no reason to hold a request."""
    async with container(None) as host:
        found = await probed(host, timeout_s=0.3)
    assert (found.status, found.cause) == (Status.BROKEN, "no-answer")


async def test_service_that_refuses_is_broken() -> None:
    """A published port behind which nothing listens."""
    with refusing_port() as port:
        async with engine(described(port)) as host:
            found = await probed(host)
    assert (found.status, found.cause) == (Status.BROKEN, "unreachable")


def counting(tier: DockerTier) -> list[str]:
    """Grows with every time that a request asks the engine where the container is."""
    asked: list[str] = []
    look = tier.running_container

    async def counted() -> Container:
        asked.append("engine")
        return await look()

    tier.running_container = counted  # type: ignore[method-assign]
    return asked


async def test_a_broken_connection_is_no_reason_to_ask_the_engine() -> None:
    """An engine that is ending a container does not answer before it is done; a new connection is refused at once."""
    async with container() as host:
        tier = DockerTier(Settings(docker_host=host))
        asked = counting(tier)
        await tier.embed(CLIP)
        for cause, times in (("connection-lost", 1), ("unreachable", 1), ("", 2)):
            with contextlib.suppress(TierFailed):
                await tier._ask_service(failing(cause))
            assert len(asked) == times, cause
        await tier.embed(CLIP)
        assert len(asked) == 2
        await tier.aclose()


async def test_a_request_that_comes_during_a_probe_keeps_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with container() as host:
        tier = DockerTier(Settings(docker_host=host))
        asked = counting(tier)

        async def ask_while_serving(*_: object, **__: object) -> Health:
            await tier.embed(CLIP)
            return Health(Status.READY, "ok", "answers")

        monkeypatch.setattr("jarvis_bench.tiers.docker.tier.ask_ready", ask_while_serving)
        assert (await tier.probe()).status is Status.READY
        before = len(asked)
        await tier.embed(CLIP)
        assert len(asked) == before
        await tier.aclose()


def failing(cause: str) -> Callable[[ServiceClient], Awaitable[Answer]]:
    """A request that ends so."""

    async def fail(_: ServiceClient) -> Answer:
        raise TierFailed(TierStatus("docker", Status.BROKEN, cause, "Docker: away"))

    return fail


async def test_container_of_another_name_does_not_count() -> None:
    """The name is exact: a container whose name begins alike is another one."""
    async with engine(described()) as host:
        found = await DockerTier(Settings(container_name="jarvis-ecapa", docker_host=host)).probe()
    assert (found.status, found.cause) == (Status.STOPPED, "no-container")
    assert found.reason == "Docker: Daemon running, no container 'jarvis-ecapa'"


@pytest.mark.parametrize(
    ("version", "about"),
    [
        pytest.param(http({"message": "out of memory"}, 500), http({}), id="engine-fails"),
        pytest.param(http("<html>"), http({}), id="no-engine"),
        pytest.param(b"SSH-2.0-OpenSSH_9.9\r\n\r\n", http({}), id="no-http"),
        pytest.param(None, http({"message": "input/output error"}, 500), id="container-question-fails"),
        pytest.param(None, http([]), id="nonsense-about-the-container"),
    ],
)
async def test_engine_that_talks_nonsense_is_broken(version: bytes | None, about: bytes) -> None:
    """Whatever an engine answers, a probe gives a status and raises nothing."""
    async with engine(about, version) as host:
        found = await probed(host)
    assert (found.status, found.cause) == (Status.BROKEN, "engine-error")
    assert found.reason.startswith("Docker: the engine cannot be asked (")


@pytest.mark.parametrize("host", ["carrier-pigeon://coop", "garbage", "fd://", f"unix:///{'a' * 200}"])
async def test_address_that_is_none_is_told(host: str) -> None:
    """A mistyped engine address gives a status and raises nothing."""
    found = await probed(host)
    assert (found.status, found.cause) == (Status.BROKEN, "engine-error")


async def test_engine_that_accepts_and_never_answers_blocks_nothing() -> None:
    """A full hang of the engine costs its deadline, and the loop stays free for the other tiers.

    Noise of a shared host comes and goes; a block in the code comes back every time: the best of three counts.
    """
    with short_folder() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "engine.sock"))
        listener.listen(16)  # the kernel accepts; nobody ever reads
        longest_s: list[float] = []
        while not longest_s or (min(longest_s) >= 0.05 and len(longest_s) < 3):
            started_s = time.perf_counter()
            async with LoopLag() as lag:
                found = await DockerTier(Settings(docker_host=f"unix://{folder / 'engine.sock'}")).probe()
            assert time.perf_counter() - started_s < 2.5
            longest_s.append(lag.longest_s)
    assert (found.status, found.cause) == (Status.BROKEN, "no-answer")
    assert found.reason == "Docker: Daemon accepts, but did not answer within 1.5 s"
    assert min(longest_s) < 0.05


async def test_socket_that_nobody_listens_on_is_stale() -> None:
    """A daemon that died leaves its socket file behind: installed, and not running."""
    with short_folder() as folder:
        with socket.socket(socket.AF_UNIX) as died:
            died.bind(str(folder / "engine.sock"))
        found = await probed(f"unix://{folder / 'engine.sock'}")
    assert (found.status, found.cause) == (Status.STOPPED, "stale-socket")


@pytest.mark.parametrize(
    ("installed", "status", "cause"),
    [(True, Status.STOPPED, "daemon-not-running"), (False, Status.NOT_INSTALLED, "not-installed")],
)
async def test_without_a_socket_the_command_tells_whether_docker_is_installed(
    installed: bool, status: Status, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No socket and no `docker` command: not installed. With the command: stopped. It is never run."""
    if installed:
        command = tmp_path / "docker"
        command.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
        command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = await probed(f"unix://{tmp_path}/engine.sock")
    assert (found.status, found.cause) == (status, cause)
    assert not (tmp_path / "was-run").exists()


async def test_engine_is_found_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a setting, DOCKER_HOST says where the engine is; a setting goes before it."""
    async with container() as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        assert (await probed("")).status is Status.READY
        monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
        assert (await probed(host)).status is Status.READY


async def test_engine_is_found_by_the_current_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker Desktop and rootless engines are found where `docker context use` said they are."""
    meta = tmp_path / "contexts" / "meta" / hashlib.sha256(b"desktop").hexdigest()
    meta.mkdir(parents=True)
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "desktop"}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    async with container() as host:
        endpoints = {"docker": {"Host": host, "SkipTLSVerify": False}}
        (meta / "meta.json").write_text(
            json.dumps({"Name": "desktop", "Metadata": {}, "Endpoints": endpoints})
        )
        assert (await probed("")).status is Status.READY


async def test_broken_docker_configuration_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configuration file that makes no sense costs this tier, not the start-up."""
    (tmp_path / "config.json").write_text('{"currentContext": 5}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert (await probed("")).cause == "engine-error"


async def test_proxy_is_not_asked_for_the_containers_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a company's proxy, the container on this machine is still reached directly."""
    with refusing_port() as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        async with container() as host:
            assert (await probed(host)).status is Status.READY


async def test_missing_client_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without docker-py the tier is misconfigured, and the reason is the command that mends it."""
    monkeypatch.setitem(sys.modules, "docker", None)
    found = await probed("")
    assert (found.status, found.cause) == (Status.MISCONFIGURED, "missing-extra")
    assert "pip install 'jarvis-bench[docker]'" in found.reason


async def test_an_engine_that_is_too_old_is_told() -> None:
    """Its statistics would take seconds, and nobody tests with it."""
    old = http(VERSION | {"ApiVersion": "1.30"})
    async with engine(described(), old) as host:
        found = await probed(host)
    assert (found.status, found.cause) == (Status.MISCONFIGURED, "engine-too-old")
    assert "Docker 20.10 or newer" in found.reason


@pytest.mark.parametrize(("about", "times"), [(described(), 1), (http({"message": "out of memory"}, 500), 3)])
async def test_the_engines_version_is_asked_for_once_and_again_after_a_failure(
    about: bytes, times: int
) -> None:
    """It takes the engine longer than the question itself; but another engine may have taken its place."""
    asked: list[str] = []
    async with engine(about, asked=asked) as host:
        tier = DockerTier(Settings(docker_host=host))
        for _ in range(3):
            await tier.probe()
    assert asked.count("/version") == times
    assert len(asked) == times + 3


async def test_an_engine_that_has_taken_anothers_place_is_asked_again() -> None:
    """Its refusal of the version of the one before is no answer."""
    asked: list[str] = []
    refused = requests.Response()
    refused.status_code = 400
    spoken: list[str] = []

    def question(client: Any, _: object) -> str:
        spoken.append(client.api_version)
        if len(spoken) == 2:
            raise docker.errors.APIError("400", refused, "client version 1.52 is too new")
        return str(client.inspect_container("jarvis-ecapa-cloud")["State"]["Status"])

    async with engine(described(), asked=asked) as host:
        asking = Engine(host)
        assert [await asking.ask(question) for _ in range(2)] == ["running"] * 2
    assert len(spoken) == 3
    assert asked.count("/version") == 2


async def test_a_container_without_an_image_says_how_to_build_one() -> None:
    """No container and no image are told apart."""
    async with engine(http({"message": "No such container"}, 404)) as host:
        settings = Settings(docker_host=host, docker_image="nothing-like-it")
        found = await DockerTier(settings).probe()
    assert (found.status, found.cause) == (Status.STOPPED, "no-image")
    assert "jarvis-bench docker build" in found.reason
