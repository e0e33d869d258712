"""memory-profiler for people: what one call takes, and what each line of the encoder takes.

It samples RSS of a whole process and is no longer maintained, so no figure of record comes from here.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.child_process import child_process, read_output
from jarvis_bench.ecapa.exported import model_path
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import MissingExtra, NothingMeasured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Taken:
    """What a call took: RSS of this process before it and at its peak (memory-profiler, sampled), in bytes."""

    baseline_bytes: int
    peak_bytes: int

    @property
    def increment_bytes(self) -> int:
        """By how much RSS rose."""
        return self.peak_bytes - self.baseline_bytes

    def __str__(self) -> str:
        return f"peak {self.peak_bytes / 1e6:.1f} MB, increment {self.increment_bytes / 1e6:.1f} MB (RSS, sampled)"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the encoder: RSS of the process after it ran, by how much that had risen, and how often it ran."""

    function: str
    line: int
    code: str
    rss_bytes: int | None
    increment_bytes: int | None
    times: int | None


async def memit(call: Callable[[], object], *, interval_s: float = 0.01) -> Taken:
    """Run a call in a thread and sample this process meanwhile: `%memit` for an async notebook.

    Args:
        call: without arguments; it must not need the event loop.
        interval_s: between two samples, in seconds.

    Raises:
        MissingExtra: memory-profiler is not installed.
    """
    try:
        from memory_profiler import memory_usage
    except ModuleNotFoundError as exc:
        raise MissingExtra("memory-profiler", "kit") from exc

    def run() -> Taken:
        (before,) = memory_usage(-1, interval=interval_s, timeout=interval_s, max_iterations=1)
        peak = memory_usage((call, (), {}), interval=interval_s, max_usage=True)
        return Taken(int(before * MIB), int(max(before, peak) * MIB))

    return await asyncio.to_thread(run)


async def line_memory(weights: Weights, runtime: str, clip: NDArray[np.float32]) -> tuple[LineRow, ...]:
    """Load a runtime and embed a clip in a fresh process, and read RSS after each line of the encoder.

    Args:
        weights: what to load.
        runtime: which runtime computes.
        clip: float32 `[n]`.

    Raises:
        NothingMeasured: the process ended without a result; the text says why.
    """
    import numpy as np

    model = await model_path(weights, runtime)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.npy"
        np.save(path, clip)
        arguments = [runtime, str(model), str(path)]
        async with child_process(
            "jarvis_bench.memory.line_process", arguments, stderr=asyncio.subprocess.STDOUT
        ) as process:
            output = (await read_output(process)).decode(errors="replace").strip().splitlines()
    try:
        return tuple(LineRow(**row) for row in json.loads(output[-1]))
    except (IndexError, ValueError, TypeError) as exc:
        raise NothingMeasured(f"no lines were measured: {output[-1] if output else 'no output'}") from exc


def as_lines(rows: tuple[LineRow, ...]) -> str:
    """The rows as one line of JSON."""
    return json.dumps([dataclasses.asdict(row) for row in rows])
