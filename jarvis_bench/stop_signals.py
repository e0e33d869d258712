"""End what goes on until somebody ends it: SIGTERM and SIGINT, and which of them came."""

from __future__ import annotations

import asyncio
import signal


def stop_on_signals(stop: asyncio.Event) -> list[signal.Signals]:
    """Set `stop` on SIGTERM and SIGINT; the list is filled with those that came."""
    came: list[signal.Signals] = []

    def note(number: signal.Signals) -> None:
        came.append(number)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, note, number)
    return came
