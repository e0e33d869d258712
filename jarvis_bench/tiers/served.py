"""The embedding service of this package in a process of its own on this machine, without a container."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from jarvis_bench.child_process import child_process
from jarvis_bench.errors import NothingMeasured, TierFailed
from jarvis_bench.tiers.http_health import load_http_client
from jarvis_bench.tiers.service_client import ServiceClient

POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class Served:
    """A service that listens; its model may not be loaded yet."""

    url: str
    pid: int
    client: ServiceClient


@contextlib.asynccontextmanager
async def served(runtime: str, *, threads: int) -> AsyncIterator[Served]:
    """Start a service and end it with the block.

    Raises:
        NothingMeasured: it did not start.
    """
    load_http_client("serve")  # what the client takes to be imported is not the service's
    arguments = ["serve", "--port", "0", "--json", "--with-parent", "--runtime", runtime]
    async with child_process("jarvis_bench", [*arguments, "--threads", str(threads)]) as process:
        if process.stdout is None or not (line := await process.stdout.readline()):
            raise NothingMeasured(f"the service with {runtime} did not start")
        url = json.loads(line)["url"]
        client = ServiceClient(url, tier="local", title="The service")
        try:
            yield Served(url, process.pid, client)
        finally:
            await client.aclose()


async def until_ready(client: ServiceClient, *, patience_s: float, poll_s: float = POLL_S) -> dict[str, Any]:
    """Ask a service for its health until it is ready; returns what it then says.

    Raises:
        NothingMeasured: it was not ready in time, or what it says is no health.
    """
    failure = ""
    try:
        async with asyncio.timeout(patience_s):
            while True:
                try:
                    if (answer := await client.request("GET", "/health")).status_code == 200:
                        break
                except TierFailed as exc:  # a container's port is open before its process listens
                    failure = f" ({exc})"
                await asyncio.sleep(poll_s)
    except TimeoutError as exc:
        raise NothingMeasured(f"the service was not ready within {patience_s:g} s{failure}") from exc
    found = json.loads(answer.content)
    if not isinstance(found, dict):
        raise NothingMeasured("the service's health is no object")
    return found
