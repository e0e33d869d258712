"""What goes on until somebody ends it."""

from __future__ import annotations

import asyncio
import os
import signal

from jarvis_bench.stop_signals import stop_on_signals


async def test_a_signal_sets_the_event_and_is_noted() -> None:
    """Ctrl-C and `kill` end it; the caller can tell which it was."""
    stop = asyncio.Event()
    came = stop_on_signals(stop)
    loop = asyncio.get_running_loop()
    try:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(stop.wait(), timeout=5)
        assert came == [signal.SIGINT]
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(5):
            while len(came) < 2:
                await asyncio.sleep(0)
        assert came == [signal.SIGINT, signal.SIGTERM]
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)
