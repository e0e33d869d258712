"""Bring a clip to 16 kHz.

Upstream interpolates linearly, which folds everything above 8 kHz back into the band that the model hears.
Here the clip's spectrum is cut at the lower of the two Nyquist frequencies (an FFT of the whole clip, then an
inverse one of another length): what lies below is kept exactly, what lies above is gone. An FFT takes the
clip for periodic, so silence is put behind it; that also makes its length a whole number of periods of
both rates. Numpy alone; 30 s at 48 kHz take some 0.1 s.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SILENCE_S = 0.05


def resample(samples: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Samples `[n]` at `from_hz` to `[round(n · to_hz / from_hz)]` at `to_hz`, band-limited."""
    import numpy as np

    if from_hz == to_hz:
        return samples
    wanted = max(1, round(len(samples) * to_hz / from_hz))
    step = from_hz // math.gcd(from_hz, to_hz)
    length = math.ceil((len(samples) + SILENCE_S * from_hz) / step) * step
    target = length * to_hz // from_hz
    spectrum = np.fft.rfft(samples, n=length)
    kept = min(length, target) // 2
    cut = np.zeros(target // 2 + 1, dtype=spectrum.dtype)
    cut[:kept] = spectrum[:kept]
    result = np.fft.irfft(cut, n=target)[:wanted] * (target / length)
    return result.astype(np.float32)
