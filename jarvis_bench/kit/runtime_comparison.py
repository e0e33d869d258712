"""All runtimes side by side in one run: each model in a process of its own, timed in turns.

Other work on the machine then hits all of them alike, so that their ratios hold where the times do not.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jarvis_bench.child_process import child_process
from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ, Clip
from jarvis_bench.ecapa.exported import find_export
from jarvis_bench.ecapa.processor import matrix_features
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.kit.runtime_rows import (
    PACKAGES,
    REFERENCE,
    Subject,
    fastest,
    skipped,
    smallest_cosine,
    summarise,
)
from jarvis_bench.kit.served_start import time_served_start
from jarvis_bench.process_memory import read_memory, reset_peak
from jarvis_bench.records import RuntimesReport, RuntimeTiming, VariedMemory

EARLY_CLIPS = 20
# Threads that have just worked may still wait actively; they must not take the next runtime's core.
SETTLE_S = 0.02


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured.

    `rounds`: timed embeddings by clip length; `starts`: fresh processes of each runtime; `varied_clips`: clips of
    varied length, up to `varied_s` seconds, that show whether memory grows.
    """

    rounds: dict[float, int]
    starts: int
    varied_clips: int
    varied_s: float
    threads: int
    seed: int


async def compare_runtimes(
    weights: Weights, clips: Sequence[Clip], amount: Amount, progress: Callable[[str], None]
) -> tuple[RuntimesReport, tuple[RuntimeTiming, ...]]:
    """Measure every runtime that is installed.

    Args:
        weights: of all runtimes.
        clips: of `data/`; those whose lengths are in `amount.rounds` are embedded.
        amount: how much.
        progress: told in words how far it is.

    Raises:
        NothingMeasured: the reference runtime is not installed, or a model process gave no answer.
    """
    present = [name for name in PACKAGES if importlib.util.find_spec(PACKAGES[name]) is not None]
    if REFERENCE not in present:
        raise NothingMeasured("the runtimes are compared with speechbrain: pip install 'jarvis-bench[local]'")
    made = await find_export(weights)
    async with contextlib.AsyncExitStack() as stack:
        subjects = [await _start(stack, weights, name, clips, amount, progress) for name in present]
        await _check(subjects, clips, progress)
        matrices = await stack.enter_async_context(
            child_process("jarvis_bench.ecapa.matrix_limit", [str(amount.threads)])
        )
        timings, rates = await _time(subjects, matrices, clips, amount, progress)
    for subject in subjects:
        await _serve(subject, min(clips, key=lambda clip: clip.seconds), amount, progress)
        progress(f"{subject.runtime}: {amount.varied_clips} clips of varied length")
        subject.varied = await _vary(subject.runtime, weights, clips, amount)
    limit = fastest(rates)
    report = RuntimesReport(
        rows=tuple(summarise(subjects, timings, made, limit)),
        varied=tuple(subject.varied for subject in subjects if subject.varied is not None),
        gemm_gflops=limit,
        skipped=tuple(skipped(present)),
        weights=weights.note,
        threads=amount.threads,
        cpu_features=matrix_features(),
    )
    return report, timings


async def _matrix_gflops(process: asyncio.subprocess.Process) -> list[tuple[str, float]]:
    """The rate of one matrix product of each kind, by precision."""
    if process.stdin is None or process.stdout is None:
        raise NothingMeasured("the process that multiplies matrices was not started")
    process.stdin.write(b"\n")
    line = await process.stdout.readline()
    if not line:
        raise NothingMeasured("the process that multiplies matrices ended")
    return [(str(precision), float(rate)) for precision, rate in json.loads(line)]


