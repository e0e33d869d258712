"""The Docker tier: asks the engine through its API, in a thread with a deadline, and starts nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jarvis_bench.errors import MissingExtra
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.http_health import ask_health

ENGINE_TIMEOUT_S = 1.5
SERVICE_PORT = "8080/tcp"
UPSTREAM_PORT = "8010/tcp"
UNIX = "http+unix://"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the engine told: a status, or (status None) a container whose service can be asked at `url`."""

    status: Status | None
    cause: str
    detail: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class DockerTier:
    """Our container on a Docker engine.

    Args:
        container: exact name of the container.
        host: engine address (`unix://…`, `tcp://…`); empty means DOCKER_HOST, then the current context.
        timeout_s: for one call of the engine, seconds.
    """

    container: str = "jarvis-ecapa-cloud"
    host: str = ""
    timeout_s: float = ENGINE_TIMEOUT_S
    name: str = "docker"
    title: str = "Docker"
    when_silent: Status = Status.BROKEN

    async def probe(self) -> TierStatus:
        """Find the engine, then the container, then ask the container's service."""
        try:
            # The engine client is synchronous; its own timeouts end the thread.
            finding = await asyncio.to_thread(self._ask_engine)
            if finding.status is None:
                finding = await self._ask_service(finding.url)
        except MissingExtra as exc:
            return self._status(Status.MISCONFIGURED, "missing-extra", str(exc))
        return self._status(finding.status or Status.BROKEN, finding.cause, finding.detail)

    def _status(self, status: Status, cause: str, detail: str) -> TierStatus:
        return TierStatus(self.name, status, cause, f"Docker: {detail}")

    async def _ask_service(self, url: str) -> Finding:
        health = await ask_health(url, timeout_s=self.timeout_s, extra="docker")
        if health.status is Status.READY:
            return Finding(health.status, health.cause, "Ready (daemon running, container healthy)")
        if health.cause == "no-answer":
            return Finding(Status.BROKEN, health.cause, f"the container's service {health.detail}")
        return Finding(health.status, health.cause, f"the container's service {health.detail}")

    def _ask_engine(self) -> Finding:
        docker = load_docker_client()
        client = None
        try:
            address = docker.utils.parse_host(self._address(docker))
            _knock(address, self.timeout_s)
            client = docker.DockerClient(base_url=address, timeout=self.timeout_s)
            return _read_container(client.containers.get(self.container).attrs)
        except docker.errors.NotFound:
            return Finding(Status.STOPPED, "no-container", f"Daemon running, no container {self.container!r}")
        except Exception as exc:  # whatever the libraries underneath raise; none of it is ours
            return _read_failure(exc, self.timeout_s)
        finally:
            if client is not None:
                client.close()

    def _address(self, docker: Any) -> str:
        if address := self.host or os.environ.get("DOCKER_HOST", ""):
            return address
        context = docker.ContextAPI.get_current_context()
        return str(context.Host) if context and context.Host else "unix:///var/run/docker.sock"


def load_docker_client() -> Any:
    """Import docker-py.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import docker
        import docker.errors
    except ModuleNotFoundError as exc:
        raise MissingExtra("docker", "docker") from exc
    return docker


def _knock(address: str, timeout_s: float) -> None:
    """Connect once to an engine on a unix socket: docker-py leaks its own socket where that fails.

    Raises:
        OSError: why it cannot be connected to.
    """
    if address.startswith(UNIX):
        with socket.socket(socket.AF_UNIX) as knocking:
            knocking.settimeout(timeout_s)
            knocking.connect(f"/{address.removeprefix(UNIX).lstrip('/')}")


def _read_container(attrs: dict[str, Any]) -> Finding:
    """Judge the engine's description of the container (`GET /containers/NAME/json`)."""
    state = attrs.get("State", {})
    health = (state.get("Health") or {}).get("Status", "none")
    if state.get("Paused"):
        return Finding(Status.STOPPED, "paused", "Daemon running, container paused")
    if not state.get("Running"):
        return Finding(Status.STOPPED, "container-stopped", "Daemon running, container stopped")
    if health == "starting":
        return Finding(Status.STARTING, "container-starting", "Daemon running, container starting")
    if health == "unhealthy":
        return Finding(Status.BROKEN, "unhealthy", "Daemon running, container unhealthy")
    bindings = attrs.get("NetworkSettings", {}).get("Ports") or {}
    for port in (SERVICE_PORT, UPSTREAM_PORT):
        for binding in bindings.get(port) or ():
            return Finding(None, "", "", f"http://127.0.0.1:{binding['HostPort']}")
    return Finding(Status.MISCONFIGURED, "no-port", "Daemon running, container publishes no port")


def _read_failure(exc: BaseException, timeout_s: float) -> Finding:
    """Tell apart why the engine gave no answer, by the operating system's error underneath."""
    for kind, make in _FAILURES:
        if _caused_by(exc, kind):
            return make()
    if "timed out" in str(exc).lower():
        return Finding(
            Status.BROKEN, "no-answer", f"Daemon accepts, but did not answer within {timeout_s:g} s"
        )
    return Finding(Status.BROKEN, "engine-error", f"the engine cannot be asked ({exc})")


def _absent() -> Finding:
    if shutil.which("docker") is None:
        return Finding(Status.NOT_INSTALLED, "not-installed", "Not installed")
    return Finding(Status.STOPPED, "daemon-not-running", "Daemon not running (can start if needed)")


_FAILURES: tuple[tuple[type[OSError], Callable[[], Finding]], ...] = (
    (FileNotFoundError, _absent),
    (
        PermissionError,
        lambda: Finding(Status.MISCONFIGURED, "permission-denied", "this user may not open the socket"),
    ),
    (
        ConnectionRefusedError,
        lambda: Finding(Status.STOPPED, "stale-socket", "Daemon not running (its socket is stale)"),
    ),
)


def _caused_by(exc: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether `kind` is in the chain of causes, contexts and arguments (requests nests them in `args`)."""
    seen: list[BaseException] = []
    queue = [exc]
    while queue:
        error = queue.pop()
        if error is None or error in seen:
            continue
        if isinstance(error, kind):
            return True
        seen.append(error)
        queue += [
            error.__cause__,
            error.__context__,
            *(arg for arg in error.args if isinstance(arg, BaseException)),
        ]
    return False
