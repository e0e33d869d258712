"""A disk of one megabyte, where this user may mount one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SIZE_BYTES = 1024 * 1024
PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class TinyDisk:
    """A mounted disk."""

    path: Path

    def fill(self, *, leave_bytes: int) -> None:
        """Take all the room but so many bytes."""
        chunk = b"x" * PAGE_BYTES
        with (self.path / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(chunk)
            except OSError:
                ballast.truncate(max(0, ballast.tell() - leave_bytes) // PAGE_BYTES * PAGE_BYTES)


@contextmanager
def tiny_disk(path: Path) -> Iterator[TinyDisk]:
    """Mount it for a while; skip the test where that is not allowed."""
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as exc:
        pytest.skip(f"no mount command: {exc}")
    if done.returncode:
        pytest.skip(f"this user may not mount a disk: {done.stderr.strip()}")
    try:
        yield TinyDisk(path)
    finally:
        subprocess.run(["umount", str(path)], check=True)
