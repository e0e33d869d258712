"""The ways of starting a tier from nothing."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.prober.cold_start import Start
from jarvis_bench.service.identity import BOOT_ID
from jarvis_bench.tiers.cloud_run.tier import CloudRunTier
from jarvis_bench.tiers.docker import DockerTier, running
from jarvis_bench.tiers.served import served, until_ready
from jarvis_bench.tiers.service_client import ServiceClient
from jarvis_bench.tiers.tier import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PATIENCE_S = 120.0
# How far apart the clocks of two machines may be.
CLOCKS_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class FreshInterpreter:
    """The local tier's model process, in a new interpreter each time; there is nothing to provision."""

    weights: Weights
    runtime: str
    clip: NDArray[np.float32]
    threads: int = 1
    tier: str = "local"
    way: str = "fresh interpreter"
    how: str = "measured"

    async def start(self) -> tuple[Start, Start | None]:
        """From starting the interpreter to the embedding in hand."""
        started_s = time.perf_counter()
        async with ModelProcess(self.weights, runtime=self.runtime, threads=self.threads) as process:
            await process.hello()
            up_s = time.perf_counter() - started_s
            import_s = await process.import_runtime()
            load_s = await process.load()
            first = await process.embed(self.clip)
            total_s = time.perf_counter() - started_s
            again_s = time.perf_counter()
            second = await process.embed(self.clip)
            boot_id = read_boot_id()
            return Start(
                total_s,
                process_s=up_s,
                import_s=import_s,
                load_s=load_s,
                first_inference_s=first.model_s,
                instance_id=first.instance_id,
                boot_id=boot_id,
                request_index=first.request_index,
            ), Start(
                time.perf_counter() - again_s,
                first_inference_s=None,
                instance_id=second.instance_id,
                boot_id=boot_id,
                request_index=second.request_index,
            )


def read_boot_id() -> str | None:
    """This machine's, made anew at every boot; None where there is none."""
    return BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.is_file() else None


@dataclass(frozen=True, slots=True, eq=False)
class FreshService:
    """The HTTP service that a container would run, in a new process each time."""

    runtime: str
    clip: NDArray[np.float32]
    threads: int = 1
    tier: str = "service"
    way: str = "fresh service process"
    how: str = "measured"

    async def start(self) -> tuple[Start, Start | None]:
        """From starting the process to the last byte of its first embedding over HTTP."""
        started_s = time.perf_counter()
        async with served(self.runtime, threads=self.threads) as service:
            listening_s = time.perf_counter() - started_s
            return await first_answers(service.client, self.clip, started_s=started_s, process_s=listening_s)


@dataclass(frozen=True, slots=True, eq=False)
class RecreatedContainer:
    """The Docker tier's container, removed and made anew each time; its first answer is the first it gives at all.

    `provision` is what the engine takes until the container's process starts, by the clock of this machine.
    """

    server: DockerTier
    runtime: str
    clip: NDArray[np.float32]
    tier: str = "docker"
    way: str = "container re-created"
    how: str = "measured"

    async def start(self) -> tuple[Start, Start | None]:
        """From asking the engine for a container to the last byte of its first embedding."""
        await self.server.stop()
        options = self.server.options
        started_s, started_unix_s = time.perf_counter(), time.time()
        await self.server.engine.ask(
            lambda client, address: running.run(client, address, options), timeout_s=PATIENCE_S
        )
        client = ServiceClient((await self.server.running_container()).url, tier=self.tier, title="Docker")
        try:
            return await first_answers(client, self.clip, started_s=started_s, started_unix_s=started_unix_s)
        finally:
            await client.aclose()


@dataclass(frozen=True, slots=True, eq=False)
class ScaledFromZero:
    """A service that starts instances when it is asked: each start makes sure that none is left, and sends one request.

    Args:
        server: asked; what it answers with tells whether it is emulated.
        runtime: what computes in it.
        clip: float32 `[n]`.
        let_go: returns when the next request will find no instance: those that were there have idled long enough, or
            a new revision has none yet.
        way: how that is done, in words.
    """

    server: CloudRunTier
    runtime: str
    clip: NDArray[np.float32]
    let_go: Callable[[], Awaitable[None]]
    way: str = "scaled from zero"
    tier: str = "cloud-run"

    @property
    def how(self) -> str:
        """`emulated` once the emulator has answered."""
        return self.server.how

    async def start(self) -> tuple[Start, Start | None]:
        """From the request to the last byte of its answer; the phases are the instance's own account."""
        await self.let_go()
        started_s, started_unix_s = time.perf_counter(), time.time()
        first = await self.server.embed(self.clip)
        total_s = time.perf_counter() - started_s
        again_s = time.perf_counter()
        second = await self.server.embed(self.clip)
        again_s = time.perf_counter() - again_s
        client = ServiceClient(self.server.url, tier=self.tier, title="Cloud Run")
        try:
            told = await until_ready(client, patience_s=PATIENCE_S)
        finally:
            await client.aclose()
        start = _told(told, total_s, first, started_unix_s)
        warm = Start(
            again_s,
            instance_id=second.instance_id,
            boot_id=start.boot_id,
            request_index=second.request_index,
        )
        return start, warm


async def first_answers(
    client: ServiceClient,
    clip: NDArray[np.float32],
    *,
    started_s: float,
    process_s: float | None = None,
    started_unix_s: float | None = None,
) -> tuple[Start, Start]:
    """From a service that has been started to a first embedding and a second.

    Args:
        client: of the service.
        clip: float32 `[n]`.
        started_s: when the start began, by `perf_counter`.
        process_s: how long from there until it listened, in seconds; None takes what the service tells.
        started_unix_s: when the start began, in Unix seconds, where something is provisioned before the process.
    """
    health = await until_ready(client, patience_s=PATIENCE_S)
    first = await client.embed(clip)
    total_s = time.perf_counter() - started_s
    again_s = time.perf_counter()
    second = await client.embed(clip)
    again_s = time.perf_counter() - again_s
    start = _told(health, total_s, first, started_unix_s, process_s=process_s)
    warm = Start(
        again_s, instance_id=second.instance_id, boot_id=start.boot_id, request_index=second.request_index
    )
    return start, warm


def _told(
    health: dict[str, Any],
    total_s: float,
    first: Answer,
    started_unix_s: float | None,
    *,
    process_s: float | None = None,
) -> Start:
    """A start with the stamps that the service keeps."""
    parts = [_seconds(health, name) for name in ("import_ms", "model_load_ms", "first_inference_ms")]
    process_start = health.get("process_start")
    provision_s, up_before = None, False
    if started_unix_s is not None and isinstance(process_start, int | float):
        # On this machine both by the same clock; the kernel gives the process's start in steps of 10 ms.
        provision_s = max(0.0, process_start - started_unix_s)
        up_before = process_start < started_unix_s - CLOCKS_S
    if process_s is None:
        process_s = _seconds(health, "process_ms")
    return Start(
        total_s,
        provision_s=provision_s,
        process_s=process_s,
        import_s=parts[0],
        load_s=parts[1],
        first_inference_s=parts[2],
        instance_id=first.instance_id,
        boot_id=health.get("boot_id") or None,
        request_index=first.request_index,
        up_before=up_before,
    )


def _seconds(health: dict[str, Any], name: str) -> float | None:
    value = health.get(name)
    return value / 1000 if isinstance(value, int | float) else None
