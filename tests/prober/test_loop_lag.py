"""The longest time for which an event loop could not run anything else."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_bench.prober.loop_lag import LoopLag


class Clock:
    """The running loop's clock, which a test can put forward: as if the present callback had run so long."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        real = loop.time
        self._ahead_s = 0.0
        patch.setattr(loop, "time", lambda: real() + self._ahead_s)

    def block(self, seconds: float) -> None:
        """Let that much time pass at once."""
        self._ahead_s += seconds


async def ticks(lag: LoopLag, count: int = 3) -> None:
    """Let the loop run for some ticks."""
    await asyncio.sleep(count * lag.period_s)


async def test_block_between_ticks_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback that held the loop shows with its length, also when much runs after it."""
    clock = Clock(monkeypatch)
    async with LoopLag() as lag:
        await ticks(lag)
        clock.block(100.0)
        await ticks(lag)
        clock.block(10.0)
        await ticks(lag)
    assert 99.9 < lag.longest_s < 110.0


async def test_block_that_lasts_to_the_end_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that blocks and then ends is measured, though the loop had no time to tick again."""
    clock = Clock(monkeypatch)
    async with LoopLag() as lag:
        clock.block(100.0)
    assert lag.longest_s > 99.9


async def test_waiting_is_no_block() -> None:
    """Code that waits without holding the loop does not show as if it did."""
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    async with LoopLag() as lag:
        for _ in range(20):
            await ticks(lag, 1)
    assert lag.longest_s < (loop.time() - started_s) / 2


async def test_nothing_counts_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs after the measured code is not its fault."""
    clock = Clock(monkeypatch)
    async with LoopLag() as lag:
        await ticks(lag)
    measured_s = lag.longest_s
    clock.block(100.0)
    await ticks(lag)
    assert lag.longest_s == measured_s
