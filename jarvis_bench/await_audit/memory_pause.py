"""A pause of the cyclic garbage collector while trees without cycles are made by the million."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Switch the cyclic collector off; afterwards it is as it was.

    Syntax trees and summaries refer to nothing above them, so that counting references frees them all. The collector
    would only look through them, again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
