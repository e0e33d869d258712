"""What is walked through its life while its memory is read: a model process, a service, a tier, a client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jarvis_bench.child_process import child_process
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory.sources import ContainerSource, ProcessSource, Source, TierSource
from jarvis_bench.tiers.served import Served, until_ready
from jarvis_bench.tiers.tier import Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PATIENCE_S = 60.0


class Subject(Protocol):
    """Something that comes to hold a model, or asks for embeddings, step by step.

    `skipped` says of the phases that it cannot be halted at, why.
    """

    @property
    def tier(self) -> str:
        """Under which tier its rows stand."""

    @property
    def runtime(self) -> str:
        """What computes."""

    @property
    def of(self) -> str:
        """`server` or `client`."""

    @property
    def source(self) -> Source:
        """Its memory."""

    @property
    def skipped(self) -> Mapping[str, str]:
        """Why it cannot be halted at a phase, by phase."""

    async def reach(self, phase: str) -> None:
        """Go on to `before`, `imported` or `loaded`."""

    async def embed(self, clips: Sequence[NDArray[np.float32]], *, concurrency: int) -> None:
        """Have these clips embedded, so many at a time."""


class Embeds(Protocol):
    """What gives one embedding at a time."""

    async def embed(self, samples: NDArray[np.float32]) -> object:
        """The embedding of one clip, float32 `[n]`."""


async def embed_all(embedder: Embeds, clips: Sequence[NDArray[np.float32]], *, concurrency: int) -> None:
    """Every clip once, in order, with so many requests under way."""
    waiting = iter(clips)

    async def work() -> None:
        for samples in waiting:
            await embedder.embed(samples)

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(concurrency):
                tasks.create_task(work())
    except ExceptionGroup as group:  # they all fail alike
        raise group.exceptions[0] from group


@dataclass(frozen=True, slots=True)
class ModelSubject:
    """The local tier's model process: entered, nothing imported yet."""

    process: ModelProcess
    runtime: str
    tier: str = "local"
    of: str = "server"
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """The process."""
        return ProcessSource(self.process.pid)

    async def reach(self, phase: str) -> None:
        """Say hello, import or load."""
        steps = {
            "before": self.process.hello,
            "imported": self.process.import_runtime,
            "loaded": self.process.load,
        }
        await steps[phase]()

    async def embed(self, clips: Sequence[NDArray[np.float32]], *, concurrency: int) -> None:
        """Callers wait for one another: the process computes one clip at a time."""
        await embed_all(self.process, clips, concurrency=concurrency)


LOADS_BY_ITSELF = "it imports and loads by itself as it starts"


@dataclass(frozen=True, slots=True)
class ServiceSubject:
    """The service that a container would run, in no container."""

    service: Served
    runtime: str
    tier: str = "service"
    of: str = "server"
    skipped: Mapping[str, str] = field(
        default_factory=lambda: dict.fromkeys(("before", "imported"), LOADS_BY_ITSELF)
    )

    @property
    def source(self) -> Source:
        """The process of the service."""
        return ProcessSource(self.service.pid)

    async def reach(self, phase: str) -> None:
        """Wait until the model is loaded and proven."""
        await until_ready(self.service.client, patience_s=PATIENCE_S)

    async def embed(self, clips: Sequence[NDArray[np.float32]], *, concurrency: int) -> None:
        """Over HTTP."""
        await embed_all(self.service.client, clips, concurrency=concurrency)


@dataclass(frozen=True, slots=True)
class TierSubject:
    """Any tier that says itself what it holds; `start` makes it ready."""

    server: Tier
    runtime: str
    of: str = "server"
    skipped: Mapping[str, str] = field(
        default_factory=lambda: dict.fromkeys(("before", "imported"), LOADS_BY_ITSELF)
    )

    @property
    def tier(self) -> str:
        """Its name."""
        return self.server.name

    @property
    def source(self) -> Source:
        """What it says."""
        return TierSource(self.server)

    async def reach(self, phase: str) -> None:
        """Start it, where it is not up."""
        await self.server.start()

    async def embed(self, clips: Sequence[NDArray[np.float32]], *, concurrency: int) -> None:
        """As its users do."""
        await embed_all(self.server, clips, concurrency=concurrency)


@dataclass(frozen=True, slots=True)
class ContainerSubject(TierSubject):
    """A container that runs; `pid` is its first process on this machine, None where it is on another."""

    pid: int | None = None

    @property
    def source(self) -> Source:
        """The container and its process."""
        return ContainerSource(self.server, self.pid)


@dataclass(frozen=True, slots=True)
class ClientSubject:
    """A process that asks a service for embeddings and does nothing else: what a remote tier costs at home."""

    process: asyncio.subprocess.Process
    runtime: str
    tier: str
    of: str = "client"
    skipped: Mapping[str, str] = field(default_factory=lambda: {"loaded": "a client loads no model"})

    @property
    def source(self) -> Source:
        """The client's process."""
        return ProcessSource(self.process.pid)

    async def reach(self, phase: str) -> None:
        """Say hello, or import the HTTP client."""
        await self._tell({"before": "hello", "imported": "import"}[phase])

    async def embed(self, clips: Sequence[NDArray[np.float32]], *, concurrency: int) -> None:
        """As many requests as there are clips, all with the body that it was given."""
        await self._tell(f"embed {len(clips)} {concurrency}")

    async def _tell(self, words: str) -> None:
        if self.process.stdin is None or self.process.stdout is None:
            raise NothingMeasured("the client process was not started")
        self.process.stdin.write(f"{words}\n".encode())
        await self.process.stdin.drain()
        answer = (await self.process.stdout.readline()).decode().strip()
        if answer != "ok":
            raise NothingMeasured(f"the client process, at {words!r}: {answer or 'it ended'}")


@contextlib.asynccontextmanager
async def client_subject(url: str, body: Path, *, tier: str, runtime: str) -> AsyncIterator[ClientSubject]:
    """A client of the service at `url` that sends the request body in a file again and again."""
    async with child_process("jarvis_bench.memory.client_process", [url, str(body)]) as process:
        yield ClientSubject(process, runtime, tier)
