"""How a command prints its one record."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from jarvis_bench.records import as_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def print_record(record: DataclassInstance) -> None:
    """The record as one object of JSON on standard output, and nothing else."""
    sys.stdout.write(json.dumps(as_json(record), ensure_ascii=False) + "\n")


def print_text(text: str) -> None:
    """The record in words."""
    sys.stdout.write(f"{text}\n")


def tell(text: str) -> None:
    """How far a command is, on standard error."""
    sys.stderr.write(f"{text}\n")
