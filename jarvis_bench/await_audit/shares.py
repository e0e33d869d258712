"""Work that rests on one large tree in memory, done in copies of this process where that is possible."""

from __future__ import annotations

import marshal
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from jarvis_bench.await_audit.collection import cores

WORTH_A_PROCESS = 200
"""Fewer items for each process are done sooner here."""


def done_in_shares(
    items: Sequence[int], work: Callable[[int], tuple[Any, ...]], jobs: int
) -> dict[int, tuple[Any, ...]]:
    """What `work` gives for every item; the answers are plain tuples that `marshal` can carry.

    A process with several threads is not forked, and a share whose process dies is done here. This process only
    waits: what the copies loaded goes with them, which takes no time.
    """
    processes = min(jobs or cores(), len(items) // WORTH_A_PROCESS)
    if processes < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        return {item: work(item) for item in items}
    shares = [items[start::processes] for start in range(processes)]
    started = [(share, *_forked(share, work)) for share in shares]
    done: dict[int, tuple[Any, ...]] = {}
    for share, pid, pipe in started:
        done.update(_received(share, pid, pipe) or {item: work(item) for item in share})
    return done


def _forked(share: Sequence[int], work: Callable[[int], tuple[Any, ...]]) -> tuple[int, int]:
    """Start a copy of this process that does a share: its number, and the pipe that its answers come through."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    code = 1
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(marshal.dumps([work(item) for item in share]))
        code = 0
    finally:
        os._exit(code)


def _received(share: Sequence[int], pid: int, pipe: int) -> dict[int, tuple[Any, ...]] | None:
    with os.fdopen(pipe, "rb") as answers:
        packed = answers.read()
    _, status = os.waitpid(pid, 0)
    if status:
        return None
    return dict(zip(share, marshal.loads(packed), strict=True))
