"""Check the whole chain on a process whose memory is known: every metric must move as its definition says.

Each reading is also compared with one that goes another way through the kernel: sums over /proc/PID/smaps, mapping by
mapping, for PSS and USS, and /proc/PID/statm for RSS.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from jarvis_bench.child_process import child_process
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory.process_tree import read_tree, tree_pids
from jarvis_bench.process_memory import HAS_PROC, reset_peak

SIZE_BYTES = 64 * 1024**2
TOLERANCE, INDEPENDENT_TOLERANCE = 0.02, 0.05
SMALL_BYTES = 4_000_000
STEPS_S = 20.0

# By how many times the size each metric moves at each step, by its definition; what is not named is not judged.
STILL = {"rss": 0.0, "pss": 0.0, "uss": 0.0, "pss-anon": 0.0, "pss-file": 0.0}
WRITTEN = {"rss": 1.0, "pss": 1.0, "uss": 1.0, "pss-anon": 1.0, "pss-file": 0.0}
FREED = {metric: -times for metric, times in WRITTEN.items()} | {"vm-hwm": 0.0}
# Not a multiple of the size: all that it held, the interpreter's own pages with the rest.
ALL = -math.inf
MAPPED = {"rss": 1.0, "pss": 1.0, "uss": 1.0, "pss-anon": 0.0, "pss-file": 1.0}


@dataclass(frozen=True, slots=True)
class SizeCheck:
    """One metric at one step: by how much it had to move, by how much it did, and the other way of reading it.

    `expected_bytes` and `found_bytes` are differences to before the step; `reading_bytes` is the whole figure and
    `independent_bytes` the same got by another way, None where there is none. Both are good within their tolerance.
    """

    step: str
    metric: str
    expected_bytes: int
    found_bytes: int
    size_bytes: int
    reading_bytes: int
    independent_bytes: int | None

    @property
    def error(self) -> float:
        """How far it is off, as a share of the known size."""
        return abs(self.found_bytes - self.expected_bytes) / self.size_bytes

    @property
    def disagreement(self) -> float | None:
        """How far the two ways of reading are apart, as a share of the reading, or of 4 MB where that is less.

        /proc/PID/smaps rounds each mapping to kB, which shows in a reading of some hundred kB.
        """
        if self.independent_bytes is None:
            return None
        return abs(self.independent_bytes - self.reading_bytes) / max(self.reading_bytes, SMALL_BYTES)

    @property
    def good(self) -> bool:
        """Whether both are within their tolerance."""
        return self.error <= TOLERANCE and (self.disagreement or 0.0) <= INDEPENDENT_TOLERANCE


class Allocator:
    """The parent's side of the process: tells it what to do and reads it afterwards."""

    def __init__(self, process: asyncio.subprocess.Process, size: int) -> None:
        self._process = process
        self.size = size

    @property
    def pid(self) -> int:
        """The process to look at."""
        return self._process.pid

    async def tell(self, word: str) -> str:
        """Let it do one thing and wait until that is done.

        Raises:
            NothingMeasured: it ended.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise NothingMeasured("the allocating process was not started")
        self._process.stdin.write(f"{word}\n".encode())
        await self._process.stdin.drain()
        if not (line := await self._process.stdout.readline()):
            raise NothingMeasured(f"the allocating process ended during {word!r}")
        return line.decode().strip()


@contextlib.asynccontextmanager
async def allocator(path: Path) -> AsyncIterator[Allocator]:
    """One such process; it ends with the block.

    Args:
        path: the file that it maps; its size is the size of every step.
    """
    size = path.stat().st_size
    arguments = [str(size), str(path)]
    async with child_process("jarvis_bench.memory.allocating_process", arguments) as process:
        found = Allocator(process, size)
        await found.tell("hello")  # an interpreter that is still starting takes memory by itself
        yield found


@contextlib.contextmanager
def file_of(size: int, folder: Path | None = None) -> Iterator[Path]:
    """A file of so many bytes, for as long as the block runs.

    Args:
        size: a multiple of 1024.
        folder: where it is; in memory (tmpfs) its pages would count as shared memory, not as a file's.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(os.urandom(1024) * (size // 1024))
        file.flush()
        yield Path(file.name)


