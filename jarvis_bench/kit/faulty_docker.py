"""Our container on a real engine, and what can happen to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import TierStatus
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.tier import DockerTier
from jarvis_bench.tiers.known_clip import find_known_clip
from jarvis_bench.tiers.tier import Answer, MemoryReading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHANGE_S = 20.0


class FaultyDocker:
    """The Docker tier with a container of its own, which is removed at the end; the engine has to be up.

    Args:
        settings: which engine, image and container; the container is ours alone.
        threads: of its model.
    """

    def __init__(self, settings: Settings, *, threads: int = 1) -> None:
        self.settings = settings
        known = find_known_clip(settings)
        self._tier = DockerTier(settings, threads=threads, known=known, may_start_engine=False)
        self.name, self.title, self.when_silent = self._tier.name, self._tier.title, self._tier.when_silent
        self._late_s = 0.0

    async def __aenter__(self) -> FaultyDocker:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(TierFailed):
            await self.thaw()
        await self._tier.stop()
        await self.aclose()

    async def connect(self, *, through_proxy: bool) -> None:
        """Nothing to do: it is slowed down on this side of the connection."""

    async def start(self) -> None:
        """Make the container run, and wait until it is ready."""
        await self._tier.start()

    async def stop(self) -> None:
        """Stop and remove the container."""
        await self._tier.stop()

    async def probe(self) -> TierStatus:
        """As the Docker tier."""
        return await self._tier.probe()

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """As the Docker tier, and late where it is slowed down."""
        answer = await self._tier.embed(samples)
        await asyncio.sleep(self._late_s)
        return answer

    async def memory(self) -> tuple[MemoryReading, ...]:
        """As the Docker tier."""
        return await self._tier.memory()

    async def aclose(self) -> None:
        """Close connections."""
        await self._tier.aclose()

    async def kill(self) -> None:
        """`docker kill`."""
        await self._do(lambda client: client.kill(self.settings.container_name))

    async def freeze(self) -> None:
        """`docker kill --signal STOP`: the engine takes it for running."""
        await self._do(lambda client: client.kill(self.settings.container_name, signal="SIGSTOP"))

    async def thaw(self) -> None:
        """`docker kill --signal CONT`."""
        await self._do(lambda client: client.kill(self.settings.container_name, signal="SIGCONT"))

    async def slow_down(self, seconds: float) -> None:
        """Every answer is late by so much."""
        self._late_s = seconds

    async def restart(self) -> None:
        """`docker restart`."""
        await self._do(lambda client: client.restart(self.settings.container_name))

    async def _do(self, change: Callable[[Any], object]) -> None:
        await self._tier.engine.ask(lambda client, _: change(client), timeout_s=CHANGE_S)
