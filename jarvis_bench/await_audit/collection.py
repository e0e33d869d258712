"""Read all files: from the cache where the content is known, else in parallel over the cores."""

from __future__ import annotations

import gc
import marshal
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from jarvis_bench.await_audit.syntax.packing import pack, visible
from jarvis_bench.await_audit.syntax.reading import read_summary

PARALLEL_FROM_BYTES = 2_000_000
WORKER = "import sys; sys.path.insert(0, sys.argv[1]); from jarvis_bench.await_audit.collection import work; work()"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: its packed summary, or the reason why there is none.

    `interface` is the digest of what other files can see of it, `called` the names that it calls, between zeros.
    """

    digest: bytes
    packed: bytes
    reason: str = ""
    interface: bytes = b""
    called: bytes = b""


def digest_of(content: bytes) -> bytes:
    """The key of a content."""
    return blake2b(content, digest_size=16).digest()


def read_one(content: bytes) -> Reading:
    """Summarise one content."""
    digest = digest_of(content)
    try:
        summary = read_summary(content)
        called = ("\0" + "\0".join(summary.calls) + "\0").encode("utf-8", "replace")
        return Reading(digest, marshal.dumps(pack(summary)), "", digest_of(visible(summary)), called)
    except ValueError as error:
        return Reading(digest, b"", str(error))


def read_all(contents: Sequence[bytes], jobs: int) -> list[Reading]:
    """Summarise all contents; `jobs` 0 is one process per core.

    The workers are fresh interpreters, so that nothing of the calling program is imported or forked; a share
    whose worker dies is read here.
    """
    workers = jobs or cores()
    if workers < 2 or sum(map(len, contents)) < PARALLEL_FROM_BYTES:
        return [read_one(content) for content in contents]
    shares = _shares(contents, workers)
    with ThreadPoolExecutor(workers - 1) as threads:
        others = [
            threads.submit(_read_elsewhere, [contents[index] for index in share]) for share in shares[1:]
        ]
        readings = [[read_one(contents[index]) for index in shares[0]], *(other.result() for other in others)]
    found: dict[int, Reading] = {}
    for share, part in zip(shares, readings, strict=True):
        found.update(zip(share, part, strict=True))
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


def _read_elsewhere(contents: list[bytes]) -> list[Reading]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", WORKER, str(Path(__file__).parents[2])],
        input=marshal.dumps(contents), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    try:
        return (
            [Reading(*row) for row in marshal.loads(done.stdout)] if done.returncode == 0 else _here(contents)
        )
    except (EOFError, ValueError, TypeError):
        return _here(contents)


def _here(contents: list[bytes]) -> list[Reading]:
    return [read_one(content) for content in contents]


def work() -> None:
    """The worker: contents come in on stdin, readings go out on stdout."""
    gc.disable()
    contents: list[bytes] = marshal.loads(sys.stdin.buffer.read())
    readings = [read_one(content) for content in contents]
    sys.stdout.buffer.write(
        marshal.dumps([(one.digest, one.packed, one.reason, one.interface, one.called) for one in readings])
    )
