"""Put files out of the page cache, so that the next read comes from the disk, and say what came of it.

posix_fadvise(POSIX_FADV_DONTNEED) asks the kernel to drop clean pages; those that some process has mapped stay.
Which are resident is read by mincore(2). Needs no rights beyond reading the files.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CAN_DROP = hasattr(os, "posix_fadvise")
# What a runtime reads at import, beside its own folder: native libraries lie in folders of their own.
PACKAGES = {
    "speechbrain": (
        "torch",
        "torchaudio",
        "speechbrain",
        "numpy",
        "scipy",
        "sentencepiece",
        "huggingface_hub",
    ),
    "onnx": ("onnxruntime", "numpy", "numpy.libs"),
    "openvino": ("openvino", "numpy", "numpy.libs"),
}


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was done: how many files of how many bytes, and how many of these were resident before and after."""

    files: int
    bytes: int
    resident_before: int
    resident_after: int

    def __str__(self) -> str:
        return (
            f"posix_fadvise(DONTNEED) on {self.files} files of {self.bytes / 1e6:.0f} MB: "
            f"{self.resident_before / 1e6:.0f} MB were in the page cache, {self.resident_after / 1e6:.0f} MB stayed"
        )


def drop_from_page_cache(paths: Iterable[Path]) -> Dropped | None:
    """Drop the pages of these files and of the files in these folders; None where the system cannot.

    Takes a second for some thousand files: run it in a thread.
    """
    if not CAN_DROP:
        return None
    files = [file for path in paths for file in _files(path)]
    before = sum(resident_bytes(file) for file in files)
    for file in files:
        with contextlib.suppress(OSError), file.open("rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    after = sum(resident_bytes(file) for file in files)
    return Dropped(len(files), sum(file.stat().st_size for file in files), before, after)


def runtime_files(runtime: str, model: Path) -> tuple[Path, ...]:
    """The files that starting a runtime reads: its packages and the model (with what lies beside it)."""
    found = [model if model.is_dir() else model.parent]
    for package in PACKAGES.get(runtime, ()):
        found += [Path(folder) / package for folder in sys.path if (Path(folder) / package).is_dir()]
    return tuple(dict.fromkeys(found))


def resident_bytes(path: Path) -> int:
    """How much of a file is in the page cache; 0 where that cannot be known."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as block:
            return _resident_pages(block) * mmap.PAGESIZE
    except (OSError, ValueError):  # empty, or not to be read
        return 0


def _resident_pages(block: mmap.mmap) -> int:
    mincore = getattr(ctypes.CDLL(None), "mincore", None)
    if mincore is None:
        return 0
    pages = (len(block) + mmap.PAGESIZE - 1) // mmap.PAGESIZE
    states = (ctypes.c_ubyte * pages)()
    first = ctypes.c_char.from_buffer(block)
    try:
        failed = mincore(ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(len(block)), states)
    finally:
        del first  # the mapping cannot be closed while something points into it
    return 0 if failed else sum(state & 1 for state in states)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return [file for file in path.rglob("*") if file.is_file() and not file.is_symlink()]
    return [path] if path.is_file() else []
