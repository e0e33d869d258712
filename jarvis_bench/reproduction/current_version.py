"""Observe this package's own start-up decision the way the exhibits are observed."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Sequence

from jarvis_bench.prober.loop_lag import LoopLag
from jarvis_bench.records import DockerFinding, ProbeReport, Reproduction, SecondCaller
from jarvis_bench.reproduction.warning_log import recorded_warnings
from jarvis_bench.selection.waterfall import Waterfall
from jarvis_bench.tiers.tier import Probed


async def observe_current(
    version: str, world: str, tiers: Sequence[Probed], *, deadline_s: float
) -> Reproduction:
    """Decide once, measured; then let two callers ask a fresh waterfall at the same time.

    Args:
        version: what to call it.
        world: the world this process runs in.
        tiers: what to choose from, made before the loop ran, as a program does when it starts.
        deadline_s: seconds one tier may take to answer.
    """
    with recorded_warnings() as warnings:
        async with LoopLag() as lag:
            started_s = time.perf_counter()
            report = await Waterfall(tiers, deadline_s=deadline_s).decide()
            seconds = time.perf_counter() - started_s
        second = await _second_caller(Waterfall(tiers, deadline_s=deadline_s))
        gc.collect()
    docker = next(status for status in report.tiers if status.tier == "docker")
    return Reproduction(
        version=version,
        world=world,
        error=None,
        docker=DockerFinding(docker.status, docker.cause, docker.reason),
        decision=report.decision,
        seconds=seconds,
        longest_block_s=lag.longest_s,
        warnings=tuple(warnings),
        second_caller=second,
    )


async def _second_caller(waterfall: Waterfall) -> SecondCaller:
    first = asyncio.create_task(waterfall.decide())
    await asyncio.sleep(0)
    second = await waterfall.decide()
    ready = isinstance(second, ProbeReport) and len(second.tiers) == 3
    return SecondCaller(same=second is await first, ready=ready)
