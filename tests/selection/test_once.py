"""Exactly-once initialisation, as concurrent callers see it."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_bench.selection.once import Once


class Made:
    """What is made: `ready` once its initialisation is over."""

    def __init__(self) -> None:
        self.ready = False


class Maker:
    """Makes a value slowly, fails while `fails` is set, and counts how often it was asked."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.started = asyncio.Event()
        self.fails = False
        self.count = 0

    async def __call__(self) -> Made:
        self.count += 1
        made = Made()
        self.started.set()
        await self.gate.wait()
        if self.fails:
            raise ConnectionError("the engine went away")
        made.ready = True
        return made


async def test_concurrent_callers_get_the_same_finished_object() -> None:
    """Nobody sees a half-made value, and there is one only."""
    maker = Maker()
    once = Once(maker)
    async with asyncio.TaskGroup() as group:
        callers = [group.create_task(once.get()) for _ in range(3)]
        await maker.started.wait()
        await asyncio.sleep(0)
        assert not any(caller.done() for caller in callers)
        maker.gate.set()
    first = callers[0].result()
    assert first.ready
    assert all(caller.result() is first for caller in callers)
    assert maker.count == 1


async def test_later_caller_gets_the_same_object() -> None:
    """Who comes after it was made gets it at once."""
    maker = Maker()
    maker.gate.set()
    once = Once(maker)
    assert await once.get() is await once.get()
    assert maker.count == 1


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_cancelling_one_caller_leaves_the_other_alone(cancelled: int) -> None:
    """A caller that gives up takes nobody with it, whether it came first or second."""
    maker = Maker()
    once = Once(maker)
    callers = [asyncio.create_task(once.get()) for _ in range(2)]
    await maker.started.wait()
    callers[cancelled].cancel()
    with pytest.raises(asyncio.CancelledError):
        await callers[cancelled]
    maker.gate.set()
    assert (await callers[1 - cancelled]).ready
    assert maker.count == 1


async def test_failure_reaches_all_who_wait() -> None:
    """Every waiting caller learns why it failed, with the error's own type."""
    maker = Maker()
    maker.fails = True
    once = Once(maker)
    callers = [asyncio.create_task(once.get()) for _ in range(2)]
    await maker.started.wait()
    maker.gate.set()
    for caller in callers:
        with pytest.raises(ConnectionError, match="the engine went away"):
            await caller
    assert maker.count == 1


async def test_failure_is_forgotten() -> None:
    """The next caller after a failure tries again."""
    maker = Maker()
    maker.gate.set()
    maker.fails = True
    once = Once(maker)
    with pytest.raises(ConnectionError):
        await once.get()
    maker.fails = False
    assert (await once.get()).ready
    assert maker.count == 2