async def _start(
    stack: contextlib.AsyncExitStack,
    weights: Weights,
    runtime: str,
    clips: Sequence[Clip],
    amount: Amount,
    progress: Callable[[str], None],
) -> Subject:
    """Start the runtime some times, from nothing to a first embedding; the last process is kept."""
    clip = min(clips, key=lambda clip: clip.seconds)
    seconds: list[float] = []
    for number in range(amount.starts):
        progress(f"{runtime}: start {number + 1} of {amount.starts}")
        process = ModelProcess(weights, runtime=runtime, threads=amount.threads)
        last = number == amount.starts - 1
        async with contextlib.AsyncExitStack() as own:
            started_s = time.perf_counter()
            await (stack if last else own).enter_async_context(process)
            await process.import_runtime()
            await process.load()
            await process.embed(clip.samples)
            seconds.append(time.perf_counter() - started_s)
    memory = read_memory(process.pid)
    return Subject(runtime, process, seconds, memory.get("pss"))


async def _serve(subject: Subject, clip: Clip, amount: Amount, progress: Callable[[str], None]) -> None:
    """Start it as a service some times, from nothing to a first embedding over HTTP."""
    for number in range(amount.starts):
        progress(f"{subject.runtime}: served start {number + 1} of {amount.starts}")
        subject.served_first_s.append(await time_served_start(subject.runtime, clip, threads=amount.threads))


async def _check(subjects: Sequence[Subject], clips: Sequence[Clip], progress: Callable[[str], None]) -> None:
    """Embed every clip, shortest first: peak memory for each length, and cosines to the reference."""
    import numpy as np

    for seconds in sorted({clip.seconds for clip in clips}):
        alike = [clip for clip in clips if clip.seconds == seconds]
        reference = None
        for subject in subjects:
            progress(f"{subject.runtime}: {len(alike)} clips of {seconds:g} s")
            can_reset = reset_peak(subject.process.pid)
            answers = np.stack([(await subject.process.embed(clip.samples)).vector for clip in alike])
            peak = read_memory(subject.process.pid).get("vm-hwm")
            subject.hwm_bytes[seconds] = peak if can_reset else None
            reference = answers if reference is None else reference
            subject.cosine_min[seconds] = smallest_cosine(reference, answers)


async def _time(
    subjects: Sequence[Subject],
    matrices: asyncio.subprocess.Process,
    clips: Sequence[Clip],
    amount: Amount,
    progress: Callable[[str], None],
) -> tuple[tuple[RuntimeTiming, ...], list[list[tuple[str, float]]]]:
    """In turns, in an order drawn anew for each round; the matrix products take part in each."""
    order = random.Random(amount.seed)
    timings, rates = [], []
    for number in range(max(amount.rounds.values())):
        progress(f"timed round {number + 1} of {max(amount.rounds.values())}")
        await asyncio.sleep(SETTLE_S)
        rates.append(await _matrix_gflops(matrices))
        for seconds in (length for length, rounds in amount.rounds.items() if number < rounds):
            alike = [clip for clip in clips if clip.seconds == seconds]
            clip = alike[number % len(alike)]
            for subject in order.sample(subjects, len(subjects)):
                await asyncio.sleep(SETTLE_S)
                answer = await subject.process.embed(clip.samples)
                timings.append(RuntimeTiming(subject.runtime, seconds, number, answer.model_s))
    return tuple(timings), rates


async def _vary(runtime: str, weights: Weights, clips: Sequence[Clip], amount: Amount) -> VariedMemory | None:
    """PSS after some clips of varied length, and after many more of them.

    In a fresh process, after the others have ended: runtimes that map the same file share its pages in their PSS.
    """
    draw = random.Random(amount.seed)
    longest = max(clips, key=lambda clip: clip.seconds).samples
    levels: list[int] = []
    async with ModelProcess(weights, runtime=runtime, threads=amount.threads) as process:
        await process.load()
        for number in range(1, amount.varied_clips + 1):
            size = int(draw.uniform(0.5, amount.varied_s) * SAMPLE_RATE_HZ)
            await process.embed(longest[:size])
            if number in (EARLY_CLIPS, amount.varied_clips):
                levels += [value for name, value in read_memory(process.pid).items() if name == "pss"]
    if len(levels) < 2:
        return None
    return VariedMemory(runtime, EARLY_CLIPS, amount.varied_clips, *levels)
