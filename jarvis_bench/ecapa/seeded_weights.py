"""Weights of the right architecture for machines that cannot get the pretrained ones.

Raw random weights map every clip to nearly one vector, so that any accuracy check would pass. Here the
batch-norm statistics are calibrated on speech of every length, and the last layer is whitened: the clips'
pooled statistics are centred, and their principal directions made equally strong, so that unlike clips lie
far apart. Latency and RAM are those of the real model; identities mean nothing.

Architecture: the public hyper-parameters of speechbrain/spkrec-ecapa-voxceleb (channels 4 x 1024 + 3072,
kernels 5-3-3-3-1, dilations 1-2-3-4-1, attention 128, 192 outputs; 7205 speakers in the classifier).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ, Clip, load_clips
from jarvis_bench.ecapa.pure_torchaudio import use_pure_torchaudio

if TYPE_CHECKING:
    from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN
    from torch import Tensor

SEED = 20251227
# Bump when the calibration below changes: the cache folder is named after it.
CALIBRATION = 2
# The weakest direction that is made as strong as the others, relative to the strongest.
WEAKEST = 0.07
CROPS_S = (0.5, 1.0, 3.0, 10.0, 30.0)
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
        _write_checkpoints(work, load_clips(data_dir))
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
    network = model["embedding_model"]
    with torch.inference_mode():
        batches = [
            model["mean_var_norm"](model["compute_features"](crops), torch.ones(len(crops)))
            for crops in _crops(clips)
        ]
        _calibrate(network, batches)
        _whiten(network, batches)
    torch.save(network.state_dict(), folder / "embedding_model.ckpt")
    torch.save(model["classifier"].state_dict(), folder / "classifier.ckpt")


def _crops(clips: Sequence[Clip]) -> list[Tensor]:
    """For each length, the start of every clip that is long enough, `[clips, samples]`."""
    import torch

    sizes = [int(seconds * SAMPLE_RATE_HZ) for seconds in CROPS_S]
    return [
        torch.stack([torch.from_numpy(clip.samples[:size]) for clip in clips if len(clip.samples) >= size])
        for size in sizes
    ]


def _calibrate(network: ECAPA_TDNN, batches: Sequence[Tensor]) -> None:
    """Set the batch-norm statistics to the mean of those of the batches."""
    import torch

    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.momentum = None  # a plain mean over all batches
    network.train()
    for features in batches:
        network(features)
    network.eval()


def _whiten(network: ECAPA_TDNN, batches: Sequence[Tensor]) -> None:
    """Centre what the last layer gets and make its principal directions equally strong."""
    import torch

    pooled: list[Tensor] = []
    hook = network.asp_bn.register_forward_hook(lambda _, __, output: pooled.append(output.squeeze(2)))
    for features in batches:
        network(features)
    hook.remove()
    inputs = torch.cat(pooled).double()
    mean = inputs.mean(0)
    _, strengths, directions = torch.linalg.svd(inputs - mean, full_matrices=False)
    # The last direction of centred data has no strength; amplifying very weak ones would amplify rounding, too.
    strengths, directions = strengths[:-1], directions[:-1]
    gains = strengths[0] / strengths.clamp(min=WEAKEST * strengths[0])
    layer = network.fc.conv
    weight = layer.weight.squeeze(2).double()
    seen = weight @ directions.T
    level = seen.square().sum(0).mean().sqrt()
    orthogonal, _ = torch.linalg.qr(seen)
    whitened = weight + (level * orthogonal * gains - seen) @ directions
    layer.weight.copy_(whitened.float().unsqueeze(2))
    layer.bias.copy_(-(whitened @ mean).float())


if __name__ == "__main__":
    end_with_parent()
    # Large pages halve the time: most of it goes into clearing fresh memory.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    make_seeded_weights(Path(sys.argv[1]), Path(sys.argv[2]))
