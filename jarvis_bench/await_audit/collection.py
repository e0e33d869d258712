"""Read all files: from the cache where the content is known, else in parallel over the cores."""

from __future__ import annotations

import gc
import marshal
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile

from jarvis_bench.await_audit.syntax.packing import pack_facts
from jarvis_bench.await_audit.syntax.reading import read_file

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

    The workers are fresh interpreters, so that nothing of the calling program is imported or forked; a share
    whose worker dies is read here.
    """
    workers = jobs or cores()
    if workers < 2 or sum(map(len, contents)) < PARALLEL_FROM_BYTES:
        return _here(contents)
    first, *others = _shares(contents, workers)
    found: dict[int, Reading] = {}
    with ExitStack() as stack:
        try:
            started = [stack.enter_context(_worker([contents[index] for index in share])) for share in others]
        except OSError:  # such as no folder for temporary files
            return _here(contents)
        found.update((index, read_one(contents[index])) for index in first)
        for share, readings in zip(others, started, strict=True):
            found.update(zip(share, readings(), strict=True))
    return [found[index] for index in range(len(contents))]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _shares(contents: Sequence[bytes], workers: int) -> list[list[int]]:
    """The indices of the contents, dealt out so that every share has about the same size."""
    shares: list[list[int]] = [[] for _ in range(workers)]
    sizes = [0] * workers
    for index in sorted(range(len(contents)), key=lambda index: -len(contents[index])):
        smallest = sizes.index(min(sizes))
        shares[smallest].append(index)
        sizes[smallest] += len(contents[index]) + 500
    return shares


@contextmanager
def _worker(contents: list[bytes]) -> Iterator[Callable[[], list[Reading]]]:
    """Have a process read contents while this one reads others; gives what waits for its readings.

    Both ways go through files: feeding a pipe from a thread would wait for this process's interpreter lock once for
    every few kilobytes, and the worker for that. Those of a worker that died are read here.
    """
    command = [sys.executable, "-I", "-c", WORKER, str(Path(__file__).parents[2])]
    with TemporaryFile() as given, TemporaryFile() as answer:
        given.write(marshal.dumps(contents))
        given.seek(0)
        with subprocess.Popen(command, stdin=given, stdout=answer, stderr=subprocess.DEVNULL) as process:

            def readings() -> list[Reading]:
                failed = process.wait()
                answer.seek(0)
                try:
                    rows = marshal.loads(answer.read())
                    return _here(contents) if failed else [Reading(*row) for row in rows]
                except (EOFError, ValueError, TypeError):
                    return _here(contents)

            try:
                yield readings
            finally:
                process.kill()


def _here(contents: Sequence[bytes]) -> list[Reading]:
    return [read_one(content) for content in contents]


def work() -> None:
    """The worker: contents come in on stdin, readings go out on stdout."""
    gc.disable()
    contents: list[bytes] = marshal.loads(sys.stdin.buffer.read())
    readings = [read_one(content) for content in contents]
    sys.stdout.buffer.write(
        marshal.dumps([(one.digest, one.packed, one.facts, one.called, one.reason) for one in readings])
    )
