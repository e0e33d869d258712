"""The process in which each line of an encoder is watched: `python -m … RUNTIME MODEL CLIP`, one line of JSON."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from jarvis_bench.ecapa.encoder import encoder_class
from jarvis_bench.errors import MissingExtra
from jarvis_bench.memory.interactive import MIB, LineRow, as_lines

WATCHED = ("__init__", "encode")


def watch(runtime: str, model: Path, clip: Path) -> tuple[LineRow, ...]:
    """Load and embed once, line by line.

    Raises:
        MissingExtra: memory-profiler is not installed.
    """
    try:
        from memory_profiler import LineProfiler
    except ModuleNotFoundError as exc:
        raise MissingExtra("memory-profiler", "kit") from exc
    kind = encoder_class(runtime)
    profiler = LineProfiler()
    functions: dict[str, Callable[..., Any]] = {name: getattr(kind, name) for name in WATCHED}
    for function in functions.values():
        profiler.add_function(function)
    samples = np.load(clip)[None, :]
    profiler.enable_by_count()
    try:
        kind(model, threads=1).encode(samples)
    finally:
        profiler.disable_by_count()
    return tuple(
        row for name, function in functions.items() for row in _rows(name, function, profiler.code_map)
    )


def _rows(name: str, function: Callable[..., Any], code_map: Any) -> list[LineRow]:
    source, first = inspect.getsourcelines(function)
    found = dict(code_map.get(function.__code__, {}))
    rows = []
    for number, text in enumerate(source, start=first):
        increment, total, times = found.get(number) or (None, None, None)
        if number == first:
            increment = None  # what was there before the call
        rows.append(
            LineRow(
                name,
                number,
                text.rstrip("\n"),
                None if total is None else int(total * MIB),
                None if increment is None else int(increment * MIB),
                times,
            )
        )
    return rows


def main() -> None:
    """Watch and print."""
    rows = watch(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    sys.stdout.write(as_lines(rows) + "\n")


if __name__ == "__main__":
    main()
