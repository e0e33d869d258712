"""Record warnings as lines of text, with the line that made a coroutine nobody awaited."""

from __future__ import annotations

import contextlib
import re
import sys
import warnings
from collections.abc import Iterator

from jarvis_bench.settings import CHECKOUT

ORIGIN = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+), in .*\n\s*(?P<source>.+)')


@contextlib.contextmanager
def recorded_warnings() -> Iterator[list[str]]:
    """A list that, once the block has ended, holds one line a warning raised in it."""
    lines: list[str] = []
    depth = sys.get_coroutine_origin_tracking_depth()
    # The interpreter only remembers where a coroutine was made when it is told to.
    sys.set_coroutine_origin_tracking_depth(1)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield lines
    finally:
        sys.set_coroutine_origin_tracking_depth(depth)
    lines += [_line(warning) for warning in caught]


def _line(warning: warnings.WarningMessage) -> str:
    message = str(warning.message)
    head = f"{warning.category.__name__}: {message.splitlines()[0]}"
    if origin := ORIGIN.search(message):
        return f"{head}, created at {without_checkout(origin['file'])}:{origin['line']}: {origin['source'].strip()}"
    return head


def without_checkout(text: str) -> str:
    """The text with paths inside the checkout made relative; a report names no folder of its author."""
    return text.replace(f"{CHECKOUT}/", "")
