"""Ctrl-C, once and more than once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from jarvis_bench.cli.interrupts import run_async


@pytest.fixture(autouse=True)
def handler_of_the_tests() -> Iterator[None]:
    """The suite itself can still be interrupted afterwards."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def press(times: int = 1) -> None:
    """As a terminal does."""
    for _ in range(times):
        os.kill(os.getpid(), signal.SIGINT)


def test_without_ctrl_c_it_is_asyncio_run() -> None:
    """The result comes back, and the handler is the old one."""
    before = signal.getsignal(signal.SIGINT)

    async def main() -> int:
        return 7

    assert run_async(main()) == 7
    assert signal.getsignal(signal.SIGINT) is before


def test_the_first_cancels_and_a_task_may_end_well() -> None:
    """So that what was measured can be kept."""

    async def main() -> str:
        press()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "kept"
        return "never"

    assert run_async(main()) == "kept"


def test_a_cancelled_task_is_a_keyboard_interrupt() -> None:
    """For the caller, who ends with 130."""

    async def main() -> None:
        press()
        await asyncio.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        run_async(main())


def test_the_second_insists_and_the_others_change_nothing() -> None:
    """Cleaning up is not interrupted a third time."""
    cleaned = False

    async def main() -> None:
        nonlocal cleaned
        press()
        try:
            press()
        finally:
            press(3)
            cleaned = True

    with pytest.raises(KeyboardInterrupt):
        run_async(main())
    assert cleaned


def test_a_cancellation_of_its_own_stays_one() -> None:
    """Nobody pressed a key."""

    async def main() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run_async(main())
