"""Our container as the engine describes it, and what that means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jarvis_bench.records import Status
from jarvis_bench.tiers.docker.addresses import LOCAL_HOST
from jarvis_bench.tiers.docker.findings import Finding
from jarvis_bench.tiers.http_health import Health

# What a service looks like while its process is still coming up.
COMING_UP = frozenset({"unreachable", "connection-lost", "not-ready", "no-answer"})

# Only what carries this label is ever changed or removed.
LABEL = "io.jarvis-bench.owner"
OWNER = "jarvis-bench"
# Ours, and upstream's: a real JARVIS container can be asked and measured, too.
PORTS = ("8080/tcp", "8010/tcp")
ASKED_TO_END = frozenset({0, 130, 143})


@dataclass(frozen=True, slots=True)
class Container:
    """One container.

    Args:
        id: the engine's name for it.
        image: hash of the image it was made from.
        labels: all its labels.
        state: the engine's word: `created`, `running`, `paused`, `restarting`, `exited`, `dead`.
        health: `starting`, `healthy`, `unhealthy`, or `none` where there is no health check.
        exit_code: of the last run.
        out_of_memory: whether the kernel ended it at its memory limit.
        memory_limit_bytes: that limit; 0 for none.
        pid: of its first process, as the engine's machine sees it; 0 when not running.
        url: root of its service as published; empty where no port of ours is.
        on_loopback_only: whether only the engine's own machine can reach that port.
    """

    id: str
    image: str
    labels: Mapping[str, str] = field(repr=False)
    state: str
    health: str
    exit_code: int
    out_of_memory: bool
    memory_limit_bytes: int
    pid: int
    url: str
    on_loopback_only: bool

    @property
    def ours(self) -> bool:
        """Whether it may be changed."""
        return self.labels.get(LABEL) == OWNER

    @property
    def running(self) -> bool:
        """Whether its processes run; a paused one's do not."""
        return self.state == "running"


def read_container(attrs: Mapping[str, Any], host: str = LOCAL_HOST) -> Container:
    """Read the engine's description (`GET /containers/NAME/json`).

    Args:
        attrs: as it was answered.
        host: where the engine publishes ports.
    """
    state, config = attrs["State"], attrs.get("Config") or {}
    url, bound_to = _published(attrs, host)
    word = "paused" if state.get("Paused") else str(state.get("Status", "running"))
    if not state.get("Running") and word in {"running", "paused"}:
        word = "exited"
    return Container(
        id=str(attrs.get("Id", "")),
        image=str(attrs.get("Image", "")),
        labels=dict(config.get("Labels") or {}),
        state=word,
        health=str((state.get("Health") or {}).get("Status", "none")),
        exit_code=int(state.get("ExitCode", 0)),
        out_of_memory=bool(state.get("OOMKilled")),
        memory_limit_bytes=int((attrs.get("HostConfig") or {}).get("Memory", 0)),
        pid=int(state.get("Pid", 0)),
        url=url,
        on_loopback_only=bound_to in {"127.0.0.1", "::1"},
    )


def _published(attrs: Mapping[str, Any], host: str) -> tuple[str, str]:
    bindings = (attrs.get("NetworkSettings") or {}).get("Ports") or {}
    for port in PORTS:
        for binding in bindings.get(port) or ():
            named = f"[{host}]" if ":" in host else host
            return f"http://{named}:{binding['HostPort']}", str(binding.get("HostIp", ""))
    return "", ""


def judge(container: Container, host: str = LOCAL_HOST) -> Finding | None:
    """What its state means; None where it runs, and its service has to be asked."""
    if container.state == "paused":
        return Finding(Status.STOPPED, "paused", "Daemon running, container paused")
    if container.state == "restarting":
        return Finding(Status.STARTING, "container-starting", "Daemon running, container restarting")
    if not container.running:
        return _judge_ended(container)
    if not container.url:
        if container.health == "unhealthy":
            return Finding(Status.BROKEN, "unhealthy", "Daemon running, container unhealthy")
        if container.health == "starting":
            return Finding(Status.STARTING, "container-starting", "Daemon running, container starting")
        return Finding(Status.MISCONFIGURED, "no-port", "Daemon running, container publishes no port")
    if container.on_loopback_only and host != LOCAL_HOST:
        detail = f"Daemon running, but the container's port is open on {host} itself only"
        return Finding(Status.MISCONFIGURED, "loopback-port", detail)
    return None


def _judge_ended(container: Container) -> Finding:
    if container.out_of_memory:
        limit = f" ({container.memory_limit_bytes / 2**20:.0f} MiB)" if container.memory_limit_bytes else ""
        detail = f"Daemon running, container was ended at its memory limit{limit}"
        return Finding(Status.BROKEN, "out-of-memory", detail)
    if container.exit_code not in ASKED_TO_END:
        detail = f"Daemon running, container died (exit code {container.exit_code})"
        return Finding(Status.STOPPED, "container-died", detail)
    return Finding(Status.STOPPED, "container-stopped", "Daemon running, container stopped")


def judge_service(container: Container, host: str, health: Health) -> Finding:
    """What its service's answer means for the tier, the engine's own opinion of the container beside it."""
    if health.status is Status.READY:
        return Finding(Status.READY, "ok", "Ready (daemon running, container healthy)")
    if container.health == "starting" and health.cause in COMING_UP:
        return Finding(Status.STARTING, "container-starting", "Daemon running, container starting")
    if container.health == "unhealthy":
        # Only now: an engine also says so between an unpause and its next check, and the proof is newer.
        detail = f"Daemon running, container unhealthy (its service {health.detail})"
        return Finding(Status.BROKEN, "unhealthy", detail)
    where = "" if host == LOCAL_HOST else f" on {host}"
    return Finding(health.status, health.cause, f"the container's service{where} {health.detail}")
