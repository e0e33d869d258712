"""The ways of starting a tier from nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.prober.cold_start import Start
from jarvis_bench.service.identity import BOOT_ID
from jarvis_bench.tiers.served import served, until_ready
from jarvis_bench.tiers.service_client import ServiceClient
from jarvis_bench.tiers.tier import Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PATIENCE_S = 120.0


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
            return await first_answers(
                service.client, self.clip, started_s=started_s, provision_s=None, process_s=listening_s
            )


@dataclass(frozen=True, slots=True, eq=False)
class RestartedTier:
    """A tier that can be stopped and started: a container that is made anew, an instance that was let go.

    Args:
        server: stopped before each start, and afterwards.
        runtime: what computes in it.
        clip: float32 `[n]`.
        way: in words how it is made cold.
        how: `measured` or `emulated`.
        url: of its service, for the stamps that it keeps; empty where it keeps none.
    """

    server: Tier
    runtime: str
    clip: NDArray[np.float32]
    way: str
    how: str = "measured"

    @property
    def tier(self) -> str:
        """Its name."""
        return self.server.name

    async def start(self) -> tuple[Start, Start | None]:
        """From telling it to start to the first embedding; the phases are those that its service tells."""
        await self.server.stop()
        started_s = time.perf_counter()
        await self.server.start()
        first = await self.server.embed(self.clip)
        total_s = time.perf_counter() - started_s
        again_s = time.perf_counter()
        second = await self.server.embed(self.clip)
        again_s = time.perf_counter() - again_s
        return Start(total_s, instance_id=first.instance_id, request_index=first.request_index), Start(
            again_s, instance_id=second.instance_id, request_index=second.request_index
        )


async def first_answers(
    client: ServiceClient,
    clip: NDArray[np.float32],
    *,
    started_s: float,
    provision_s: float | None,
    process_s: float | None,
) -> tuple[Start, Start]:
    """From a service that has been started to a first embedding and a second.

    Args:
        client: of the service.
        clip: float32 `[n]`.
        started_s: when the start began, by `perf_counter`.
        provision_s: how long it took until its process was started, in seconds.
        process_s: how long from there until it listened, in seconds.
    """
    health = await until_ready(client, patience_s=PATIENCE_S)
    first = await client.embed(clip)
    total_s = time.perf_counter() - started_s
    again_s = time.perf_counter()
    second = await client.embed(clip)
    again_s = time.perf_counter() - again_s
    boot_id = health.get("boot_id") or None
    return Start(
        total_s,
        provision_s=provision_s,
        process_s=process_s,
        import_s=_seconds(health, "import_ms"),
        load_s=_seconds(health, "model_load_ms"),
        first_inference_s=_seconds(health, "first_inference_ms"),
        instance_id=first.instance_id,
        boot_id=boot_id,
        request_index=first.request_index,
    ), Start(again_s, instance_id=second.instance_id, boot_id=boot_id, request_index=second.request_index)


def _seconds(health: dict[str, Any], name: str) -> float | None:
    value = health.get(name)
    return value / 1000 if isinstance(value, int | float) else None
