"""The comparison itself, once through with as little as possible."""

from __future__ import annotations

import pytest

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.kit.runtime_comparison import Amount, compare_runtimes
from jarvis_bench.settings import CHECKOUT

LITTLE = Amount(rounds={1.0: 2}, starts=1, varied_clips=21, varied_s=0.6, threads=1, seed=1)


@pytest.mark.model
async def test_every_runtime_that_is_installed_is_in_the_report(weights: Weights) -> None:
    """One row each, all timed in the same rounds, and the limits of the machine beside them."""
    told: list[str] = []
    clips = load_clips(CHECKOUT / "data", (1.0,))
    report, timings = await compare_runtimes(weights, clips, LITTLE, told.append)
    names = [row.runtime for row in report.rows]
    assert names[:2] == ["speechbrain", "onnx"]
    assert [(one.runtime, one.round) for one in timings].count(("onnx", 1)) == 1
    assert {one.runtime for one in timings} == set(names)
    assert report.gemm_gflops["float32"] > 1
    assert all(row.cosine_min > 0.9999 and row.first_embedding_s > 0 for row in report.rows)
    assert [one.runtime for one in report.varied] in (names, [])
    assert report.weights == weights.note
    assert any("timed round 2 of 2" in text for text in told)


async def test_without_the_reference_there_is_nothing_to_compare(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the extra that brings it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "speechbrain" else object())
    with pytest.raises(NothingMeasured, match=r"jarvis-bench\[local\]"):
        await compare_runtimes(weights, (), LITTLE, print)
