"""A load that several processes send waits for its moment, and an interruption ends the waiting."""

from __future__ import annotations

import asyncio
import time

from jarvis_bench.prober.start_line import StartLine, at_once


async def test_the_moment_is_read_and_turned_into_this_clock() -> None:
    """A wall time half a second ahead is half a second ahead on the monotonic clock, too."""
    told: list[tuple[str, object]] = []
    line = StartLine(lambda kind, value: told.append((kind, value)))
    waiting = asyncio.create_task(line.wait("run", 1))
    await asyncio.sleep(0)
    assert told == [("ready", {"run": "run", "tier": 1})]
    line.heard(f"{time.time_ns() + 500_000_000}\n".encode())
    start_ns = await waiting
    assert start_ns is not None
    assert abs((start_ns - time.perf_counter_ns()) / 1e9 - 0.5) < 0.1


async def test_who_is_stopped_waits_no_more() -> None:
    """Neither for this load nor for the next."""
    line = StartLine(lambda *_: None)
    waiting = asyncio.create_task(line.wait("run", 0))
    await asyncio.sleep(0)
    line.give_up()
    assert await waiting is None
    assert await line.wait("next", 0) is None
    assert await at_once("run", 0) is None
