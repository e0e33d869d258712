"""From timings to rows: medians, ratios to the reference, and shares of the machine's limit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from jarvis_bench.ecapa.exported import Export
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.kit.runtime_rows import Subject, fastest, skipped, smallest_cosine, summarise
from jarvis_bench.records import RuntimeTiming


def test_a_row_is_made_of_medians() -> None:
    """The median of each runtime, its ratio to the reference's, and its operations against the limit's."""
    subjects = [
        Subject(name, cast(ModelProcess, None), [0.3, 0.2, 0.9], 140, {1.0: 150}, {1.0: 0.99999})
        for name in ("speechbrain", "onnx")
    ]
    times = {"speechbrain": (0.4, 0.2, 9.0), "onnx": (0.1, 0.05, 5.0)}
    timings = [
        RuntimeTiming(name, 1.0, number, value)
        for name, values in times.items()
        for number, value in enumerate(values)
    ]
    made = Export(Path("g"), {}, 0, hop_samples=160, macs_per_frame=10**7, macs_per_clip=0)
    reference, onnx = summarise(subjects, timings, made, {"float32": 101.0})
    assert (reference.speedup, onnx.speedup) == (1.0, 4.0)
    assert (onnx.p50_s, onnx.samples, onnx.first_embedding_s) == (0.1, 3, 0.3)
    assert onnx.limit_share == pytest.approx(2 * 101 * 1e7 / 0.05 / 101e9)
    assert (onnx.pss_loaded_bytes, onnx.hwm_bytes) == (140, 150)


def test_the_limit_is_the_highest_rate_of_any_library() -> None:
    """A round that other work has disturbed lowers no limit."""
    rounds = [[("float32", 200.0), ("float32", 400.0)], [("float32", 90.0), ("float32", 210.0)]]
    assert fastest(rounds) == {"float32": 400.0}


def test_the_smallest_cosine_is_also_that_of_centred_vectors() -> None:
    """A large common part cannot hide a difference."""
    generator = np.random.default_rng(5)
    own = generator.standard_normal((4, 192)).astype(np.float32)
    assert smallest_cosine(own, own) == pytest.approx(1.0)
    common = own * np.float32(0.01) + 10
    blurred = common + np.float32(0.01) * generator.standard_normal(own.shape).astype(np.float32)
    assert smallest_cosine(common, blurred) < 0.9


def test_what_is_absent_is_said_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    """An absent runtime names its extra; a CPU without AMX says what is used instead."""
    features: list[Any] = [(), ("avx512_bf16",), ("amx_bf16",)]
    texts = []
    for found in features:
        monkeypatch.setattr("jarvis_bench.kit.runtime_rows.matrix_features", lambda found=found: found)
        monkeypatch.setattr("jarvis_bench.kit.runtime_rows.multiplies_bf16", lambda found=found: bool(found))
        texts.append(skipped(["speechbrain", "onnx"]))
    assert "openvino: skipped, because openvino is not installed (jarvis-bench[openvino])" in texts[0]
    assert "float32" in texts[0][1]
    assert "AVX512-BF16" in texts[1][1]
    assert len(texts[2]) == 1
