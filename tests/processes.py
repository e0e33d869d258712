"""Whether a process still runs, seen from outside."""

from __future__ import annotations

import contextlib
import time

import psutil


def lives(pid: int) -> bool:
    """Whether it runs; one that ended and was not yet collected by its parent does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def ends(pid: int, *, limit_s: float = 10.0) -> bool:
    """Wait for it to end; False where it still runs after `limit_s` seconds."""
    deadline_s = time.monotonic() + limit_s
    while lives(pid) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    return not lives(pid)


def descendants(module: str) -> list[int]:
    """The processes below this one that run that module of ours; one that ended meanwhile is none."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if module in child.cmdline():
                found.append(child.pid)
    return found
