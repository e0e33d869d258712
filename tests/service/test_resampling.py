"""Resampling keeps what the model can hear and drops what it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.service.resampling import resample


def _tone(frequency_hz: float, rate_hz: int, seconds: float = 1.0) -> NDArray[np.float32]:
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    # Faded in and out, as speech is: an edge has all frequencies.
    return (np.sin(2 * np.pi * frequency_hz * times) * np.hanning(len(times))).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 24_000, 44_100, 47_999, 48_000])
@pytest.mark.parametrize("frequency_hz", [100.0, 1000.0, 3500.0])
def test_tone_in_the_band_is_kept(rate_hz: int, frequency_hz: float) -> None:
    """Within a thousandth, whatever the rate."""
    found = resample(_tone(frequency_hz, rate_hz), rate_hz, 16_000)
    assert found.dtype == np.float32
    assert len(found) == 16_000
    assert np.abs(found - _tone(frequency_hz, 16_000)).max() < 1e-3


@pytest.mark.parametrize("frequency_hz", [8_500.0, 10_000.0, 15_000.0])
def test_tone_above_the_band_is_gone(frequency_hz: float) -> None:
    """It does not come back as another tone: 60 dB down, where interpolating linearly leaves it almost whole."""
    tone = _tone(frequency_hz, 48_000)
    assert np.abs(resample(tone, 48_000, 16_000)).max() < 1e-3
    linear = np.interp(np.arange(0, len(tone), 3), np.arange(len(tone)), tone)
    assert np.abs(linear).max() > 0.5


def test_the_end_of_a_clip_does_not_leak_into_its_start() -> None:
    """The transform takes the clip for periodic; what stands behind it keeps the ends apart."""
    samples = np.zeros(48_000, dtype=np.float32)
    samples[-100:] = 1
    assert np.abs(resample(samples, 48_000, 16_000)[:1_000]).max() < 0.01


def test_equal_rates_change_nothing() -> None:
    """16 kHz is passed through."""
    samples = _tone(440.0, 16_000)
    assert resample(samples, 16_000, 16_000) is samples
