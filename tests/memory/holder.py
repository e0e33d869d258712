"""A process that takes and gives back memory when it is told to."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

TAKEN_BYTES = 100_000_000
SOURCE = f"""
import sys
def say(word):
    print(word, flush=True)
    sys.stdin.readline()
say("empty")
block = bytearray(b"x") * {TAKEN_BYTES}
say("taken")
del block
say("given back")
"""


@dataclass
class Holder:
    """The process; it waits until it is told to go on."""

    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        """The process to look at."""
        return self.process.pid

    def go_on(self, expected: str) -> None:
        """Let it do its next step and wait until that is done."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.read(expected)

    def read(self, expected: str) -> None:
        """Wait until it says so."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == expected


@contextlib.contextmanager
def holder() -> Iterator[Holder]:
    """One such process that holds nothing yet."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", SOURCE], stdin=pipe, stdout=pipe, text=True) as process:
        held = Holder(process)
        held.read("empty")
        try:
            yield held
        finally:
            process.kill()
