"""One computation at a time, in order, with a bound on who may wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from jarvis_bench.errors import RequestRefused
from jarvis_bench.service.inference_queue import InferenceQueue
from jarvis_bench.service.inference_thread import InferenceThread


@pytest.fixture
def thread() -> Iterator[InferenceThread]:
    """Where the work is done."""
    thread = InferenceThread()
    yield thread
    assert thread.close(10.0)


def _noting(done: list[int], number: int, gate: threading.Event | None = None) -> Callable[[], int]:
    def work() -> int:
        if gate is not None:
            assert gate.wait(10)
        done.append(number)
        return number

    return work


async def test_first_come_first_served(thread: InferenceThread) -> None:
    """Order, index and the time in the queue are those of arrival."""
    queue, done = InferenceQueue(thread, waiting=8), list[int]()
    computed = await asyncio.gather(*(queue.compute(_noting(done, number)) for number in range(5)))
    assert done == [0, 1, 2, 3, 4]
    assert [each.index for each in computed] == [0, 1, 2, 3, 4]
    waited = [each.queue_s for each in computed]
    assert waited == sorted(waited)
    assert queue.pending == 0


async def test_full_queue_refuses_at_once_and_names_the_wait(thread: InferenceThread) -> None:
    """One is computed, one waits, the third is refused without a word to the thread."""
    queue, gate, done = InferenceQueue(thread, waiting=1), threading.Event(), list[int]()
    async with asyncio.TaskGroup() as tasks:
        for number in range(2):
            tasks.create_task(queue.compute(_noting(done, number, gate)))
        await asyncio.sleep(0)
        with pytest.raises(RequestRefused) as caught:
            await queue.compute(_noting(done, 2))
        assert caught.value.code == "queue_full"
        assert (caught.value.retry_after_s or 0) >= 1
        gate.set()
    assert done == [0, 1]


async def test_cancelled_waiter_leaves_and_is_not_computed(thread: InferenceThread) -> None:
    """Its place is free at once."""
    queue, gate, done = InferenceQueue(thread, waiting=1), threading.Event(), list[int]()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(queue.compute(_noting(done, 0, gate)))
        await asyncio.sleep(0)
        gone = tasks.create_task(queue.compute(_noting(done, 1)))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        assert queue.pending == 1
        tasks.create_task(queue.compute(_noting(done, 2)))
        await asyncio.sleep(0)
        gate.set()
    assert done == [0, 2]


async def test_cancelled_during_its_computation_keeps_the_turn(thread: InferenceThread) -> None:
    """A runtime cannot be stopped: the next one's turn comes when it has ended, not before."""
    queue, gate, done = InferenceQueue(thread, waiting=2), threading.Event(), list[int]()
    running = asyncio.ensure_future(queue.compute(_noting(done, 0, gate)))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    assert queue.pending == 1
    following = asyncio.ensure_future(queue.compute(_noting(done, 1)))
    await asyncio.sleep(0)
    assert queue.next_index == 1
    gate.set()
    assert (await following).value == 1
    assert done == [0, 1]


async def test_failure_is_its_callers_and_nobody_elses(thread: InferenceThread) -> None:
    """The next caller is served."""
    queue, done = InferenceQueue(thread, waiting=2), list[int]()

    def fail() -> int:
        raise RuntimeError("scripted")

    with pytest.raises(RuntimeError, match="scripted"):
        await queue.compute(fail)
    assert (await queue.compute(_noting(done, 1))).value == 1


async def test_who_would_wait_too_long_is_refused_at_once(thread: InferenceThread) -> None:
    """After slow computations a place in the queue is not offered that would end in a deadline."""
    now_s = 0.0

    def clock() -> float:
        return now_s

    queue = InferenceQueue(thread, waiting=16, patience_s=3.5, clock=clock)
    gate, done = threading.Event(), list[int]()
    for number in range(30):
        work = asyncio.ensure_future(queue.compute(_noting(done, number, gate)))
        await asyncio.sleep(0)
        now_s += 3.0
        gate.set()
        await work
        gate.clear()
    async with asyncio.TaskGroup() as tasks:
        for number in range(2):
            tasks.create_task(queue.compute(_noting(done, number, gate)))
            await asyncio.sleep(0)
        with pytest.raises(RequestRefused) as caught:
            await queue.compute(_noting(done, 2))
        assert caught.value.retry_after_s == 6
        gate.set()
