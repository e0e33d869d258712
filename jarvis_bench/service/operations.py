"""What each endpoint does with a complete body."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE
from jarvis_bench.errors import RequestRefused
from jarvis_bench.service.answers import (
    VERIFY_THRESHOLD,
    BatchAnswer,
    EmbeddingAnswer,
    EmbeddingTest,
    ItemError,
    PrewarmAnswer,
    Stages,
    VerifyAnswer,
)
from jarvis_bench.service.audio import decode_clip
from jarvis_bench.service.batches import Outcome, encode_all
from jarvis_bench.service.inference_queue import Computed
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.model import StartupState, prove
from jarvis_bench.service.refusals import refuse
from jarvis_bench.service.requests import ClipRequest, read_batch_request, read_clip_request
from jarvis_bench.service.service import Service

if TYPE_CHECKING:
    import numpy as np
    from _typeshed import DataclassInstance
    from numpy.typing import NDArray

    Clips = list[NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Done:
    """An answer; `index` is the request's place in the model's order, `audio_s` what it computed."""

    answer: DataclassInstance
    stages: Stages
    index: int
    audio_s: float = 0.0


Result = TypeVar("Result")
Operation = Callable[[Service, bytes], Awaitable[Done]]


async def embed(service: Service, body: bytes) -> Done:
    """speaker_embedding."""
    started_s = time.perf_counter()
    _, clip = await _decode(service, partial(_decode_one, body, service.limits, verify=False))
    decode_s = time.perf_counter() - started_s
    computed = await _compute(service, [clip])
    answer = EmbeddingAnswer(_only(computed), _milliseconds_since(started_s))
    return _done(answer, decode_s, computed, [clip])


async def verify(service: Service, body: bytes) -> Done:
    """speaker_verify."""
    started_s = time.perf_counter()
    request, clip = await _decode(service, partial(_decode_one, body, service.limits, verify=True))
    decode_s = time.perf_counter() - started_s
    computed = await _compute(service, [clip])
    similarity = cosine(_only(computed), request.reference)
    confidence = (similarity + 1) / 2
    verified = confidence >= VERIFY_THRESHOLD
    answer = VerifyAnswer(verified, similarity, confidence, _milliseconds_since(started_s))
    return _done(answer, decode_s, computed, [clip])


async def embed_batch(service: Service, body: bytes) -> Done:
    """batch_embedding: one request, one place in the queue."""
    started_s = time.perf_counter()
    decoded = await _decode(service, partial(_decode_batch, body, service.limits))
    decode_s = time.perf_counter() - started_s
    clips = [item for item in decoded if not isinstance(item, RequestRefused)]
    computed = await _compute(service, clips)
    outcomes = iter(computed.value)
    merged = [item if isinstance(item, RequestRefused) else next(outcomes) for item in decoded]
    answer = BatchAnswer(
        [None if isinstance(item, RequestRefused) else item for item in merged],
        [_item_error(item) if isinstance(item, RequestRefused) else None for item in merged],
        _milliseconds_since(started_s),
    )
    return _done(answer, decode_s, computed, clips)


async def prewarm(service: Service, _: bytes) -> Done:
    """prewarm: wait for the model (one that failed to load is tried again), then compute an embedding."""
    started_s = time.perf_counter()
    was_ready = service.model.state is StartupState.READY
    await service.model.settle()
    encoder, loaded = service.model.encoder, service.model.loaded
    initialization_ms = 0.0 if was_ready else _milliseconds_since(started_s)
    try:
        computed = await service.queue.compute(partial(prove, encoder))
    except RequestRefused:
        raise
    except Exception as exc:  # whatever the runtime raises is its failure, not the request's
        raise refuse("model_error", f"{type(exc).__name__}: {exc}") from exc
    answer = PrewarmAnswer(
        was_ready,
        initialization_ms,
        computed.model_s * 1000,
        _milliseconds_since(started_s),
        loaded.source if loaded else "",
        EmbeddingTest([EMBEDDING_SIZE], EMBEDDING_SIZE, success=True),
    )
    return Done(answer, Stages(0.0, computed.queue_s, computed.model_s), computed.index)


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    """Of two vectors that are not zero; scaled first, so that no square overflows or vanishes."""
    a_peak, b_peak = max(map(abs, first)), max(map(abs, second))
    a = [number / a_peak for number in first]
    b = [number / b_peak for number in second]
    product = sum(x * y for x, y in zip(a, b, strict=True))
    return max(-1.0, min(1.0, product / (math.hypot(*a) * math.hypot(*b))))


def _decode_one(body: bytes, limits: Limits, *, verify: bool) -> tuple[ClipRequest, NDArray[np.float32]]:
    request = read_clip_request(body, limits, verify=verify)
    return request, decode_clip(request.audio, request.format.name, request.format.rate_hz, limits)


def _decode_batch(body: bytes, limits: Limits) -> list[NDArray[np.float32] | RequestRefused]:
    request = read_batch_request(body, limits)
    items: list[NDArray[np.float32] | RequestRefused] = []
    audio_s = 0.0
    for index, audio in enumerate(request.audio):
        field = f"audio_samples[{index}]"
        try:
            if audio is None:
                raise refuse("wrong_type", "not a string", field=field)
            clip = decode_clip(audio, request.format.name, request.format.rate_hz, limits, field=field)
        except RequestRefused as refused:
            items.append(refused)
            continue
        items.append(clip)
        audio_s += len(clip) / SAMPLE_RATE_HZ
        if audio_s > limits.batch_s:
            raise refuse("batch_too_long", f"more than {limits.batch_s:g} s of audio")
    return items


async def _decode(service: Service, work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(service.decoders, work)


async def _compute(service: Service, clips: Clips) -> Computed[list[Outcome]]:
    stop = threading.Event()
    try:
        return await service.queue.compute(partial(encode_all, service.model.encoder, clips, stop))
    finally:
        stop.set()


def _only(computed: Computed[list[Outcome]]) -> list[float]:
    (outcome,) = computed.value
    if isinstance(outcome, RequestRefused):
        raise outcome
    return outcome


def _done(
    answer: DataclassInstance, decode_s: float, computed: Computed[list[Outcome]], clips: Clips
) -> Done:
    stages = Stages(decode_s, computed.queue_s, computed.model_s)
    return Done(answer, stages, computed.index, sum(map(len, clips)) / SAMPLE_RATE_HZ)


def _item_error(refused: RequestRefused) -> ItemError:
    return ItemError(refused.code, refused.field, refused.message)


def _milliseconds_since(started_s: float) -> float:
    return (time.perf_counter() - started_s) * 1000
