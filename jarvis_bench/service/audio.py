"""From the audio of a request, base64 of raw PCM without a header, to a clip that the model takes."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.refusals import refuse
from jarvis_bench.service.resampling import resample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_BYTES = {"float32": 4, "int16": 2}


def decode_clip(
    audio: str, format_: str, rate_hz: int, limits: Limits, *, field: str = "audio_data"
) -> NDArray[np.float32]:
    """A clip, float32 `[n]` at 16 kHz in [-1, 1].

    int16 is divided by 32768. float32 that peaks above 1 is scaled to a peak of 1, as upstream does.

    Args:
        audio: base64 of little-endian samples.
        format_: `int16` or `float32`.
        rate_hz: sample rate.
        limits: how long a clip may be.
        field: the field to name where the audio is wrong.

    Raises:
        RequestRefused: the audio cannot be used; the code says why.
    """
    content = _decode_base64(audio, field)
    seconds = len(content) / SAMPLE_BYTES[format_] / rate_hz
    if not content:
        raise refuse("empty_audio", "there are no samples", field=field)
    if len(content) % SAMPLE_BYTES[format_]:
        reason = f"{len(content)} bytes are no whole number of {format_} samples"
        raise refuse("odd_byte_count", reason, field=field)
    if seconds > limits.clip_max_s:
        reason = f"{seconds:.1f} s is longer than {limits.clip_max_s:g} s"
        raise refuse("clip_too_long", reason, field=field)
    if seconds < limits.clip_min_s:
        reason = f"{seconds:.3f} s is shorter than {limits.clip_min_s:g} s"
        raise refuse("clip_too_short", reason, field=field)
    return resample(_samples(content, format_, field), rate_hz, SAMPLE_RATE_HZ)


def _decode_base64(audio: str, field: str) -> bytes:
    try:
        return base64.b64decode(audio.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as exc:
        raise refuse("invalid_base64", f"not base64 ({exc})"[:200], field=field) from exc


def _samples(content: bytes, format_: str, field: str) -> NDArray[np.float32]:
    import numpy as np

    if format_ == "int16":
        return np.frombuffer(content, dtype="<i2").astype(np.float32) / np.float32(32768)
    samples = np.frombuffer(content, dtype="<f4").astype(np.float32)
    if not np.isfinite(samples).all():
        raise refuse("not_finite", "a sample is NaN or infinite", field=field)
    peak = np.abs(samples).max()
    return samples / peak if peak > 1 else samples
