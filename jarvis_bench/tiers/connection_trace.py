"""What aiohttp does with its connections, stamped for the request that they serve."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from jarvis_bench.tiers.stamps import Stamps

if TYPE_CHECKING:
    import aiohttp

# Whose connection aiohttp is telling about; its own context argument does not come through the httpx API.
STAMPS: ContextVar[Stamps | None] = ContextVar("stamps", default=None)


def trace_connections() -> aiohttp.TraceConfig:
    """Fills in the stamps in `STAMPS`: waiting for a connection, making one, using one again."""
    import aiohttp

    begun: ContextVar[int] = ContextVar("begun")

    async def begin(*_: object) -> None:
        begun.set(time.perf_counter_ns())

    async def queued(*_: object) -> None:
        if (stamps := STAMPS.get()) is not None:
            stamps.sent_ns = time.perf_counter_ns()
            stamps.pool_wait_ns = stamps.sent_ns - begun.get()

    async def connected(*_: object) -> None:
        if (stamps := STAMPS.get()) is not None:
            stamps.connect_ns, stamps.reused = time.perf_counter_ns() - begun.get(), False

    async def reused(*_: object) -> None:
        if (stamps := STAMPS.get()) is not None:
            stamps.reused = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_queued_start.append(begin)
    trace.on_connection_queued_end.append(queued)
    trace.on_connection_create_start.append(begin)
    trace.on_connection_create_end.append(connected)
    trace.on_connection_reuseconn.append(reused)
    return trace
