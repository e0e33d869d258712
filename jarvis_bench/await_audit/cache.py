"""The cache of one tree: summaries by content, what they say together, and the verdicts with what these rest on.

One file, replaced as a whole: eight bytes with the length of the head, the head, then the packed summaries, facts
and aggregate, which are read only when they are needed.
"""

from __future__ import annotations

import contextlib
import marshal
import mmap
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from jarvis_bench.await_audit.syntax.packing import Packed

LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class CachedFile:
    """What is kept of one file; `deps` and `keys` are what its verdicts rest on, `called` the names it calls.

    `suspicions` is None where the file has not been judged since something that it rests on has changed.
    """

    size: int
    mtime_ns: int
    digest: bytes
    reason: str
    lines: int
    packed: Packed
    facts: Packed
    called: bytes = b""
    suspicions: tuple[tuple[Any, ...], ...] | None = None
    deps: tuple[int, ...] = ()
    keys: frozenset[str] = frozenset()
    findings: tuple[tuple[Any, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class Cache:
    """The content of a cache file: files by their name from the root, and the packed aggregate."""

    files: dict[str, CachedFile] = field(default_factory=dict)
    aggregate: Packed = b""


def cache_path(folder: Path, root: Path, packages: Sequence[Path] = ()) -> Path:
    """Where the cache of a tree lies: one file for each root, interpreter, set of packages and state of our code."""
    code = [(path.name, _stamp(path)) for path in sorted(Path(__file__).parent.rglob("*.py"))]
    key = repr(
        (str(root.resolve()), sys.version_info[:2], [(str(path), _stamp(path)) for path in packages], code)
    )
    return folder / f"await-audit-{blake2b(key.encode(), digest_size=8).hexdigest()}.cache"


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def load_cache(path: Path) -> Cache:
    """What the file holds; an absent or damaged one is as good as empty."""
    try:
        with path.open("rb") as file:
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        length = int.from_bytes(view[:LENGTH_BYTES], "big")
        start = LENGTH_BYTES + length
        rows, (first, last) = marshal.loads(view[LENGTH_BYTES:start])
        files = {name: _cached(row, view[start:]) for name, row in rows.items()}
        return Cache(files, view[start + first : start + last])
    except (OSError, ValueError, EOFError, TypeError, IndexError):
        return Cache()


def _cached(row: tuple[Any, ...], blobs: memoryview) -> CachedFile:
    size, mtime_ns, digest, reason, lines, (first, second, end), *rest = row
    return CachedFile(size, mtime_ns, digest, reason, lines, blobs[first:second], blobs[second:end], *rest)


def save_cache(path: Path, cache: Cache) -> None:
    """Replace the file; a folder that cannot be written keeps no cache."""
    blobs: list[Packed] = []
    offset = 0
    rows: dict[str, tuple[Any, ...]] = {}
    for name, one in cache.files.items():
        second = offset + len(one.packed)
        end = second + len(one.facts)
        rows[name] = (one.size, one.mtime_ns, one.digest, one.reason, one.lines, (offset, second, end),
                      one.called, one.suspicions, one.deps, one.keys, one.findings)  # fmt: skip
        blobs += one.packed, one.facts
        offset = end
    blobs.append(cache.aggregate)
    head = marshal.dumps((rows, (offset, offset + len(cache.aggregate))))
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(len(head).to_bytes(LENGTH_BYTES, "big"))
            file.write(head)
            file.writelines(blobs)
        Path(file.name).replace(path)
