"""SpeechBrain's front end as constants: STFT kernels, mel filters, and what follows them.

Source: speechbrain/processing/features.py (STFT, Filterbank, InputNormalization) and speechbrain/lobes/features.py,
version 1.1. The window is torch's, periodic; the clip is padded with zeros by half a window on both sides;
power spectrum; triangular filters of equal width in mel; 10·log10 not below `floor`, and not more than `top_db`
below the clip's own maximum; each filter's mean over the clip is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOWS = {"hamming": (0.54, 0.46), "hann": (0.5, 0.5)}


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """Everything that decides the features; the defaults are those of spkrec-ecapa-voxceleb.

    Args:
        window: `hamming` or `hann`.
        window_samples: length of a frame, and of its transform.
        hop_samples: distance between frames.
        low_hz: where the lowest filter begins.
        high_hz: where the highest filter ends.
        filters: how many.
        floor: smallest power that is told apart from silence.
        top_db: dynamic range kept below the clip's maximum; None for all of it.
        std_norm: whether each filter's standard deviation over the clip is made 1, too.
    """

    window: str = "hamming"
    sample_rate_hz: int = 16_000
    window_samples: int = 400
    hop_samples: int = 160
    low_hz: float = 0.0
    high_hz: float = 8000.0
    filters: int = 80
    floor: float = 1e-10
    top_db: float | None = 80.0
    std_norm: bool = False

    def frames(self, samples: int) -> int:
        """How many frames a clip of so many samples has."""
        return samples // self.hop_samples + 1


def stft_kernels(front_end: FrontEnd) -> NDArray[np.float32]:
    """The windowed cosines, then sines, of a transform as a convolution: `[2·bins, 1, window_samples]`."""
    size = front_end.window_samples
    bins, samples = np.arange(size // 2 + 1), np.arange(size)
    # The product is reduced first, so that large arguments cost no accuracy.
    phase = 2 * np.pi * (np.outer(bins, samples) % size) / size
    waves = np.concatenate([np.cos(phase), np.sin(phase)]) * window(front_end)
    return np.ascontiguousarray(waves[:, None, :].astype(np.float32))


def window(front_end: FrontEnd) -> NDArray[np.float64]:
    """The periodic window, `[window_samples]`."""
    offset, height = WINDOWS[front_end.window]
    size = front_end.window_samples
    return np.asarray(offset - height * np.cos(2 * np.pi * np.arange(size) / size))


def mel_filters(front_end: FrontEnd) -> NDArray[np.float32]:
    """Triangles over the bins of the power spectrum, `[filters, bins]`.

    As in SpeechBrain, both sides of a triangle have the width of its lower side.
    """
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (front_end.low_hz, front_end.high_hz))
    edges_hz = 700 * (10 ** (np.linspace(low, high, front_end.filters + 2) / 2595) - 1)
    widths_hz = np.diff(edges_hz)[:-1, None]
    bins_hz = np.linspace(0, front_end.sample_rate_hz // 2, front_end.window_samples // 2 + 1)
    slope = (bins_hz - edges_hz[1:-1, None]) / widths_hz
    return np.ascontiguousarray(np.maximum(0, np.minimum(1 + slope, 1 - slope)).astype(np.float32))
