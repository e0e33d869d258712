"""Weights of the right architecture for machines that cannot get the pretrained ones.

Raw random weights map every clip to nearly one vector, so that any accuracy check would pass. Here the
batch-norm statistics are calibrated on speech (one pass in training mode), which spreads unlike clips
far apart. Latency and RAM are those of the real model; identities mean nothing.

Architecture: the public hyper-parameters of speechbrain/spkrec-ecapa-voxceleb (channels 4 x 1024 + 3072,
kernels 5-3-3-3-1, dilations 1-2-3-4-1, attention 128, 192 outputs; 7205 speakers in the classifier).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.ecapa.pure_torchaudio import use_pure_torchaudio

SEED = 20251227
WINDOW_S = 3
HYPERPARAMS = """\
# Seeded weights: the architecture of speechbrain/spkrec-ecapa-voxceleb, not its training.
compute_features: !new:speechbrain.lobes.features.Fbank
    n_mels: 80
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: sentence
    std_norm: false
embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN
    input_size: 80
    channels: [1024, 1024, 1024, 1024, 3072]
    kernel_sizes: [5, 3, 3, 3, 1]
    dilations: [1, 2, 3, 4, 1]
    groups: [1, 1, 1, 1, 1]
    attention_channels: 128
    lin_neurons: 192
classifier: !new:speechbrain.lobes.models.ECAPA_TDNN.Classifier
    input_size: 192
    out_neurons: 7205
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
    classifier: !ref <classifier>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        embedding_model: !ref <embedding_model>
        classifier: !ref <classifier>
"""


def make_seeded_weights(folder: Path, data_dir: Path) -> None:
    """Write a model folder in SpeechBrain's layout; complete or not at all, also with two makers at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        (work / "hyperparams.yaml").write_text(HYPERPARAMS, encoding="utf-8")
        _write_checkpoints(work, load_clips(data_dir, (3.0, 10.0, 30.0)))
        work.chmod(0o755)
        if folder.exists() and not (folder / "embedding_model.ckpt").is_file():
            shutil.rmtree(
                folder
            )  # what some earlier accident left; never complete, since folders are moved whole
        if not folder.exists():
            work.replace(folder)
    except OSError:
        # Another maker was quicker: its folder is complete, ours is not needed.
        if not (folder / "hyperparams.yaml").is_file():
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_checkpoints(folder: Path, clips: Sequence[Clip]) -> None:
    use_pure_torchaudio()
    import torch
    from hyperpyyaml import load_hyperpyyaml

    torch.manual_seed(SEED)
    model = load_hyperpyyaml(HYPERPARAMS)
    windows = torch.stack([torch.from_numpy(window) for clip in clips for window in _windows(clip)])
    lengths = torch.ones(len(windows))
    with torch.inference_mode():
        features = model["mean_var_norm"](model["compute_features"](windows), lengths)
        network = model["embedding_model"].train()
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                module.momentum = 1.0  # the statistics of this one batch, not a running mean
        network(features, lengths)
    torch.save(network.eval().state_dict(), folder / "embedding_model.ckpt")
    torch.save(model["classifier"].state_dict(), folder / "classifier.ckpt")


def _windows(clip: Clip) -> list[object]:
    """At most two windows of `WINDOW_S` seconds from each clip, from its start and its end."""
    size = WINDOW_S * 16_000
    starts = sorted({0, len(clip.samples) - size})
    return [clip.samples[start : start + size] for start in starts]


if __name__ == "__main__":
    end_with_parent()
    make_seeded_weights(Path(sys.argv[1]), Path(sys.argv[2]))
