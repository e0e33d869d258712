"""What a runtime is to the rest of the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jarvis_bench.errors import UsageError, unknown_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMBEDDING_SIZE = 192
RUNTIMES = ("speechbrain", "onnx", "openvino")
# The widest reflected padding is 4 frames, and takes 5 frames of 160 samples to reflect.
SHORTEST_SAMPLES = 640


class Encoder(Protocol):
    """Computes speaker embeddings."""

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clips of one length, float32 `[n, samples]` at 16 kHz in [-1, 1], to embeddings `[n, 192]`.

        A clip's embedding does not depend on the others in the batch.

        Raises:
            UsageError: clips of another shape, or shorter than `SHORTEST_SAMPLES`.
        """


def check_clips(clips: NDArray[np.float32]) -> None:
    """Raise UsageError for clips that no runtime can embed."""
    if clips.ndim != 2 or clips.shape[0] == 0 or clips.shape[1] < SHORTEST_SAMPLES:
        raise UsageError(f"clips have shape {clips.shape}: wanted [n, {SHORTEST_SAMPLES} samples or more]")


def import_runtime(runtime: str) -> None:
    """Import what the runtime needs, and nothing of any other runtime.

    Raises:
        UsageError: no such runtime.
        MissingExtra: its packages are not installed.
    """
    _encoder_class(runtime)


def open_encoder(runtime: str, model: Path, *, threads: int) -> Encoder:
    """Load a model into a runtime.

    Args:
        runtime: a name in `RUNTIMES`.
        model: what `exported.model_path` gives for the runtime: a folder in SpeechBrain's layout, or a graph.
        threads: how many threads a single call may use.

    Raises:
        UsageError: no such runtime, or no such model.
    """
    return _encoder_class(runtime)(model, threads=threads)


def _encoder_class(runtime: str) -> Callable[..., Encoder]:
    if runtime == "speechbrain":
        from jarvis_bench.ecapa.speechbrain_runtime import SpeechBrainEncoder

        return SpeechBrainEncoder
    if runtime == "onnx":
        from jarvis_bench.ecapa.onnx_runtime import OnnxEncoder

        return OnnxEncoder
    if runtime == "openvino":
        from jarvis_bench.ecapa.openvino_runtime import OpenVinoEncoder

        return OpenVinoEncoder
    raise unknown_name("runtime", runtime, RUNTIMES)
