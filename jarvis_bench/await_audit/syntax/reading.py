"""From the bytes of a file to its summary, or to the reason why there is none."""

from __future__ import annotations

import ast
import sys
import warnings

from jarvis_bench.await_audit.syntax.finish import FileRead
from jarvis_bench.await_audit.syntax.model import Summary
from jarvis_bench.await_audit.syntax.packing import unpack
from jarvis_bench.await_audit.syntax.statements import summarise

LARGEST_BYTES = 20_000_000
DEEPEST = 3_000
"""Frames: long `elif` chains and chained calls are nested in the syntax tree."""


def parse(source: bytes) -> ast.Module:
    """The syntax tree of a file; raises `ValueError` with the reason in one line."""
    if len(source) > LARGEST_BYTES:
        raise ValueError(f"larger than {LARGEST_BYTES // 1_000_000} MB")
    if b"\0" in source:
        raise ValueError("contains null bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        raise ValueError(f"syntax error in line {error.lineno}: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        raise ValueError("nested too deeply") from error


def read_summary(source: bytes) -> Summary:
    """The summary of a file; raises `ValueError` with the reason in one line."""
    return unpack(read_file(source).packed)


def read_file(source: bytes) -> FileRead:
    """Read a file; raises `ValueError` with the reason in one line."""
    tree = parse(source)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST))
    try:
        return summarise(tree)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    finally:
        sys.setrecursionlimit(limit)
