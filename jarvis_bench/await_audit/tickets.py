"""Numbers in a pipe that several processes draw from: each is drawn once, by whoever is free first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
MOST = 256
"""A ticket is one byte, and all of them fit into any pipe."""


@contextmanager
def tickets(count: int) -> Iterator[int]:
    """A pipe that holds the numbers below `count` (at most `MOST`); reading it to its end takes no other process."""
    reading, writing = os.pipe()
    try:
        try:
            os.write(writing, bytes(range(count)))
        finally:
            os.close(writing)
        yield reading
    finally:
        os.close(reading)


def drawn(pipe: int) -> Iterator[int]:
    """Draw one ticket after the other, until there are none."""
    while ticket := os.read(pipe, 1):
        yield ticket[0]


def portions(items: Sequence[T]) -> list[Sequence[T]]:
    """The items, dealt out like cards into as many portions as there may be tickets."""
    count = min(len(items), MOST)
    return [items[start::count] for start in range(count)]
