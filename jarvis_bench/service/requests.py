"""From a request's JSON to a frozen request; every mistake names its field."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE
from jarvis_bench.service.audio import SAMPLE_BYTES
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.refusals import refuse


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What the samples are: `name` is `int16` or `float32`."""

    name: str
    rate_hz: int


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """One clip, still in base64; `reference` is the embedding to verify against, where one is asked for."""

    audio: str
    format: AudioFormat
    reference: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """Clips of one format; an item that is no string is kept as None and fails alone."""

    audio: tuple[str | None, ...]
    format: AudioFormat


def read_clip_request(body: bytes, limits: Limits, *, verify: bool = False) -> ClipRequest:
    """The request of speaker_embedding, or of speaker_verify; other fields (`test_mode`) are ignored."""
    fields = read_object(body)
    audio = _text(fields, "audio_data")
    reference = _reference(fields) if verify else ()
    return ClipRequest(audio, _format(fields, limits), reference)


def read_batch_request(body: bytes, limits: Limits) -> BatchRequest:
    """The request of batch_embedding."""
    fields = read_object(body)
    items = _required(fields, "audio_samples")
    if not isinstance(items, list):
        raise refuse("wrong_type", f"{_kind(items)}, not a list", field="audio_samples")
    if not items:
        raise refuse("empty_batch", "there are no clips")
    if len(items) > limits.batch_items:
        raise refuse("too_many_clips", f"{len(items)} clips are more than {limits.batch_items}")
    audio = tuple(item if isinstance(item, str) else None for item in items)
    return BatchRequest(audio, _format(fields, limits))


def read_object(body: bytes) -> Mapping[str, object]:
    """The body as a JSON object; stricter than Python, which also takes NaN."""
    try:
        fields = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as exc:
        raise refuse("invalid_json", f"not JSON ({exc})"[:200]) from exc
    if not isinstance(fields, dict):
        raise refuse("wrong_type", f"{_kind(fields)}, not an object", field="body")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _required(fields: Mapping[str, object], name: str) -> object:
    if name not in fields:
        raise refuse("missing_field", "missing", field=name)
    return fields[name]


def _text(fields: Mapping[str, object], name: str) -> str:
    value = _required(fields, name)
    if not isinstance(value, str):
        raise refuse("wrong_type", f"{_kind(value)}, not a string", field=name)
    return value


def _format(fields: Mapping[str, object], limits: Limits) -> AudioFormat:
    name = fields.get("format", "float32")
    if not isinstance(name, str):
        raise refuse("wrong_type", f"{_kind(name)}, not a string", field="format")
    if name not in SAMPLE_BYTES:
        raise refuse("unknown_format", f"{name[:40]!r} is neither 'float32' nor 'int16'")
    rate = fields.get("sample_rate", SAMPLE_RATE_HZ)
    if isinstance(rate, bool) or not isinstance(rate, int | float):
        raise refuse("wrong_type", f"{_kind(rate)}, not a number", field="sample_rate")
    if not limits.rate_min_hz <= rate <= limits.rate_max_hz or rate != int(rate):
        bounds = f"{limits.rate_min_hz} … {limits.rate_max_hz} Hz"
        raise refuse("bad_sample_rate", f"not a whole number within {bounds}")
    return AudioFormat(name, int(rate))


def _reference(fields: Mapping[str, object]) -> tuple[float, ...]:
    name = "reference_embedding"
    values = _required(fields, name)
    if not isinstance(values, list):
        raise refuse("wrong_type", f"{_kind(values)}, not a list", field=name)
    for index, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refuse("wrong_type", f"{_kind(value)}, not a number", field=f"{name}[{index}]")
    if len(values) != EMBEDDING_SIZE:
        raise refuse("bad_reference", f"{len(values)} numbers, not {EMBEDDING_SIZE}")
    try:
        numbers = tuple(float(value) for value in values)
    except OverflowError as exc:
        raise refuse("not_finite", "a number is too large", field=name) from exc
    if not all(map(math.isfinite, numbers)):
        raise refuse("not_finite", "a number is not finite", field=name)
    if not any(numbers):
        raise refuse("bad_reference", "all numbers are zero: no direction to compare with")
    return numbers


def _kind(value: object) -> str:
    """The value's JSON type in words."""
    if value is None:
        return "null"
    kinds = {"bool": "a boolean", "str": "a string", "list": "a list", "dict": "an object"}
    return kinds.get(type(value).__name__, "a number")
