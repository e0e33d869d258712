"""The process that measures: `python -m … WHAT CONFIG`, rows and progress as lines of JSON.

It is apart from the notebook's kernel, whose memory, imports and event loop must not count.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import json
import os
import sys
from typing import Any

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.ecapa.worker_client import Embedding, ModelProcess
from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.kit.measuring_memory import measure_cold_start, measure_memory
from jarvis_bench.kit.runtime_comparison import Amount, compare_runtimes
from jarvis_bench.prober.closed_loop import closed_loop
from jarvis_bench.settings import read_settings
from jarvis_bench.tiers.cores import share_cores

TIER = "local"


def emit(kind: str, value: object) -> None:
    """One line for the parent."""
    sys.stdout.write(json.dumps({kind: value}) + "\n")
    sys.stdout.flush()


async def latency(config: dict[str, Any]) -> None:
    """Measure a closed loop of one over the local tier."""
    settings = read_settings()
    weights = await find_weights(settings)
    cores = share_cores()
    requests = {float(seconds): int(count) for seconds, count in config["requests"].items()}
    clips = load_clips(settings.data_dir, tuple(requests))
    if cores.client is not None:
        os.sched_setaffinity(0, {cores.client})
    async with ModelProcess(weights, runtime=config["runtime"], threads=1, core=cores.tier) as process:
        emit("progress", "loading the model")
        import_s = await process.import_runtime()
        load_s = await process.load()

        async def embed(clip: Clip) -> Embedding:
            return await process.embed(clip.samples)

        gc.collect()
        gc.freeze()
        rows = await closed_loop(
            embed,
            clips,
            tier=TIER,
            runtime=config["runtime"],
            requests=requests,
            warmup=int(config["warmup"]),
            seed=int(config["seed"]),
            progress=_every_tenth,
        )
    for row in rows:
        emit("row", dataclasses.asdict(row))
    emit("facts", {"weights": weights.note, "cores": cores.note, "import_s": import_s, "load_s": load_s})


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


def _every_tenth(done: int, planned: int) -> None:
    if done % max(1, planned // 10) == 0 or done == planned:
        emit("progress", f"{done} of {planned} requests")


def main() -> int:
    """Measure; an error of ours becomes one line for the parent and an exit code."""
    end_with_parent()
    measure = {"latency": latency, "memory": memory, "cold-start": cold_start, "runtimes": runtimes}[
        sys.argv[1]
    ]
    try:
        asyncio.run(measure(json.loads(sys.argv[2])))
    except JarvisBenchError as exc:
        emit("error", {"kind": type(exc).__name__, "message": str(exc), "exit_code": exc.exit_code})
        return exc.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
