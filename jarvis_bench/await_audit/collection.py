"""Read all files: from the cache where the content is known, else in parallel over the cores."""

from __future__ import annotations

import marshal
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from hashlib import blake2b
from multiprocessing import get_context

from jarvis_bench.await_audit.discovery import SourceFile
from jarvis_bench.await_audit.syntax.packing import pack
from jarvis_bench.await_audit.syntax.reading import read_summary

PARALLEL_FROM_BYTES = 2_000_000
CHUNK_BYTES = 400_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: its packed summary, or the reason why there is none."""

    digest: bytes
    packed: bytes
    reason: str = ""


def digest_of(content: bytes) -> bytes:
    """The key of a content."""
    return blake2b(content, digest_size=16).digest()


def read_content(file: SourceFile) -> bytes | str:
    """The bytes of a file, or the reason why it cannot be read."""
    try:
        return file.path.read_bytes()
    except OSError as error:
        return f"cannot be read: {error.strerror or type(error).__name__}"


def read_one(content: bytes) -> Reading:
    """Summarise one content."""
    digest = digest_of(content)
    try:
        return Reading(digest, marshal.dumps(pack(read_summary(content))))
    except ValueError as error:
        return Reading(digest, b"", str(error))


def _read_chunk(contents: list[bytes]) -> list[Reading]:
    return [read_one(content) for content in contents]


def read_all(contents: Sequence[bytes], jobs: int) -> list[Reading]:
    """Summarise all contents; `jobs` 0 is one process per core."""
    workers = jobs or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else jobs or os.cpu_count() or 1
    if workers < 2 or sum(map(len, contents)) < PARALLEL_FROM_BYTES:
        return [read_one(content) for content in contents]
    chunks = _chunks(contents)
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            return [reading for chunk in pool.map(_read_chunk, chunks) for reading in chunk]
    except (BrokenProcessPool, OSError):
        return [read_one(content) for content in contents]


def _chunks(contents: Sequence[bytes]) -> list[list[bytes]]:
    chunks: list[list[bytes]] = [[]]
    size = 0
    for content in contents:
        if size > CHUNK_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append(content)
        size += len(content)
    return chunks
