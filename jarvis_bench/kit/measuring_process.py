"""The process that measures: `python -m … WHAT CONFIG`, rows and progress as lines of JSON.

It is apart from the notebook's kernel, whose memory, imports and event loop must not count.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.kit.measuring_memory import measure_cold_start, measure_memory
from jarvis_bench.kit.runtime_comparison import Amount, compare_runtimes
from jarvis_bench.kit.switching import measure_faults
from jarvis_bench.kit.switching_records import SwitchingPlan
from jarvis_bench.settings import read_settings

INTERRUPTED = 130


def emit(kind: str, value: object) -> None:
    """One line for the parent."""
    sys.stdout.write(json.dumps({kind: value}) + "\n")
    sys.stdout.flush()


async def memory(config: dict[str, Any]) -> None:
    """Walk tiers and runtimes through their phases and read their memory."""
    await measure_memory(read_settings(), config, emit)


async def cold_start(config: dict[str, Any]) -> None:
    """Start tiers from nothing, and ask them after rests."""
    await measure_cold_start(read_settings(), config, emit)


async def runtimes(config: dict[str, Any]) -> None:
    """Compare all runtimes that are installed."""
    settings = read_settings()
    weights = await find_weights(settings)
    rounds = {float(seconds): int(count) for seconds, count in config.pop("rounds").items()}
    clips = load_clips(settings.data_dir, tuple(rounds))
    report, timings = await compare_runtimes(
        weights, clips, Amount(rounds=rounds, **config), lambda text: emit("progress", text)
    )
    for timing in timings:
        emit("row", dataclasses.asdict(timing))
    emit("facts", dataclasses.asdict(report))


async def switching(config: dict[str, Any]) -> None:
    """Let faults happen to a service while requests come."""
    plan = SwitchingPlan(**config | {"faults": tuple(config["faults"])})
    rows, facts = await measure_faults(read_settings(), plan, lambda text: emit("progress", text))
    for row in rows:
        emit("row", dataclasses.asdict(row))
    emit("facts", dataclasses.asdict(facts))


async def until_told(measure: Callable[[dict[str, Any]], Awaitable[None]], config: dict[str, Any]) -> None:
    """Measure until it is done, or until the parent says anything: then what was measured is all there is."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(measure(config))

    def stop(_: bytes) -> None:
        loop.call_soon_threadsafe(task.cancel)

    end_with_parent(heard=stop)
    await task


def main() -> int:
    """Measure; an error of ours becomes one line for the parent and an exit code."""
    measures = {"memory": memory, "cold-start": cold_start, "runtimes": runtimes, "switching": switching}
    measure = measures[sys.argv[1]]
    try:
        asyncio.run(until_told(measure, json.loads(sys.argv[2])))
    except asyncio.CancelledError:
        return INTERRUPTED
    except JarvisBenchError as exc:
        emit("error", {"kind": type(exc).__name__, "message": str(exc), "exit_code": exc.exit_code})
        return exc.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
