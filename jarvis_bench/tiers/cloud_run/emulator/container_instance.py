"""An instance as a container of our image: the kernel holds it to its CPU and memory, the engine freezes it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

from jarvis_bench.errors import TierFailed
from jarvis_bench.tiers.cloud_run.emulator.instance import Ending, StartFailed, contract
from jarvis_bench.tiers.cloud_run.emulator.settings import MIB, EmulatorSettings
from jarvis_bench.tiers.cloud_run.emulator.start_up_probe import passes
from jarvis_bench.tiers.docker import running
from jarvis_bench.tiers.docker.addresses import LOCAL_HOST, Address, load_docker_client
from jarvis_bench.tiers.docker.container import LABEL, OWNER
from jarvis_bench.tiers.docker.engine import CHANGE_TIMEOUT_S, Engine
from jarvis_bench.tiers.docker.events import watch

# Which emulator made a container; where that one is killed, what still carries its label is removed.
EMULATOR_LABEL = "io.jarvis-bench.emulator"
CPU_PERIOD_US = 100_000
ALIVE = frozenset({"created", "running", "paused", "restarting"})


@dataclass(frozen=True, slots=True)
class Host:
    """Where an emulator's containers run: the engine's setting, the image's name, and the emulator's own mark."""

    docker_host: str
    image: str
    mark: str


class ContainerInstance:
    """A container, removed when it ends. Its memory is what its cgroup is charged with, files in /tmp included.

    Args:
        name: of the instance.
        emulated: the service's settings.
        host: engine and image.
    """

    def __init__(self, name: str, emulated: EmulatorSettings, host: Host) -> None:
        self.name = name
        self.container = f"jarvis-bench-cloud-run-{host.mark}-{name}"
        self._emulated, self._host = emulated, host
        self._engine = Engine(host.docker_host)
        self._port = 0

    @property
    def address(self) -> tuple[str, int]:
        """Loopback, and the free port that the engine publishes it on."""
        return LOCAL_HOST, self._port

    async def start(self) -> None:
        """Make and start the container.

        Raises:
            StartFailed: the engine refuses, or cannot be asked.
        """
        try:
            self._port = await self._engine.change(self._run)
        except (TierFailed, load_docker_client().errors.APIError) as exc:
            raise StartFailed(f"no container for an instance: {exc}") from exc

    async def answers(self, path: str) -> bool:
        """One try of the start-up probe."""
        return await passes(self.address, path)

    async def ended(self) -> Ending:
        """Wait for the engine to tell it."""
        async with aclosing(watch(self._host.docker_host, self.container)) as events:
            async for event in events:
                gone = event.kind == "inspected" and event.detail not in ALIVE
                if gone or event.kind in {"die", "destroy"}:
                    break
        try:
            return await self._engine.ask(self._read_ending)
        except TierFailed as exc:
            return Ending(words=str(exc))

    async def freeze(self) -> None:
        """The engine's pause: the cgroup's freezer."""
        async with self._tolerant():
            await self._engine.change(lambda client, _: client.pause(self.container))

    async def thaw(self) -> None:
        """The engine's unpause."""
        async with self._tolerant():
            await self._engine.change(lambda client, _: client.unpause(self.container))

    async def memory_bytes(self) -> int | None:
        """None: the kernel ends it at its limit."""
        return None

    async def kill(self) -> None:
        """SIGKILL."""
        async with self._tolerant():
            await self._engine.change(lambda client, _: client.kill(self.container))

    async def stop(self, grace_s: float) -> None:
        """Thaw it, SIGTERM, `grace_s` in whole seconds, SIGKILL, and remove it."""
        seconds = math.ceil(grace_s)
        end = partial(running.end, name=self.container, grace_s=seconds)
        async with self._tolerant():
            await self._engine.change(end, timeout_s=seconds + CHANGE_TIMEOUT_S)

    def _run(self, client: Any, _: Address) -> int:
        """Make and start it; the port that it is published on."""
        port = self._emulated.port
        config = client.create_container_config(
            image=self._host.image,
            command=["--threads", str(self._emulated.threads)],
            environment=contract(self._emulated, port),
            ports=[(port, "tcp")],
            labels={LABEL: OWNER, EMULATOR_LABEL: self._host.mark},
            # Cloud Run asks for itself, and a frozen container could not answer the engine.
            healthcheck={"test": ["NONE"]},
            host_config=running.confined(
                client,
                port=port,
                host_port=0,
                memory_bytes=self._emulated.memory_mib * MIB,
                cpu_period=CPU_PERIOD_US,
                cpu_quota=round(self._emulated.vcpu * CPU_PERIOD_US),
            ),
        )
        client.create_container_from_config(config, name=self.container)
        client.start(self.container)
        ports = client.inspect_container(self.container)["NetworkSettings"]["Ports"]
        published = ports.get(f"{port}/tcp") or ({"HostPort": 0},)  # it has ended already
        return int(published[0]["HostPort"])

    def _read_ending(self, client: Any, address: Address) -> Ending:
        found = running.inspect(client, self.container, address)
        if found is None:
            return Ending(words="its container was removed")
        words = running.last_words(client, found.id)
        return Ending(found.out_of_memory, f"exit code {found.exit_code}{f': {words}' if words else ''}")

    @contextlib.asynccontextmanager
    async def _tolerant(self) -> AsyncIterator[None]:
        """Where the container or its engine is gone, `ended` says so; nobody else has to."""
        with contextlib.suppress(TierFailed, load_docker_client().errors.APIError):
            yield