async def check_known_sizes(size: int = SIZE_BYTES, folder: Path | None = None) -> tuple[SizeCheck, ...]:
    """Allocate, touch, free, map a file, share it, fork, write in the child, and hold a size for 50 ms.

    Args:
        size: in bytes.
        folder: for the file that is mapped, on a disk.

    Raises:
        NothingMeasured: not Linux, or the process ended.
    """
    if not HAS_PROC:
        raise NothingMeasured("PSS, USS and VmHWM, which are checked here, exist on Linux only")
    async with contextlib.AsyncExitStack() as stack:
        path = stack.enter_context(file_of(size, folder))
        one, other = [await stack.enter_async_context(allocator(path)) for _ in range(2)]
        await stack.enter_async_context(asyncio.timeout(STEPS_S))
        return (*await _walk(one), *await _share(one, other), *await _fork(one), *await _spike(one))


async def _walk(one: Allocator) -> list[SizeCheck]:
    unmapped = {metric: -times for metric, times in MAPPED.items()}
    return [
        *await _step(one, "allocate, untouched", STILL, "allocate"),
        # All that it ever held is there now, so the count of its pages is its peak, too.
        *await _step(one, "touch every page", WRITTEN | {"vm-hwm": 1.0}, "touch", at_peak=True),
        *await _step(one, "free", FREED, "free"),
        *await _step(one, "map a file and read it", MAPPED, "map_file"),
        *await _step(one, "let go of the file", unmapped, "unmap_file"),
    ]


async def _share(one: Allocator, other: Allocator) -> list[SizeCheck]:
    """A second process maps the same file: each page counts half in PSS, nowhere in USS, in full in RSS."""
    await one.tell("map_file")
    expected = {"rss": 0.0, "pss": -0.5, "uss": -1.0, "pss-file": -0.5}
    found = await _step(one, "another process maps it, too", expected, "map_file", teller=other)
    await other.tell("unmap_file")
    await one.tell("unmap_file")
    return found


async def _fork(one: Allocator) -> list[SizeCheck]:
    """A child shares every page until it writes; over the tree, PSS counts each once."""
    await one.tell("allocate")
    await one.tell("touch")
    shared = {"pss": 0.0, "pss-anon": 0.0, "uss": ALL}
    copied = {"pss": 1.0, "pss-anon": 1.0, "uss": 2.0, "rss-sum": 0.0}
    found = [
        *await _step(one, "fork (tree)", shared, "fork"),
        *await _step(one, "the child writes every page (tree)", copied, "touch_in_child"),
    ]
    await one.tell("end_child")
    await one.tell("free")
    return found


async def _spike(one: Allocator) -> list[SizeCheck]:
    """Set to the present, the high-water mark moves by what is held between two samples, and by nothing else."""
    reset_peak(one.pid)
    return await _step(one, "hold it for 50 ms", STILL | {"vm-hwm": 1.0}, "spike")


async def _step(
    one: Allocator,
    step: str,
    expected: dict[str, float],
    word: str,
    *,
    teller: Allocator | None = None,
    at_peak: bool = False,
) -> list[SizeCheck]:
    """Do one step and compare each metric's movement with its definition.

    Args:
        one: whose tree is read.
        step: in words.
        expected: movement of each metric in multiples of the size, or `ALL`.
        word: what to tell the process.
        teller: which process is told; default the one that is read.
        at_peak: whether it never held more than after this step.
    """
    before = await asyncio.to_thread(_read, one.pid)
    await (teller or one).tell(word)
    after = await asyncio.to_thread(_read, one.pid)
    other = await asyncio.to_thread(_read_otherwise, one.pid)
    if at_peak:
        other["vm-hwm"] = other["rss"]
    checks = []
    for metric, times in expected.items():
        # A tree of one has no sum of several.
        moved = after[metric] - before.get(metric, after[metric])
        want = -before[metric] if times == ALL else int(times * one.size)
        checks.append(SizeCheck(step, metric, want, moved, one.size, after[metric], other.get(metric)))
    return checks


def _read(pid: int) -> dict[str, int]:
    return read_tree(tree_pids(pid))


def _read_otherwise(pid: int) -> dict[str, int]:
    """The same figures by sums over each mapping of each process (psutil), and by the kernel's count of pages."""
    found: dict[str, int] = {"pss": 0, "uss": 0, "pss-anon": 0, "rss": 0}
    pids = tree_pids(pid)
    for member in pids:
        for part in psutil.Process(member).memory_maps(grouped=True):
            found["pss"] += part.pss
            found["uss"] += part.private_clean + part.private_dirty
            found["pss-anon"] += part.anonymous
        pages = int(Path(f"/proc/{member}/statm").read_text(encoding="ascii").split()[1])
        found["rss"] += pages * os.sysconf("SC_PAGE_SIZE")
    if len(pids) > 1:
        # What a mapping has without a file is not shared out among the processes.
        return {"pss": found["pss"], "uss": found["uss"], "rss-sum": found["rss"]}
    return {**found, "pss-file": found["pss"] - found["pss-anon"]}
