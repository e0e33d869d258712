"""The process that measures: `python -m … WHAT CONFIG`, rows and progress as lines of JSON.

It is apart from the notebook's kernel, whose memory, imports and event loop must not count.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from typing import Any

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.kit.runtime_comparison import Amount, compare_runtimes
from jarvis_bench.kit.switching import measure_faults
from jarvis_bench.kit.switching_records import SwitchingPlan
from jarvis_bench.memory.phases import memory_phases
from jarvis_bench.settings import read_settings
from jarvis_bench.tiers.cores import share_cores

TIER = "local"


def emit(kind: str, value: object) -> None:
    """One line for the parent."""
    sys.stdout.write(json.dumps({kind: value}) + "\n")
    sys.stdout.flush()


async def memory(config: dict[str, Any]) -> None:
    """Walk a model process through its life and read its memory."""
    settings = read_settings()
    weights = await find_weights(settings)
    cores = share_cores()
    clips = load_clips(settings.data_dir, tuple(float(seconds) for seconds in config["clip_seconds"]))
    async with ModelProcess(weights, runtime=config["runtime"], threads=1, core=cores.tier) as process:
        found = await memory_phases(
            process,
            clips,
            tier=TIER,
            runtime=config["runtime"],
            repeats=int(config["repeats"]),
            progress=lambda phase: emit("progress", f"memory: {phase}"),
        )
    for row in found.phases:
        emit("row", dataclasses.asdict(row))
    for row in found.timeline:
        emit("sample", dataclasses.asdict(row))
    emit("facts", {"weights": weights.note, "cores": cores.note})


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


def main() -> int:
    """Measure; an error of ours becomes one line for the parent and an exit code."""
    end_with_parent()
    measure = {"memory": memory, "runtimes": runtimes, "switching": switching}[sys.argv[1]]
    try:
        asyncio.run(measure(json.loads(sys.argv[2])))
    except JarvisBenchError as exc:
        emit("error", {"kind": type(exc).__name__, "message": str(exc), "exit_code": exc.exit_code})
        return exc.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
