"""The memory of a process with all that it has started.

PSS and USS of several processes may be added: no page is counted twice. RSS may not, so its sum is given as
`rss-sum`; nor may high-water marks that were reached at different times: their sum, `vm-hwm-bound`, is an upper
bound. A tree of one process has plain `rss` and `vm-hwm`. USS of a tree leaves out what its processes share
among themselves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import psutil

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.process_memory import read_cheap, read_memory

# Without it all processes of the machine have to be looked at, for some milliseconds.
TELLS_CHILDREN = Path("/proc/thread-self/children").is_file()
NOT_ADDITIVE = {
    "rss": "rss-sum",
    "rss-anon": "rss-anon-sum",
    "rss-file": "rss-file-sum",
    "vm-hwm": "vm-hwm-bound",
}


def tree_pids(pid: int) -> tuple[int, ...]:
    """The process and its descendants; the process alone where the others cannot be seen."""
    if TELLS_CHILDREN:
        found = [pid]
        for one in found:
            found += _children(one)
        return tuple(found)
    with contextlib.suppress(psutil.Error):
        return (pid, *(child.pid for child in psutil.Process(pid).children(recursive=True)))
    return (pid,)


def _children(pid: int) -> list[int]:
    """What the threads of a process have started and not yet waited for (proc(5)), in 0.1 ms."""
    found: list[int] = []
    with contextlib.suppress(OSError):  # it has ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found


def read_tree(pids: Sequence[int]) -> dict[str, int]:
    """All figures of `read_memory`, for the tree.

    Raises:
        NothingMeasured: the first process, whose tree it is, cannot be read.
    """
    return _sum(pids, read_memory)


def read_tree_cheap(pids: Sequence[int]) -> dict[str, int]:
    """The figures of `read_cheap`, for the tree; raises as `read_tree` does."""
    return _sum(pids, read_cheap)


def _sum(pids: Sequence[int], read: Callable[[int], dict[str, int]]) -> dict[str, int]:
    found = [read(pids[0])]
    for pid in pids[1:]:
        with contextlib.suppress(NothingMeasured):  # a child that has ended holds nothing any more
            found.append(read(pid))
    if len(found) == 1:
        return found[0]
    return {NOT_ADDITIVE.get(metric, metric): sum(one[metric] for one in found) for metric in _shared(found)}


def _shared(found: Iterable[dict[str, int]]) -> list[str]:
    """The metrics that every process has; a sum over some of them would deceive."""
    first, *others = found
    return [metric for metric in first if all(metric in other for other in others)]
