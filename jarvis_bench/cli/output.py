"""How a command prints its one record."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from jarvis_bench.errors import OutputError
from jarvis_bench.records import as_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def print_record(record: DataclassInstance) -> None:
    """The record as one object of JSON on standard output, and nothing else."""
    _write(json.dumps(as_json(record), ensure_ascii=False))


def print_text(text: str) -> None:
    """The record in words."""
    _write(text)


def _write(text: str) -> None:
    """One line, or several, at once: what is still in a buffer at the end can fail where nobody catches it.

    Raises:
        OutputError: standard output takes no more, such as a file on a full disk.
    """
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as exc:
        drop_output()
        raise OutputError(f"cannot write to standard output: {exc.strerror or exc}") from exc


def drop_output() -> None:
    """Let what is still buffered go nowhere, so that it cannot fail again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(text: str) -> None:
    """How far a command is, on standard error."""
    sys.stderr.write(f"{text}\n")
