"""Read the contents of all files, in parallel over the cores."""

from __future__ import annotations

import gc
import marshal
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from jarvis_bench.await_audit.syntax.packing import pack_facts
from jarvis_bench.await_audit.syntax.reading import read_file
from jarvis_bench.await_audit.tickets import drawn, portions, tickets

PARALLEL_FROM_BYTES = 2_000_000
WORKER = "import sys; sys.path.insert(0, sys.argv[1]); from jarvis_bench.await_audit.collection import work; work()"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: its packed summary and facts, or the reason why there are none.

    `called` are the names that it calls, between zeros.
    """

    digest: bytes
    packed: bytes = b""
    facts: bytes = b""
    called: bytes = b""
    reason: str = ""


def digest_of(content: bytes) -> bytes:
    """The key of a content."""
    return blake2b(content, digest_size=16).digest()


def read_one(content: bytes) -> Reading:
    """Summarise one content."""
    digest = digest_of(content)
    try:
        read = read_file(content)
        called = ("\0" + "\0".join(read.called) + "\0").encode("utf-8", "replace")
        return Reading(digest, read.packed, pack_facts(read.facts), called)
    except ValueError as error:
        return Reading(digest, reason=str(error))


def read_all(contents: Sequence[bytes], jobs: int) -> list[Reading]:
    """Summarise all contents; `jobs` 0 is one process per core.

    The workers are fresh interpreters, so that nothing of the calling program is imported or forked. They and this
    process take one portion after the other; what a worker that dies has taken is read here. The portions lie in a
    temporary folder, which only a process that is killed leaves behind.
    """
    workers = jobs or cores()
    if workers < 2 or sum(map(len, contents)) < PARALLEL_FROM_BYTES:
        return [read_one(content) for content in contents]
    shares = portions(sorted(range(len(contents)), key=lambda index: -len(contents[index])))
    found: dict[int, Reading] = {}
    with ExitStack() as stack, suppress(OSError):  # such as no folder for temporary files: all is read here
        folder = Path(stack.enter_context(TemporaryDirectory()))
        for number, share in enumerate(shares):
            (folder / str(number)).write_bytes(marshal.dumps([contents[index] for index in share]))
        pipe = stack.enter_context(tickets(len(shares)))
        others = min(workers, len(shares)) - 1
        started = [stack.enter_context(_worker(folder, pipe)) for _ in range(others)]
        for number in drawn(pipe):
            found.update((index, read_one(contents[index])) for index in shares[number])
        for readings in started:
            for number, rows in readings():
                found.update(zip(shares[number], rows, strict=True))
    return [found.get(index) or read_one(content) for index, content in enumerate(contents)]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _worker(folder: Path, pipe: int) -> Iterator[Callable[[], list[tuple[int, list[Reading]]]]]:
    """Have a process read portions of those in the folder; gives what waits for its readings, none if it died.

    Both ways go through files: feeding a pipe from a thread would wait for this process's interpreter lock once for
    every few kilobytes, and the worker for that.
    """
    command = [sys.executable, "-I", "-c", WORKER, str(Path(__file__).parents[2]), str(folder)]
    with (
        TemporaryFile() as answer,
        subprocess.Popen(command, stdin=pipe, stdout=answer, stderr=subprocess.DEVNULL) as process,
    ):

        def readings() -> list[tuple[int, list[Reading]]]:
            failed = process.wait()
            answer.seek(0)
            try:
                done = [] if failed else marshal.loads(answer.read())
                return [(number, [Reading(*row) for row in rows]) for number, rows in done]
            except (EOFError, ValueError, TypeError):
                return []

        try:
            yield readings
        finally:
            process.kill()


def work() -> None:
    """The worker: the number of a portion comes in on stdin each time, readings go out on stdout."""
    gc.disable()
    done = [
        (number, [astuple(read_one(content)) for content in _portion(number)])
        for number in drawn(sys.stdin.fileno())
    ]
    sys.stdout.buffer.write(marshal.dumps(done))


def _portion(number: int) -> list[bytes]:
    contents: list[bytes] = marshal.loads(Path(sys.argv[2], str(number)).read_bytes())
    return contents
