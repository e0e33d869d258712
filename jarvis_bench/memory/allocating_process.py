"""A process whose memory is known: it allocates, touches, frees, maps a file and forks when it is told to.

`python -m jarvis_bench.memory.allocating_process SIZE FILE`; one word a line on standard input, one line back
when it is done: `ok`, or the number of the process that it has forked. The file has SIZE bytes.
"""

from __future__ import annotations

import mmap
import os
import sys
import time
from pathlib import Path

SPIKE_S = 0.05


class Blocks:
    """The mappings that this process holds by name; not from the heap, whose reuse would hide what happens."""

    def __init__(self, size: int, path: Path) -> None:
        self._size = size
        self._path = path
        self._held: dict[str, mmap.mmap] = {}
        self._child = (0, 0, 0)

    def hello(self) -> str:
        """It is up."""
        return "ok"

    def allocate(self) -> str:
        """Take address space; no page is behind it yet."""
        self._held["anon"] = mmap.mmap(-1, self._size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        return "ok"

    def touch(self) -> str:
        """Write one byte in each page."""
        write_pages(self._held["anon"])
        return "ok"

    def free(self) -> str:
        """Give the written pages back."""
        self._held.pop("anon").close()
        return "ok"

    def map_file(self) -> str:
        """Map the file and read one byte in each page."""
        with self._path.open("rb") as file:
            self._held["file"] = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ, flags=mmap.MAP_SHARED)
        block = self._held["file"]
        sum(block[place] for place in range(0, self._size, mmap.PAGESIZE))
        return "ok"

    def unmap_file(self) -> str:
        """Let go of the file."""
        self._held.pop("file").close()
        return "ok"

    def spike(self) -> str:
        """Hold the size for 50 ms, between two samples."""
        with mmap.mmap(-1, self._size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as block:
            write_pages(block)
            time.sleep(SPIKE_S)
        return "ok"

    def fork(self) -> str:
        """Start a child that shares every page; it writes them at its `touch`, and ends with this process."""
        to_child, from_parent = os.pipe()
        to_parent, from_child = os.pipe()
        child = os.fork()
        if child:
            os.close(to_child)
            os.close(from_child)
            self._child = (child, from_parent, to_parent)
            os.read(to_parent, 1)
            return str(child)
        os.close(from_parent)
        # Only now is it there with all the library pages that it runs on, which a fork does not hand down.
        os.write(from_child, b"k")
        while word := os.read(to_child, 1):
            if word == b"t":
                write_pages(self._held["anon"])
            os.write(from_child, b"k")
        os._exit(0)

    def touch_in_child(self) -> str:
        """The child writes every page, so that it gets a copy of its own."""
        _, order, answer = self._child
        os.write(order, b"t")
        os.read(answer, 1)
        return "ok"

    def end_child(self) -> str:
        """The child ends."""
        child, order, answer = self._child
        os.close(order)
        os.close(answer)
        os.waitpid(child, 0)
        return "ok"


def write_pages(block: mmap.mmap) -> None:
    """One byte in each page."""
    for place in range(0, len(block), mmap.PAGESIZE):
        block[place] = 1


def main() -> None:
    """Obey until the input ends."""
    blocks = Blocks(int(sys.argv[1]), Path(sys.argv[2]))
    for line in sys.stdin:
        answer = getattr(blocks, line.strip())()
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
