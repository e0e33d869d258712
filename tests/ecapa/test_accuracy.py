"""Every runtime computes what the reference computes, and the gate that says so notices small faults."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from jarvis_bench.ecapa.encoder import Encoder, open_encoder
from jarvis_bench.ecapa.export import export
from jarvis_bench.ecapa.exported import Export
from jarvis_bench.ecapa.front_end import FrontEnd
from jarvis_bench.ecapa.processor import multiplies_bf16
from jarvis_bench.ecapa.weights import Weights

from .accuracy import BF16_GATE, ONNX_GATE, UNLIKE_GATE, Crop, embed, worst

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.model

MUTANTS: dict[str, Callable[[FrontEnd], FrontEnd]] = {
    "hann-window": lambda it: dataclasses.replace(it, window="hann"),
    "20-7600-hz": lambda it: dataclasses.replace(it, low_hz=20.0, high_hz=7600.0),
    "no-top-db": lambda it: dataclasses.replace(it, top_db=None),
    "std-norm": lambda it: dataclasses.replace(it, std_norm=True),
}


def test_the_weights_tell_clips_apart(reference: NDArray[np.float64], all_crops: list[Crop]) -> None:
    """Unlike clips have a cosine under 0.5 at every pair of lengths; otherwise the gate would prove nothing."""
    unit = reference / np.linalg.norm(reference, axis=1, keepdims=True)
    names = np.array([crop.clip for crop in all_crops])
    unlike = names[:, None] != names[None, :]
    assert (unit @ unit.T)[unlike].max() < UNLIKE_GATE


def test_onnx_is_exact(reference: NDArray[np.float64], all_crops: list[Crop], exported: Export) -> None:
    """Every clip, 0.5 to 30 s, float32 and int16."""
    encoder = open_encoder("onnx", exported.graph, threads=2)
    worst_cosine = worst(reference, embed(encoder, all_crops))
    assert worst_cosine >= ONNX_GATE


@pytest.mark.parametrize(("bf16", "gate"), [(True, BF16_GATE), (False, ONNX_GATE)])
def test_openvino_is_near(
    reference: NDArray[np.float64], all_crops: list[Crop], exported: Export, bf16: bool, gate: float
) -> None:
    """The same in OpenVINO, in bfloat16 where this CPU has it, and in float32."""
    pytest.importorskip("openvino")
    from jarvis_bench.ecapa.openvino_runtime import OpenVinoEncoder

    if bf16 and not multiplies_bf16():
        pytest.skip("this CPU multiplies no bfloat16: neither AMX nor AVX512-BF16")
    encoder = OpenVinoEncoder(exported.graph, threads=2, bf16=bf16)
    worst_cosine = worst(reference, embed(encoder, all_crops))
    assert worst_cosine >= gate


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_front_end_fails_the_gate(
    name: str, weights: Weights, reference: NDArray[np.float64], all_crops: list[Crop], tmp_path: Path
) -> None:
    """Each mutant is caught by the looser of the two gates."""
    mutant = export(weights.folder, tmp_path / name, MUTANTS[name])
    encoder = open_encoder("onnx", mutant.graph, threads=2)
    chosen = [number for number, crop in enumerate(all_crops) if crop.seconds == 1.0]
    answers = embed(encoder, [all_crops[number] for number in chosen])
    worst_cosine = worst(reference[chosen], answers)
    assert worst_cosine < BF16_GATE


def test_a_dropped_last_third_fails_the_gate(
    reference: NDArray[np.float64], all_crops: list[Crop], exported: Export
) -> None:
    """A runtime that looked at two thirds of a clip would be caught."""
    encoder = open_encoder("onnx", exported.graph, threads=2)
    chosen = [number for number, crop in enumerate(all_crops) if crop.seconds == 1.0]
    shortened = [
        dataclasses.replace(crop, samples=crop.samples[:, : 2 * crop.samples.shape[1] // 3])
        for crop in (all_crops[number] for number in chosen)
    ]
    worst_cosine = worst(reference[chosen], embed(encoder, shortened))
    assert worst_cosine < BF16_GATE


@pytest.mark.parametrize("runtime", ["speechbrain", "onnx", "openvino"])
def test_a_batch_equals_its_single_answers(
    runtime: str, weights: Weights, exported: Export, all_crops: list[Crop]
) -> None:
    """A clip's embedding does not depend on its neighbours: a loud one moves no other's floor."""
    pytest.importorskip("openvino" if runtime == "openvino" else "numpy")
    model = weights.folder if runtime == "speechbrain" else exported.graph
    encoder: Encoder = open_encoder(runtime, model, threads=2)
    chosen = [crop.samples for crop in all_crops if crop.seconds == 1.0][:6]
    batch = np.concatenate([chosen[0] * np.float32(1e-4), *chosen[1:]])
    singles = np.concatenate([encoder.encode(batch[number : number + 1]) for number in range(len(batch))])
    together = encoder.encode(np.ascontiguousarray(batch))
    worst_cosine = worst(singles.astype(np.float64), together.astype(np.float64))
    assert worst_cosine >= ONNX_GATE
