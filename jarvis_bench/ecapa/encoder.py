"""What a runtime is to the rest of the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jarvis_bench.ecapa.allocator import TRIM_ABOVE_SAMPLES, return_large_blocks, trim_heap
from jarvis_bench.errors import UsageError, unknown_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMBEDDING_SIZE = 192
RUNTIMES = ("speechbrain", "onnx", "openvino")
MALLOC = ("own", "plain", "tuned")
TUNED_BY_ITSELF, TRIMMED = "onnx", "speechbrain"
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


class TrimmingEncoder:
    """Another encoder that gives back what a long clip leaves in the heap.

    Args:
        encoder: the other.
        fix_thresholds: whether blocks of a long clip are mapped apart, too. With torch that costs a tenth of the time
            of clips of 10 s and more, trimming alone a twentieth.
    """

    def __init__(self, encoder: Encoder, *, fix_thresholds: bool) -> None:
        if fix_thresholds:
            return_large_blocks()
        self._encoder = encoder

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """As the other does; what a long clip leaves in the heap is given back."""
        embeddings = self._encoder.encode(clips)
        if clips.size > TRIM_ABOVE_SAMPLES:
            trim_heap()
        return embeddings


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
    encoder_class(runtime)


def open_encoder(runtime: str, model: Path, *, threads: int, malloc: str = "own") -> Encoder:
    """Load a model into a runtime.

    Args:
        runtime: a name in `RUNTIMES`.
        model: what `exported.model_path` gives for the runtime: a folder in SpeechBrain's layout, or a graph.
        threads: how many threads a single call may use.
        malloc: a name in `MALLOC`: `own`, as the runtime does it best; `plain`, as the C library comes; `tuned`,
            giving the memory of long clips back.

    Raises:
        UsageError: no such runtime, no such model, or no such setting of malloc.
    """
    if malloc not in MALLOC:
        raise unknown_name("setting of malloc", malloc, MALLOC)
    encoder = encoder_class(runtime)
    if runtime == TUNED_BY_ITSELF:
        return encoder(model, threads=threads, tune_malloc=malloc != "plain")
    opened = encoder(model, threads=threads)
    if malloc == "tuned" or (malloc == "own" and runtime == TRIMMED):
        return TrimmingEncoder(opened, fix_thresholds=malloc == "tuned")
    return opened


def encoder_class(runtime: str) -> Callable[..., Encoder]:
    """The class of a runtime; its packages are imported.

    Raises:
        UsageError: no such runtime.
        MissingExtra: its packages are not installed.
    """
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
