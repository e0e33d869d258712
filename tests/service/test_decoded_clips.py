"""What the service makes of a clip is what the model makes of the clip itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.service.audio import decode_clip
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.operations import cosine
from jarvis_bench.settings import Settings

from .running import as_float32, as_int16

pytestmark = pytest.mark.model


@pytest_asyncio.fixture
async def model(weights: Weights) -> AsyncIterator[ModelProcess]:
    """The reference runtime."""
    async with ModelProcess(weights, threads=1) as process:
        await process.load()
        yield process


def _upsampled(samples: NDArray[np.float32], times: int) -> NDArray[np.float32]:
    """The same band-limited signal at a higher rate, by putting zeros behind its spectrum."""
    spectrum = np.fft.rfft(samples.astype(float))
    return (np.fft.irfft(spectrum, n=len(samples) * times) * times).astype(np.float32)


def _faded(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Begins and ends in silence: a clip cut off at full voice has a jump, which no rate holds exactly."""
    fade = np.sin(np.linspace(0, np.pi / 2, 800, dtype=np.float32)) ** 2
    faded = samples.copy()
    faded[:800] *= fade
    faded[-800:] *= fade[::-1]
    return np.round(faded * 32768) / np.float32(32768)


async def test_formats_and_rates_give_the_clips_own_embedding(model: ModelProcess) -> None:
    """int16 and float32, 16 and 48 kHz: cosine at least 0.9999 for every language's clip."""
    for clip in load_clips(Settings().data_dir, [1.0]):
        whole = _faded(clip.samples)
        own = (await model.embed(whole)).vector.tolist()
        peak = np.float32(max(1.0, np.abs(_upsampled(whole, 3)).max()))
        forms = {
            "int16 at 16 kHz": decode_clip(as_int16(whole), "int16", 16_000, Limits()),
            "float32 at 16 kHz": decode_clip(as_float32(whole), "float32", 16_000, Limits()),
            "float32 at 48 kHz": decode_clip(
                as_float32(_upsampled(whole, 3) / peak), "float32", 48_000, Limits()
            ),
        }
        for form, samples in forms.items():
            found = (await model.embed(samples)).vector.tolist()
            assert cosine(own, found) >= 0.9999, (clip.name, form)


async def test_extreme_clips_have_finite_embeddings(model: ModelProcess) -> None:
    """Silence, full scale, the shortest clip: whatever passes the limits is computed (the worker checks)."""
    rng = np.random.default_rng(5)
    shortest = rng.uniform(-1, 1, 1600).astype(np.float32)
    for samples in (np.zeros(1600, np.float32), np.ones(16_000, np.float32), shortest, shortest * 1e-30):
        assert (await model.embed(samples)).vector.shape == (192,)
