"""What a runtime is to the rest of the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jarvis_bench.errors import unknown_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMBEDDING_SIZE = 192
RUNTIMES = ("speechbrain",)


class Encoder(Protocol):
    """Computes speaker embeddings."""

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clips of one length, float32 `[n, samples]` at 16 kHz in [-1, 1], to embeddings `[n, 192]`."""


def import_runtime(runtime: str) -> None:
    """Import what the runtime needs, and nothing of any other runtime."""
    if runtime not in RUNTIMES:
        raise unknown_name("runtime", runtime, RUNTIMES)
    import jarvis_bench.ecapa.speechbrain_runtime  # noqa: F401  imported for its cost


def open_encoder(runtime: str, weights: Path, *, threads: int) -> Encoder:
    """Load the weights into a runtime.

    Args:
        runtime: a name in `RUNTIMES`.
        weights: a folder in SpeechBrain's layout.
        threads: how many threads a single call may use.
    """
    if runtime not in RUNTIMES:
        raise unknown_name("runtime", runtime, RUNTIMES)
    from jarvis_bench.ecapa.speechbrain_runtime import SpeechBrainEncoder

    return SpeechBrainEncoder(weights, threads=threads)
