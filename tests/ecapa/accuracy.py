"""The accuracy gate: how far a runtime's embeddings are from those of the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ, Clip
from jarvis_bench.ecapa.encoder import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTHS_S = (0.5, 1.0, 3.0, 10.0, 30.0)
BOTH_UP_TO_S = 3.0
ONNX_GATE, BF16_GATE, UNLIKE_GATE = 0.99999, 0.9999, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """The start of a clip, as float32 or rounded to int16; `samples` is `[1, n]`."""

    clip: str
    seconds: float
    kind: str
    samples: NDArray[np.float32]


def crops(clips: Sequence[Clip], lengths_s: Sequence[float] = LENGTHS_S) -> list[Crop]:
    """Every clip at every length that it has, softened by a factor that int16 cannot hold, and rounded to int16.

    Of lengths above `BOTH_UP_TO_S`, which take the most time, every other clip as the one and the rest as the other.
    """
    found = []
    for seconds in lengths_s:
        long_enough = [clip for clip in clips if clip.seconds >= seconds]
        for number, clip in enumerate(long_enough):
            exact = (clip.samples[None, : int(seconds * SAMPLE_RATE_HZ)] * 0.7).astype(np.float32)
            rounded = (np.round(exact * 32768) / 32768).astype(np.float32)
            both = [Crop(clip.name, seconds, "float32", exact), Crop(clip.name, seconds, "int16", rounded)]
            found += both if seconds <= BOTH_UP_TO_S else [both[number % 2]]
    return found


def embed(encoder: Encoder, wanted: Sequence[Crop]) -> NDArray[np.float64]:
    """Embeddings `[crops, 192]`, one clip a call."""
    return np.concatenate([encoder.encode(crop.samples) for crop in wanted]).astype(np.float64)


def cosines(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row by row."""
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return np.asarray((left * right).sum(axis=1) / lengths)


def worst(reference: NDArray[np.float64], answers: NDArray[np.float64]) -> float:
    """The smallest cosine to the reference, as it is and after subtracting the reference's mean embedding."""
    mean = reference.mean(axis=0)
    pairs = ((reference, answers), (reference - mean, answers - mean))
    return float(min(cosines(left, right).min() for left, right in pairs))
