"""An HTTP client and nothing else, in a process of its own: how fast a client in Python can be on this machine.

`python -m tests.prober.bare_client KIND URL BODY CONNECTIONS SECONDS CORE` prints answers, service p50 and p99 in s.
KIND is `httpx` (its usual client over the aiohttp transport) or `aiohttp`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import httpx
import httpx_aiohttp

from jarvis_bench.prober.percentiles import percentile

Post = Callable[[], Awaitable[bytes]]


@contextlib.asynccontextmanager
async def over_httpx(url: str, body: bytes, connections: int) -> AsyncIterator[Post]:
    """As one would write it with httpx."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx_aiohttp.HttpxAiohttpClient(limits=limits) as client:

        async def post() -> bytes:
            return (await client.post(url, content=body)).content

        yield post


@contextlib.asynccontextmanager
async def over_aiohttp(url: str, body: bytes, connections: int) -> AsyncIterator[Post]:
    """As one would write it with aiohttp."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:

        async def post() -> bytes:
            async with session.post(url, data=body) as answer:
                return await answer.read()

        yield post


KINDS = {"httpx": over_httpx, "aiohttp": over_aiohttp}


async def load(kind: str, url: str, body: bytes, connections: int, seconds: float) -> list[float]:
    """Service times of a closed loop; no mark in the body, no stamps, no rows, no look into the answer."""
    taken_s: list[float] = []

    async def call(post: Post, end_s: float) -> None:
        while (sent_s := time.perf_counter()) < end_s:
            await post()
            taken_s.append(time.perf_counter() - sent_s)

    async with KINDS[kind](url, body, connections) as post:
        end_s = time.perf_counter() + seconds
        await asyncio.gather(*(call(post, end_s) for _ in range(connections)))
    return taken_s


def main() -> None:
    """Measure on that core."""
    kind, url, body, connections, seconds, core = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    taken_s = asyncio.run(load(kind, url, Path(body).read_bytes(), int(connections), float(seconds)))
    p50, p99 = (percentile(taken_s, p).seconds or 0.0 for p in (50, 99))
    sys.stdout.write(f"{len(taken_s)} {p50} {p99}\n")


if __name__ == "__main__":
    main()
