"""Measure from a notebook: start the measuring process, show its progress, collect its rows."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jarvis_bench.child_process import child_process
from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.kit.tables import runtimes_report
from jarvis_bench.records import RuntimesReport, RuntimeTiming

Progress = Callable[[str], None]
# What was measured is told at once; a container is removed before that.
STOP_S = 20.0


@dataclass(frozen=True, slots=True)
class RuntimesMeasurement:
    """`report`: one row a runtime and clip length; `timings`: every timed embedding."""

    report: RuntimesReport
    timings: tuple[RuntimeTiming, ...]


async def measure_runtimes(
    rounds: Mapping[float, int],
    *,
    starts: int = 3,
    varied_clips: int = 120,
    varied_s: float = 10.0,
    threads: int = 2,
    seed: int = 1,
    progress: Progress = print,
) -> RuntimesMeasurement:
    """Latency, RAM and accuracy of all runtimes that are installed, side by side in one run.

    Args:
        rounds: timed embeddings for each clip length in seconds, the runtimes in turns.
        starts: fresh processes of each runtime, from nothing to a first embedding.
        varied_clips: clips of varied length, up to `varied_s` seconds, to see whether memory grows.
        varied_s: the longest of them.
        threads: of each runtime.
        seed: of the order of the runtimes, and of the varied lengths.
        progress: told in words how far it is.

    Raises:
        NothingMeasured: speechbrain, which they are compared with, is not installed, or gave no answer.
    """
    config = {"rounds": dict(rounds), "starts": starts, "varied_clips": varied_clips, "varied_s": varied_s}
    lines = await measure("runtimes", config | {"threads": threads, "seed": seed}, progress)
    progress(f"{len(lines['row'])} embeddings timed")
    timings = tuple(RuntimeTiming(**row) for row in lines["row"])
    return RuntimesMeasurement(runtimes_report(lines["facts"][0]), timings)


async def measure(
    what: str, config: Mapping[str, Any], progress: Progress, stop: asyncio.Event | None = None
) -> dict[str, list[Any]]:
    """The lines of the measuring process by kind.

    Args:
        what: it measures.
        config: of that.
        progress: told in words how far it is.
        stop: where it is set, what was measured until then is all there is.

    Raises:
        UsageError: it was asked for what does not exist.
        NothingMeasured: it ended without a result.
    """
    kinds = ("row", "sample", "check", "line", "facts", "error")
    lines: dict[str, list[Any]] = {kind: [] for kind in kinds}
    async with child_process("jarvis_bench.kit.measuring_process", [what, json.dumps(config)]) as process:
        if process.stdout is None:
            raise NothingMeasured("the measuring process has no output")
        async with _stopping(process, stop):
            async for line in process.stdout:
                ((kind, value),) = json.loads(line).items()
                if kind == "progress":
                    progress(value)
                else:
                    lines[kind].append(value)
            code = await process.wait()
    if lines["error"]:
        error = lines["error"][0]
        raise (UsageError if error["exit_code"] == UsageError.exit_code else NothingMeasured)(
            error["message"]
        )
    if not lines["facts"] or not lines["row"]:
        raise NothingMeasured(f"the measuring process ended with code {code} and no result")
    return lines


@contextlib.asynccontextmanager
async def _stopping(process: asyncio.subprocess.Process, stop: asyncio.Event | None) -> AsyncIterator[None]:
    """Within the block the process is told when to stop, and ended where it does not."""

    async def tell() -> None:
        if stop is None or process.stdin is None:
            return
        await stop.wait()
        process.stdin.write(b"stop\n")
        await asyncio.sleep(STOP_S)
        process.kill()

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
