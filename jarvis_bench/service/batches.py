"""Compute many clips: equal lengths together where that is quicker, each alone where it is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.ecapa.encoder import Encoder
from jarvis_bench.errors import RequestRefused
from jarvis_bench.service.model import checked
from jarvis_bench.service.refusals import refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Below this length a clip's own work is small beside the fixed cost of a call (`make bench-service`).
PAYS_BELOW_S = 1.0
TOGETHER = 8

Outcome = list[float] | RequestRefused


def plan_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of the clips to compute together; padding would change an embedding, so lengths are equal.

    Args:
        lengths: in samples at 16 kHz.
    """
    by_length: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        by_length.setdefault(length, []).append(index)
    for length, indices in by_length.items():
        size = TOGETHER if length < PAYS_BELOW_S * SAMPLE_RATE_HZ else 1
        yield from (indices[start : start + size] for start in range(0, len(indices), size))


def encode_all(
    encoder: Encoder, clips: Sequence[NDArray[np.float32]], stop: threading.Event
) -> list[Outcome]:
    """An embedding, or why there is none, for each clip.

    Args:
        encoder: computes.
        clips: float32 `[n]` each, of any length.
        stop: set when nobody waits any more; what is left is then not computed.
    """
    import numpy as np

    outcomes: list[Outcome] = [refuse("model_error", "not computed")] * len(clips)
    for indices in plan_batches([len(clip) for clip in clips]):
        if stop.is_set():
            break
        try:
            found = checked(encoder.encode(np.stack([clips[index] for index in indices])), len(indices))
        except Exception as exc:  # the others shall have theirs
            for index in indices:
                outcomes[index] = refuse("model_error", f"{type(exc).__name__}: {exc}")
            continue
        for index, embedding in zip(indices, found, strict=True):
            outcomes[index] = embedding.astype(float).tolist()
    return outcomes
