"""aiohttp and nothing else, in a process of its own: how fast a Python client can be on this machine.

`python -m tests.prober.bare_client URL BODY CONNECTIONS SECONDS CORE` prints answers, service p50 and p99 in s.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import aiohttp

from jarvis_bench.prober.percentiles import percentile


async def load(url: str, body: bytes, connections: int, seconds: float) -> list[float]:
    """Service times of a closed loop; no mark in the body, no stamps, no rows, no look into the answer."""
    taken_s: list[float] = []
    end_s = time.perf_counter() + seconds

    async def call(session: aiohttp.ClientSession) -> None:
        while (sent_s := time.perf_counter()) < end_s:
            async with session.post(url, data=body) as answer:
                await answer.read()
            taken_s.append(time.perf_counter() - sent_s)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:
        await asyncio.gather(*(call(session) for _ in range(connections)))
    return taken_s


def main() -> None:
    """Measure on that core."""
    url, body, connections, seconds, core = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    taken_s = asyncio.run(load(url, Path(body).read_bytes(), int(connections), float(seconds)))
    p50, p99 = (percentile(taken_s, p).seconds or 0.0 for p in (50, 99))
    sys.stdout.write(f"{len(taken_s)} {p50} {p99}\n")


if __name__ == "__main__":
    main()
