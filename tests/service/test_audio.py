"""Raw PCM in base64 becomes a clip, or is refused with the reason."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jarvis_bench.errors import RequestRefused
from jarvis_bench.service.audio import decode_clip
from jarvis_bench.service.limits import Limits

from .running import as_float32, as_int16, speech


def test_int16_spans_minus_one_to_one() -> None:
    """The most negative sample is -1, the most positive just below 1."""
    pcm = np.resize(np.array([-32768, 32767, 0], dtype=np.float32), 3000) / np.float32(32768)
    clip = decode_clip(as_int16(pcm), "int16", 16_000, Limits())
    assert clip.dtype == np.float32
    assert clip.min() == -1
    assert clip.max() == np.float32(32767 / 32768)


def test_float32_is_kept_as_it_is() -> None:
    """Within [-1, 1] nothing is changed."""
    samples = speech()
    assert np.array_equal(decode_clip(as_float32(samples), "float32", 16_000, Limits()), samples)


@pytest.mark.parametrize("peak", [1.5, 32768.0, 3e38])
def test_louder_float32_is_scaled_to_a_peak_of_one(peak: float) -> None:
    """As upstream does; also where squares of the samples would overflow."""
    samples = speech() / np.abs(speech()).max()
    clip = decode_clip(as_float32(samples * np.float32(peak)), "float32", 16_000, Limits())
    assert np.allclose(clip, samples, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("seconds", [0.1, 30.0])
def test_limits_of_length_hold_at_every_rate(rate_hz: int, seconds: float) -> None:
    """0.1 s and 30 s are served."""
    samples = speech(math.ceil(seconds * rate_hz) / rate_hz, rate_hz=rate_hz)
    clip = decode_clip(as_int16(samples), "int16", rate_hz, Limits())
    assert abs(len(clip) / 16_000 - seconds) < 0.001


def test_one_sample_too_many_is_too_long() -> None:
    """The limit is exact."""
    with pytest.raises(RequestRefused) as caught:
        decode_clip(as_int16(np.zeros(30 * 16_000 + 1, np.float32)), "int16", 16_000, Limits())
    assert caught.value.code == "clip_too_long"
