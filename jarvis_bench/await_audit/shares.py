"""Work that rests on one large tree in memory, done in copies of this process where that is possible."""

from __future__ import annotations

import marshal
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from jarvis_bench.await_audit.collection import cores
from jarvis_bench.await_audit.tickets import drawn, portions, tickets

Answer = tuple[Any, ...]
WORTH_A_PROCESS = 200
"""Fewer items for each process are done sooner here."""


def done_in_shares(items: Sequence[int], work: Callable[[int], Answer], jobs: int) -> dict[int, Answer]:
    """What `work` gives for every item; the answers are plain tuples that `marshal` can carry.

    The copies take one portion after the other. This process only waits: what the copies load, it need not let go of.
    A process with several threads is not copied, and what a copy that dies has taken is done here.
    """
    processes = min(jobs or cores(), len(items) // WORTH_A_PROCESS)
    done: dict[int, Answer] = {}
    if processes > 1 and hasattr(os, "fork") and threading.active_count() == 1:
        shares = portions(items)
        with ExitStack() as stack, suppress(OSError):  # such as no more processes: the rest is done here
            pipe = stack.enter_context(tickets(len(shares)))
            for answers in [stack.enter_context(_copy(shares, pipe, work)) for _ in range(processes)]:
                done.update(answers())
    return {item: done[item] if item in done else work(item) for item in items}


@contextmanager
def _copy(
    shares: Sequence[Sequence[int]], pipe: int, work: Callable[[int], Answer]
) -> Iterator[Callable[[], dict[int, Answer]]]:
    """Have a copy of this process do portions; gives what waits for its answers, none if it died."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as answers, os.fdopen(writing, "wb") as given:
        pid = os.fork()
        if not pid:
            code = 1
            try:
                answers.close()  # so that writing fails where nobody reads any more
                given.write(
                    marshal.dumps({item: work(item) for number in drawn(pipe) for item in shares[number]})
                )
                given.flush()
                code = 0
            finally:
                os._exit(code)
        given.close()
        waited: list[int] = []

        def received() -> dict[int, Answer]:
            packed = answers.read()
            waited.append(os.waitpid(pid, 0)[1])
            found: dict[int, Answer] = {} if waited[0] else marshal.loads(packed)
            return found

        try:
            yield received
        finally:
            if not waited:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
