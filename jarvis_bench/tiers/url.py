"""A tier known by its address alone: any service that speaks our API."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from jarvis_bench.errors import MissingExtra, TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.http_health import ask_health
from jarvis_bench.tiers.self_report import read_self_report
from jarvis_bench.tiers.service_client import ClientLimits, ServiceClient
from jarvis_bench.tiers.stamps import Send
from jarvis_bench.tiers.tier import Answer, MemoryReading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class UrlTier:
    """A service that somebody else runs; its name is its address.

    Args:
        url: root of the service.
        limits: time-outs and number of connections.
        timeout_s: for one probe, in seconds.
    """

    title = "Service"
    when_silent = Status.BROKEN

    def __init__(self, url: str, *, limits: ClientLimits | None = None, timeout_s: float = 2.0) -> None:
        self.url = url.rstrip("/")
        self.name = self.url
        self.limits = limits or ClientLimits()
        self._timeout_s = timeout_s
        self._client = ServiceClient(self.url, tier=self.name, title=self.title, limits=self.limits)

    async def probe(self) -> TierStatus:
        """Ask /health once."""
        try:
            health = await ask_health(self.url, timeout_s=self._timeout_s, extra="cloud")
        except MissingExtra as exc:
            return TierStatus(self.name, Status.MISCONFIGURED, "missing-extra", f"{self.title}: {exc}")
        return TierStatus(self.name, health.status, health.cause, f"{self.title}: {self.url} {health.detail}")

    async def start(self) -> None:
        """Nothing can be started from here; returns where the service is ready.

        Raises:
            TierFailed: it is not ready.
        """
        status = await self.probe()
        if status.status is not Status.READY:
            raise TierFailed(status)

    async def stop(self) -> None:
        """Nothing of ours runs."""

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip, float32 `[n]`; raises as every tier does."""
        return await self._client.embed(samples)

    def prepare(self, samples: NDArray[np.float32]) -> Send:
        """Encode the clip once; each request then differs in one mark."""
        return self._client.prepare(samples)

    async def memory(self) -> tuple[MemoryReading, ...]:
        """What the process that answers says it holds (/metrics), wherever it runs; empty where it says nothing."""
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client.request("GET", "/metrics")
        except (TierFailed, TimeoutError):
            return ()
        return read_self_report(answer.text) if answer.status_code == 200 else ()

    async def runtime(self) -> str:
        """What it says that it computes with; `unknown` where it does not say.

        Raises:
            TierFailed: there was no complete answer.
        """
        answer = await self._client.request("GET", "/health")
        try:
            told = json.loads(answer.content).get("runtime")
        except (ValueError, AttributeError):
            told = None
        return told if isinstance(told, str) and told else "unknown"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
