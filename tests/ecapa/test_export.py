"""The export: the same bytes each time, from every model in SpeechBrain's layout, and nothing half-made."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.ecapa.encoder import Encoder, open_encoder
from jarvis_bench.ecapa.export import export, front_end_of
from jarvis_bench.ecapa.exported import Export, export_folder, find_export
from jarvis_bench.ecapa.front_end import FrontEnd
from jarvis_bench.ecapa.weights import Weights, find_weights
from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.settings import Settings

from .accuracy import ONNX_GATE, cosines

pytestmark = pytest.mark.model


def test_two_exports_have_the_same_bytes(weights: Weights, exported: Export, tmp_path: Path) -> None:
    """Bit for bit, graph and weights."""
    again = export(weights.folder, tmp_path / "again")
    assert again.sha256 == exported.sha256
    assert set(again.sha256) == {"ecapa.onnx", "ecapa.onnx.data"}
    assert again.graph.read_bytes() == exported.graph.read_bytes()


def test_the_work_is_that_of_the_paper(exported: Export) -> None:
    """10.8 GFLOP for 3 s: 18.74 M multiplications a frame, less the folded part of the attention's context."""
    assert exported.macs_per_frame == 18_743_296 - 6144 * 128
    assert exported.operations(48_000) == pytest.approx(10.8e9, rel=0.01)


async def test_a_pretrained_folder_is_exported(
    speechbrain: Encoder, weights: Weights, clips: tuple[Clip, ...], tmp_path: Path
) -> None:
    """A checkpoint as the hub has it: other numbers, negative scales, and the hub's own hyperparams.yaml."""
    import torch

    folder = tmp_path / "pretrained"
    folder.mkdir()
    (folder / "hyperparams.yaml").write_text(HUB_HYPERPARAMS, encoding="utf-8")
    shutil.copy(weights.folder / "classifier.ckpt", folder)
    (folder / "label_encoder.txt").write_text("'id00001' => 0\n================\n", encoding="utf-8")
    state = torch.load(weights.folder / "embedding_model.ckpt")
    generator = torch.Generator().manual_seed(7)
    for name, value in state.items():
        if re.search(r"norm\.norm\.(weight|bias)$", name):
            value += 0.3 * torch.randn(value.shape, generator=generator)
            value *= torch.where(torch.rand(value.shape, generator=generator) < 0.2, -1.0, 1.0)
    torch.save(state, folder / "embedding_model.ckpt")
    found = await find_weights(Settings(weights=str(folder), cache_dir=tmp_path / "cache"))
    made = await find_export(found)
    assert made.graph.is_relative_to(tmp_path / "cache")
    assert made.graph.parent.name.startswith(found.sha256[:16])
    samples = clips[4].samples[None]
    reference, answer, other = (
        encoder.encode(samples).astype(np.float64)
        for encoder in (
            open_encoder("speechbrain", folder, threads=2),
            open_encoder("onnx", made.graph, threads=2),
            speechbrain,
        )
    )
    assert cosines(reference, answer)[0] >= ONNX_GATE
    assert cosines(reference, other)[0] < 0.9, "the changed weights were really used"


def test_an_export_is_made_once(weights: Weights, exported: Export) -> None:
    """The second time, the cached graph is taken as it is."""
    before = exported.graph.stat().st_mtime_ns
    assert asyncio.run(find_export(weights)) == exported
    assert exported.graph.stat().st_mtime_ns == before
    assert exported.graph.parent == export_folder(weights)


async def test_a_model_that_cannot_be_exported_is_named(weights: Weights, tmp_path: Path) -> None:
    """One line that says why; no half-made folder stays behind."""
    folder = tmp_path / "broken"
    shutil.copytree(weights.folder, folder)
    (folder / "embedding_model.ckpt").write_bytes(b"not a checkpoint")
    broken = Weights(folder, "pretrained", "0" * 64, tmp_path / "exports")
    with pytest.raises(NothingMeasured, match="could not be exported"):
        await find_export(broken)
    assert list(tmp_path.glob("exports/*")) == []


def test_the_front_end_is_read_from_the_model(weights: Weights) -> None:
    """The defaults are SpeechBrain's; a kind of front end that is not implemented is an error."""
    from jarvis_bench.ecapa.speechbrain_runtime import load_classifier

    modules = load_classifier(weights.folder).mods
    assert front_end_of(modules) == FrontEnd()
    modules.mean_var_norm.norm_type = "global"
    with pytest.raises(UsageError, match="normalisation by sentence"):
        front_end_of(modules)


def test_a_later_recipe_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs that an older version of this package has made are not used any more."""
    weights = Weights(Path("w"), "seeded", "ab" * 32, Path("exports"))
    before = export_folder(weights)
    monkeypatch.setattr("jarvis_bench.ecapa.exported.RECIPE", ("front_end.py",))
    assert export_folder(weights) != before
    assert export_folder(dataclasses.replace(weights, sha256="cd" * 32)) != export_folder(weights)
    assert before.name.startswith("ab" * 8)


HUB_HYPERPARAMS = """\
# The shape of the file in speechbrain/spkrec-ecapa-voxceleb, in our words.
pretrained_path: .
n_mels: 80
sample_rate: 16000
n_classes: 7205
lin_neurons: 192
compute_features: !new:speechbrain.lobes.features.Fbank
    n_mels: !ref <n_mels>
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: sentence
    std_norm: False
embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN
    input_size: !ref <n_mels>
    channels: [1024, 1024, 1024, 1024, 3072]
    kernel_sizes: [5, 3, 3, 3, 1]
    dilations: [1, 2, 3, 4, 1]
    attention_channels: 128
    lin_neurons: !ref <lin_neurons>
classifier: !new:speechbrain.lobes.models.ECAPA_TDNN.Classifier
    input_size: !ref <lin_neurons>
    out_neurons: !ref <n_classes>
mean_var_norm_emb: !new:speechbrain.processing.features.InputNormalization
    norm_type: global
    std_norm: False
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
    mean_var_norm_emb: !ref <mean_var_norm_emb>
    classifier: !ref <classifier>
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        embedding_model: !ref <embedding_model>
        classifier: !ref <classifier>
        label_encoder: !ref <label_encoder>
    paths:
        label_encoder: label_encoder.txt
"""
