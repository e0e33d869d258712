"""The reference's answers, computed once for all tests of the gate."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.ecapa.encoder import Encoder, open_encoder
from jarvis_bench.ecapa.exported import Export, find_export
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.settings import CHECKOUT

from .accuracy import Crop, crops, embed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@pytest.fixture(scope="session")
def clips() -> tuple[Clip, ...]:
    """All clips of `data/`."""
    return load_clips(CHECKOUT / "data")


@pytest.fixture(scope="session")
def exported(weights: Weights) -> Export:
    """The graph of the seeded weights; made by the first test that wants it, some 5 s."""
    return asyncio.run(find_export(weights))


@pytest.fixture(scope="session")
def speechbrain(weights: Weights) -> Encoder:
    """The reference runtime."""
    return open_encoder("speechbrain", weights.folder, threads=2)


@pytest.fixture(scope="session")
def all_crops(clips: tuple[Clip, ...]) -> list[Crop]:
    """What the gate is made of."""
    return crops(clips)


@pytest.fixture(scope="session")
def reference(speechbrain: Encoder, all_crops: list[Crop]) -> NDArray[np.float64]:
    """The reference's embeddings of `all_crops`, some 20 s."""
    return embed(speechbrain, all_crops)
