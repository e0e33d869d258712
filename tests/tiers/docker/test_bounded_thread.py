"""A blocking call ends by its deadline, also where the other side keeps it just alive."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.bounded_thread import in_thread
from tests.tiers.servers import short_folder


def engine_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "docker-engine"]


def ended(limit_s: float = 5.0) -> bool:
    """Whether all threads of the engine's client are gone soon."""
    until_s = time.monotonic() + limit_s
    while engine_threads() and time.monotonic() < until_s:
        time.sleep(0.01)
    return not engine_threads()


async def test_result_and_exception_come_through() -> None:
    assert await in_thread(lambda: 7, deadline_s=5.0) == 7
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0, deadline_s=5.0)
    assert ended()


async def test_a_busy_function_is_ended_at_the_deadline() -> None:
    def spin() -> None:
        while True:
            time.sleep(0.001)

    with pytest.raises(TimeoutError):
        await in_thread(spin, deadline_s=0.1)
    assert ended()


@pytest.mark.parametrize("deadline_s", [None, 0.2])
async def test_a_cancelled_caller_ends_it_too(deadline_s: float | None) -> None:
    """At once where it has no deadline, else at that."""
    entered = threading.Event()

    def spin() -> None:
        while True:
            entered.set()
            time.sleep(0.001)

    task = asyncio.create_task(in_thread(spin, deadline_s=deadline_s))
    while not entered.is_set():
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    while engine_threads():
        await asyncio.sleep(0.01)


async def test_an_engine_that_drips_its_answer_holds_no_thread() -> None:
    """Each byte starts a socket's time-out anew; the deadline counts for the whole."""
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                if stop.is_set():
                    return
                continue
            with connection:
                try:
                    while not stop.wait(0.02):
                        connection.sendall(b"H")
                except OSError:
                    continue

    with short_folder() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "engine.sock"))
        listener.listen(4)
        listener.settimeout(0.1)
        dripping = threading.Thread(target=drip, args=(listener,))
        dripping.start()
        try:
            settings = Settings(docker_host=f"unix://{folder / 'engine.sock'}")
            status = await DockerTier(settings, timeout_s=0.5).probe()
            assert (status.status, status.cause) == (Status.BROKEN, "no-answer")
            assert ended()
        finally:
            stop.set()
            dripping.join(5.0)
