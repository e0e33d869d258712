"""Make our container, start it, end it; whatever does not carry our label is left alone."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Any

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.addresses import LOCAL_HOST, Address, load_docker_client
from jarvis_bench.tiers.docker.container import LABEL, OWNER, Container, read_container
from jarvis_bench.tiers.docker.findings import Finding
from jarvis_bench.tiers.docker.image import image_name

# With what options a container was made: one made otherwise is not taken for what was asked for.
OPTIONS_LABEL = "io.jarvis-bench.options"
SERVICE_PORT = 8080
PIDS = 128
ATTEMPTS, BETWEEN_ATTEMPTS_S = 100, 0.05
STOP_S = 10
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How the container is run.

    Args:
        name: of the container.
        image: name with tag.
        port: on 127.0.0.1; 0 for a free one.
        memory_bytes: at this much the kernel ends it; there is no swap beyond.
        threads: of the model.
        core: the one core it runs on; None for any.
        health_interval_s: between two health checks, in seconds; None for the image's own.
    """

    name: str
    image: str
    port: int
    memory_bytes: int
    threads: int = 1
    core: int | None = None
    health_interval_s: float | None = None

    @property
    def told(self) -> str:
        """All that shapes the container, in one line."""
        parts = (self.port, self.memory_bytes, self.threads, self.core, self.health_interval_s)
        return " ".join(map(str, parts))

    @classmethod
    def of(cls, settings: Settings, runtime: str, *, threads: int = 1, core: int | None = None) -> RunOptions:
        """As the settings say."""
        return cls(
            settings.container_name,
            image_name(settings, runtime),
            settings.docker_port,
            settings.docker_memory_bytes,
            threads,
            core,
        )


def inspect(client: Any, name: str, address: Address) -> Container | None:
    """The container of exactly that name; None where there is none."""
    try:
        return read_container(client.inspect_container(name), address.host)
    except load_docker_client().errors.NotFound:
        return None


@dataclass(frozen=True, slots=True)
class Started:
    """A container that runs; `created` says whether this call made it."""

    container: Container
    created: bool


def run(client: Any, address: Address, options: RunOptions) -> Started:
    """Make sure that our container runs, made from the image of today; blocks, so only in a thread.

    Of two that do so at once one makes it, and both get it.

    Raises:
        TierFailed: no image, a container of that name that is not ours, or a port that is taken.
        docker.errors.APIError: the engine refused something else.
    """
    for _ in range(ATTEMPTS):
        if (started := _run_once(client, address, options)) is not None:
            return started
        # Another starter holds the name; the container appears a moment later, or goes as that one failed.
        time.sleep(BETWEEN_ATTEMPTS_S)
    raise Finding(
        Status.BROKEN, "no-container", f"the container {options.name!r} does not come up"
    ).as_error()


def _run_once(client: Any, address: Address, options: RunOptions) -> Started | None:
    errors = load_docker_client().errors
    try:
        image = str(client.inspect_image(options.image)["Id"])
    except errors.NotFound as exc:
        raise no_image(options.image).as_error() from exc
    found = inspect(client, options.name, address)
    if found is not None and _is_kept(found, image, options):
        return _wake(client, address, found)
    if found is not None:
        with contextlib.suppress(errors.NotFound):
            client.remove_container(found.id, force=True, v=True)
    try:
        made = client.create_container_from_config(_config(client, options), name=options.name)["Id"]
    except errors.APIError as exc:
        if exc.status_code == 409:
            return None
        raise
    try:
        client.start(made)
        container = inspect(client, made, address)
        return None if container is None else Started(container, created=True)
    except BaseException as exc:
        with contextlib.suppress(errors.NotFound):
            client.remove_container(made, force=True, v=True)
        if isinstance(exc, errors.APIError) and (taken := _port_taken(exc, options)):
            raise taken.as_error() from exc
        raise


