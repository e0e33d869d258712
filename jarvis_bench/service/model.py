"""The model behind the service: loaded in the background, ready once it has computed a real embedding."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE, Encoder
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.refusals import refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROOF_S = 3.0
PROOF_SEED = 192


class StartupState(StrEnum):
    """Upstream's words for how far the start-up is."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in a runtime, and what it took to get there.

    `source` says where the weights are from (`pretrained` or `seeded`); `sha256` is theirs.
    """

    encoder: Encoder
    runtime: str
    source: str
    sha256: str
    import_s: float
    load_s: float


Loader = Callable[[InferenceThread], Awaitable[LoadedModel]]


class Model:
    """Loads, proves and hands out the encoder.

    Args:
        load: gets the model; whatever takes long is to be done in the thread that it is given.
        thread: where the runtime lives.
    """

    def __init__(self, load: Loader, thread: InferenceThread) -> None:
        self._load = load
        self._thread = thread
        self._wanted = asyncio.Event()
        self._settled = asyncio.Event()
        self.state = StartupState.PENDING
        self.attempts = 0
        self.last_error: str | None = None
        self.loaded: LoadedModel | None = None
        self.first_inference_s: float | None = None
        self.startup_s: float | None = None

    @property
    def encoder(self) -> Encoder:
        """The encoder of a ready model.

        Raises:
            RequestRefused: `model_loading` or `model_not_loaded`.
        """
        if self.state is StartupState.FAILED:
            raise refuse("model_not_loaded", f"the model could not be loaded ({self.last_error})")
        if self.state is not StartupState.READY or self.loaded is None:
            raise refuse("model_loading", "the model is being loaded")
        return self.loaded.encoder

    async def keep_loaded(self) -> None:
        """Load now, and again whenever `settle` asks for it after a failure; runs until cancelled."""
        while True:
            await self._attempt()
            self._settled.set()
            await self._wanted.wait()
            self._wanted.clear()

    async def settle(self) -> None:
        """Wait until loading succeeded or failed; a failed one is tried again, once."""
        if self.state is StartupState.FAILED:
            self._settled.clear()
            self._wanted.set()
        await self._settled.wait()

    async def _attempt(self) -> None:
        self.state = StartupState.INITIALIZING
        self.attempts += 1
        started_s = time.perf_counter()
        try:
            loaded = await self._load(self._thread)
            proof_s = await self._thread.submit(lambda: prove(loaded.encoder))
        except Exception as exc:  # the service lives on and says so
            self.last_error = f"{type(exc).__name__}: {exc}"
            self.state = StartupState.FAILED
            return
        self.loaded, self.first_inference_s = loaded, proof_s
        self.startup_s = time.perf_counter() - started_s
        self.last_error, self.state = None, StartupState.READY


def prove(encoder: Encoder) -> float:
    """Compute a first real embedding; returns seconds.

    Raises:
        NothingMeasured: it is not 192 finite numbers, or does not depend on the clip.
    """
    started_s = time.perf_counter()
    first = checked(encoder.encode(_noise(PROOF_SEED, PROOF_S)), 1)
    seconds = time.perf_counter() - started_s
    if (first == checked(encoder.encode(_noise(PROOF_SEED + 1, 1.0)), 1)).all():
        raise NothingMeasured("two unlike clips have one and the same embedding")
    return seconds


def checked(embeddings: NDArray[np.float32], clips: int) -> NDArray[np.float32]:
    """The embeddings, if they are `[clips, 192]` finite numbers.

    Raises:
        NothingMeasured: they are not.
    """
    import numpy as np

    if embeddings.shape != (clips, EMBEDDING_SIZE):
        raise NothingMeasured(f"the runtime gave shape {embeddings.shape}, not ({clips}, {EMBEDDING_SIZE})")
    if not np.isfinite(embeddings).all():
        raise NothingMeasured("the runtime gave numbers that are not finite")
    return embeddings


def _noise(seed: int, seconds: float) -> NDArray[np.float32]:
    """A clip of the same noise every time, float32 `[1, n]`, at a tenth of full scale."""
    import numpy as np

    samples = np.random.default_rng(seed).standard_normal((1, int(seconds * SAMPLE_RATE_HZ)))
    return (samples * 0.1).astype(np.float32)
