"""Work that rests on one large tree in memory, done in copies of this process where that is possible."""

from __future__ import annotations

import marshal
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from jarvis_bench.await_audit.collection import cores
from jarvis_bench.await_audit.tickets import drawn, portions, tickets

Answer = tuple[Any, ...]
WORTH_A_PROCESS = 200
"""Fewer items for each process are done sooner here."""
SMALLEST_PORTION = 10


def done_in_shares(items: Sequence[int], work: Callable[[int], Answer], jobs: int) -> dict[int, Answer]:
    """What `work` gives for every item; the answers are plain tuples that `marshal` can carry.

    The copies take one portion after the other. This process only waits: what they load goes with them, which takes
    no time. A process with several threads is not copied, and what a copy that dies has taken is done here.
    """
    processes = min(jobs or cores(), len(items) // WORTH_A_PROCESS)
    if processes < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        return {item: work(item) for item in items}
    shares = portions(items, SMALLEST_PORTION)
    done: dict[int, Answer] = {}
    with tickets(len(shares)) as pipe:
        for copy in [_copy(shares, pipe, work) for _ in range(processes)]:
            done.update(_received(*copy))
    return {item: done[item] if item in done else work(item) for item in items}


def _copy(shares: Sequence[Sequence[int]], pipe: int, work: Callable[[int], Answer]) -> tuple[int, int]:
    """Start a copy of this process: its number, and the pipe that its answers come through."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    code = 1
    try:
        with os.fdopen(writing, "wb") as answers:
            answers.write(
                marshal.dumps({item: work(item) for number in drawn(pipe) for item in shares[number]})
            )
        code = 0
    finally:
        os._exit(code)


def _received(pid: int, pipe: int) -> dict[int, Answer]:
    """The answers of a copy; none if it died."""
    with os.fdopen(pipe, "rb") as answers:
        packed = answers.read()
    _, status = os.waitpid(pid, 0)
    found: dict[int, Answer] = {} if status else marshal.loads(packed)
    return found