def _is_kept(found: Container, image: str, options: RunOptions) -> bool:
    """Whether the container stays, or is to be replaced.

    Raises:
        TierFailed: it would have to be replaced, and is not ours.
    """
    if not found.ours:
        if found.running:
            return True  # a real JARVIS container: it is asked, and never changed
        raise not_ours(options.name).as_error()
    same = found.image == image and found.labels.get(OPTIONS_LABEL) == options.told
    return same and found.state in {"running", "paused", "created"}


def _wake(client: Any, address: Address, found: Container) -> Started | None:
    """Let a kept container run; None where it went meanwhile, because its starter failed."""
    try:
        if found.state == "paused":
            client.unpause(found.id)
        if found.state == "created":
            client.start(found.id)  # twice does no harm
    except load_docker_client().errors.NotFound:
        return None
    container = inspect(client, found.id, address)
    return None if container is None else Started(container, created=False)


def end(client: Any, address: Address, name: str, *, grace_s: int = STOP_S) -> bool:
    """Stop and remove our container; False where there is none.

    Raises:
        TierFailed: the container of that name is not ours.
    """
    found = inspect(client, name, address)
    if found is None:
        return False
    if not found.ours:
        raise not_ours(name).as_error()
    with contextlib.suppress(load_docker_client().errors.NotFound):
        if found.state == "paused":
            client.unpause(found.id)
        client.stop(found.id, timeout=grace_s)
        client.remove_container(found.id, force=True, v=True)
    return True


def last_words(client: Any, container_id: str) -> str:
    """The last line that the container's processes wrote; empty where there is none."""
    try:
        text = bytes(client.logs(container_id, tail=5)).decode(errors="replace")
    except load_docker_client().errors.APIError:
        return ""
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def no_image(image: str) -> Finding:
    """There is no image to make a container from."""
    return Finding(
        Status.STOPPED,
        "no-image",
        f"Daemon running, no image {image!r} (build it: jarvis-bench docker build)",
    )


def not_ours(name: str) -> Finding:
    """A container has our container's name and not our label."""
    detail = f"the container {name!r} is not ours and stays as it is (setting container_name)"
    return Finding(Status.MISCONFIGURED, "not-ours", detail)


def confined(client: Any, *, port: int, host_port: int, memory_bytes: int, **more: object) -> dict[str, Any]:
    """The engine's description of what one of our containers may do.

    Args:
        client: docker-py's.
        port: that its service listens on.
        host_port: where that is published on 127.0.0.1; 0 for a free one.
        memory_bytes: at this much the kernel ends it; there is no swap beyond.
        more: what else `create_host_config` takes.
    """
    config: dict[str, Any] = client.create_host_config(
        port_bindings={f"{port}/tcp": (LOCAL_HOST, host_port or None)},
        read_only=True,
        tmpfs={"/tmp": "size=64m"},
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=memory_bytes,
        memswap_limit=memory_bytes,
        pids_limit=PIDS,
        **more,
    )
    return config


def _config(client: Any, options: RunOptions) -> dict[str, Any]:
    host = confined(
        client,
        port=SERVICE_PORT,
        host_port=options.port,
        memory_bytes=options.memory_bytes,
        cpuset_cpus=None if options.core is None else str(options.core),
    )
    config: dict[str, Any] = client.create_container_config(
        image=options.image,
        command=["--threads", str(options.threads)],
        ports=[(SERVICE_PORT, "tcp")],
        labels={LABEL: OWNER, OPTIONS_LABEL: options.told},
        host_config=host,
        healthcheck=None
        if options.health_interval_s is None
        else {"interval": int(options.health_interval_s * NANOSECONDS), "retries": 1},
    )
    return config


def _port_taken(exc: Exception, options: RunOptions) -> Finding | None:
    text = str(exc)
    if "port is already allocated" not in text and "address already in use" not in text:
        return None
    detail = f"port {options.port} of 127.0.0.1 is taken by another program (setting docker_port)"
    return Finding(Status.MISCONFIGURED, "port-taken", detail)


def as_failed(exc: Exception) -> TierFailed:
    """The engine's own refusal of a step, as an error of the tier."""
    explanation = getattr(exc, "explanation", None) or str(exc)
    return Finding(Status.BROKEN, "engine-refused", f"the engine refused: {explanation}").as_error()
