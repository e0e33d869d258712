"""The reference runtime: exactly what SpeechBrain's own pretrained interface computes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.pure_torchaudio import use_pure_torchaudio
from jarvis_bench.errors import MissingExtra, UsageError

use_pure_torchaudio()
try:
    import torch
    from speechbrain.inference.classifiers import EncoderClassifier
    from speechbrain.utils.fetching import LocalStrategy
except ModuleNotFoundError as exc:
    raise MissingExtra("speechbrain and torch", "local") from exc

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def load_classifier(weights: Path) -> EncoderClassifier:
    """The model of a folder, by SpeechBrain's own loader.

    Raises:
        UsageError: the folder holds no model in SpeechBrain's layout.
    """
    logging.getLogger("speechbrain").setLevel(logging.WARNING)
    if not (weights / "hyperparams.yaml").is_file():
        raise UsageError(f"{weights} has no hyperparams.yaml: not a model in SpeechBrain's layout")
    return EncoderClassifier.from_hparams(
        source=str(weights), savedir=str(weights), local_strategy=LocalStrategy.NO_LINK
    )


class SpeechBrainEncoder:
    """`EncoderClassifier.encode_batch` in inference mode.

    Args:
        weights: folder in SpeechBrain's layout (`hyperparams.yaml`, `embedding_model.ckpt`, …).
        threads: intra-op threads of torch.

    Raises:
        UsageError: the folder holds no loadable model.
    """

    def __init__(self, weights: Path, *, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = load_classifier(weights)

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clips of one length `[n, samples]` to embeddings `[n, 192]`."""
        with torch.inference_mode():
            embeddings = self._model.encode_batch(torch.from_numpy(clips))
        result: NDArray[np.float32] = embeddings.squeeze(1).numpy()
        return result
