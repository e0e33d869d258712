"""Carry out one plan on prepared clips, and make rows of what became of its requests."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import Clip, mark
from jarvis_bench.prober.client_watch import ClientWatch
from jarvis_bench.prober.generator import Generator, Request
from jarvis_bench.prober.plan import WHOLE, Part, Plan, checked_answers
from jarvis_bench.prober.rows import ClientTick, Outcome, RequestRow
from jarvis_bench.tiers.stamps import Prepares, Send, Stamps
from jarvis_bench.tiers.tier import Answer, Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Label:
    """What is the same in all rows of a run."""

    run: str
    tier: str
    runtime: str
    warmup: bool = False


@dataclass(frozen=True, slots=True)
class Carried:
    """What carrying out a plan gave; stamps in nanoseconds, `clock_ratio` monotonic over wall time."""

    rows: tuple[RequestRow, ...]
    ticks: tuple[ClientTick, ...]
    started_ns: int
    ended_ns: int
    clock_ratio: float
    interrupted: bool
    requests: tuple[Request, ...]


def prepare(tier: Tier, clip: Clip) -> Send:
    """What sends this clip, marked with a number; encoded now where the tier can, else with every request."""
    if isinstance(tier, Prepares):
        return tier.prepare(clip.samples)

    async def send(number: int, stamps: Stamps) -> Answer:
        samples = mark(clip.samples, number)
        stamps.sent_bytes, stamps.sent_ns = samples.nbytes, time.perf_counter_ns()
        answer = await tier.embed(samples)
        stamps.last_byte_ns = time.perf_counter_ns()
        return answer

    return send


async def carry_out(
    sends: Sequence[Send],
    clips: Sequence[Clip],
    plan: Plan,
    label: Label,
    *,
    first_number: int,
    references: Sequence[NDArray[np.float32] | None] = (),
    grace_s: float = 30.0,
    part: Part = WHOLE,
    start_ns: int | None = None,
    started: Callable[[Generator], None] = lambda _: None,
) -> Carried:
    """Send what the plan wants when it wants it.

    Args:
        sends: the prepared clips.
        clips: the same clips.
        plan: with its arrivals; that of the part.
        label: for the rows.
        first_number: mark of the first request's clip.
        references: an earlier answer to each clip, to compare a seeded sample with; empty for no comparison.
        grace_s: for requests under way at the end, in seconds.
        part: of the whole load that this process sends.
        start_ns: when the plan begins, of `perf_counter_ns`; None for at once.
        started: is given the generator, by which the run can be stopped.
    """
    generator = Generator(sends, plan, first_number=first_number, grace_s=grace_s, part=part)
    started(generator)
    # What exists now stays for the whole run; the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    wall_s, begun_ns = time.time(), time.perf_counter_ns()
    watch = ClientWatch(label.run, lambda: generator.in_flight, lambda: generator.pacer.idle_ns)
    try:
        async with watch:
            await generator.run(start_ns)
    finally:
        gc.unfreeze()
    ratio = (time.perf_counter_ns() - begun_ns) / 1e9 / max(1e-9, time.time() - wall_s)
    planned_ns = round(plan.duration_s * 1e9)
    return Carried(
        rows=_rows(generator.requests, clips, plan, label, references),
        ticks=tuple(watch.ticks),
        started_ns=generator.end_ns - planned_ns,
        ended_ns=generator.end_ns,
        clock_ratio=ratio,
        interrupted=generator.pacer.stopped,
        requests=tuple(generator.requests),
    )


def _rows(
    requests: Sequence[Request],
    clips: Sequence[Clip],
    plan: Plan,
    label: Label,
    references: Sequence[NDArray[np.float32] | None],
) -> tuple[RequestRow, ...]:
    answered = [request.index for request in requests if request.outcome is Outcome.OK]
    checked = checked_answers(plan, answered) if references else set()
    return tuple(
        _row(
            request,
            clips[request.clip],
            label,
            _cosine(request.answer, references[request.clip]) if request.index in checked else None,
        )
        for request in requests
    )


def _row(request: Request, clip: Clip, label: Label, cosine: float | None) -> RequestRow:
    stamps, answer = request.stamps, request.answer
    sent = request.dispatched_ns is not None
    return RequestRow(
        run=label.run,
        tier=label.tier,
        runtime=label.runtime,
        clip=clip.name,
        clip_s=clip.seconds,
        index=request.index,
        warmup=label.warmup,
        planned_ns=request.planned_ns,
        ready_ns=request.ready_ns,
        dispatched_ns=request.dispatched_ns,
        sent_ns=stamps.sent_ns if sent else None,
        first_byte_ns=stamps.first_byte_ns,
        last_byte_ns=request.ended_ns if request.outcome is Outcome.OK else stamps.last_byte_ns,
        ended_ns=request.ended_ns,
        outcome=request.outcome.value,
        http_status=stamps.http_status,
        cause=request.cause,
        error=request.error,
        sent_bytes=stamps.sent_bytes,
        received_bytes=stamps.received_bytes,
        cosine=cosine,
        model_s=None if answer is None else answer.model_s,
        queue_s=None if answer is None else answer.queue_s,
        decode_s=None if answer is None else answer.decode_s,
        instance_id=None if answer is None else answer.instance_id,
        request_index=None if answer is None else answer.request_index,
        pool_wait_s=None if stamps.pool_wait_ns is None else stamps.pool_wait_ns / 1e9,
        connect_s=None if stamps.connect_ns is None else stamps.connect_ns / 1e9,
        reused=stamps.reused,
    )


def _cosine(answer: Answer | None, reference: NDArray[np.float32] | None) -> float | None:
    import numpy as np

    if answer is None or reference is None:
        return None
    length = float(np.linalg.norm(answer.vector) * np.linalg.norm(reference))
    return float(answer.vector @ reference) / length if length else 0.0
