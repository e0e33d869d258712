"""How long a service takes from process start to its first embedding over HTTP."""

from __future__ import annotations

import asyncio
import json
import time

from jarvis_bench.child_process import child_process
from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.errors import NothingMeasured, TierFailed
from jarvis_bench.tiers.http_health import load_http_client
from jarvis_bench.tiers.service_client import ServiceClient

POLL_S = 0.01
PATIENCE_S = 60.0


async def time_served_start(runtime: str, clip: Clip, *, threads: int) -> float:
    """Seconds from starting a fresh service process to the last byte of its first embedding.

    The service is asked for its health every 10 ms, so that much is added at most.

    Raises:
        NothingMeasured: the service did not give an embedding within a minute.
    """
    load_http_client("serve")  # what the client takes to be imported is not the service's
    arguments = ["serve", "--port", "0", "--json", "--with-parent", "--runtime", runtime]
    started_s = time.perf_counter()
    async with child_process("jarvis_bench", [*arguments, "--threads", str(threads)]) as process:
        if process.stdout is None or not (line := await process.stdout.readline()):
            raise NothingMeasured(f"the service with {runtime} did not start")
        client = ServiceClient(json.loads(line)["url"], tier="local", title="The service")
        try:
            async with asyncio.timeout(PATIENCE_S):
                await _until_ready(client)
                await client.embed(clip.samples)
        except (TierFailed, TimeoutError) as exc:
            raise NothingMeasured(f"the service with {runtime} gave no first embedding: {exc}") from exc
        finally:
            await client.aclose()
        return time.perf_counter() - started_s


async def _until_ready(client: ServiceClient) -> None:
    while (await client.request("GET", "/health")).status_code != 200:  # noqa: ASYNC110  another process
        await asyncio.sleep(POLL_S)
