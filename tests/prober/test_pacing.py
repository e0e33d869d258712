"""Waiting for a planned time neither drifts nor holds anything up."""

from __future__ import annotations

import asyncio
import time

from jarvis_bench.prober.pacing import Pacer


async def test_it_never_returns_early_and_lets_others_run() -> None:
    """While it waits, another task gets its turns; the time it yields in vain is counted as idle."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    pacer, due_ns = Pacer(), time.perf_counter_ns() + 5_000_000
    await pacer.until(due_ns)
    assert time.perf_counter_ns() >= due_ns
    assert turns > 1
    beside.cancel()
    await Pacer().until(0)


async def test_stopping_ends_every_wait() -> None:
    """Ctrl-C does not wait for the end of the plan."""
    pacer = Pacer()
    pacer.stopped = True
    began_s = time.perf_counter()
    await pacer.until(time.perf_counter_ns() + 60_000_000_000)
    assert time.perf_counter() - began_s < 5
