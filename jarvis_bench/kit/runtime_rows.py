"""From timings of runtimes to the rows of their report."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.ecapa.exported import Export
from jarvis_bench.ecapa.processor import matrix_features, multiplies_bf16
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.records import RuntimeRow, RuntimeTiming, VariedMemory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REFERENCE = "speechbrain"
PACKAGES = {"speechbrain": "speechbrain", "onnx": "onnxruntime", "openvino": "openvino"}
EXTRAS = {"speechbrain": "local", "onnx": "serve", "openvino": "openvino"}


@dataclass(slots=True)
class Subject:
    """A runtime under test and what is known of it so far."""

    runtime: str
    process: ModelProcess
    first_embedding_s: list[float]
    pss_loaded_bytes: int | None = None
    hwm_bytes: dict[float, int | None] = field(default_factory=dict)
    cosine_min: dict[float, float] = field(default_factory=dict)
    varied: VariedMemory | None = None
    served_first_s: list[float] = field(default_factory=list)


def smallest_cosine(reference: NDArray[np.float32], answers: NDArray[np.float32]) -> float:
    """Over the rows of `[n, 192]`, as they are and after subtracting the reference's mean."""
    import numpy as np

    left, right = reference.astype(np.float64), answers.astype(np.float64)
    mean = left.mean(axis=0) if len(left) > 1 else np.zeros(left.shape[1])
    found = []
    for a, b in ((left, right), (left - mean, right - mean)):
        found.append((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))
    return float(min(values.min() for values in found))


def fastest(rates: Sequence[Sequence[tuple[str, float]]]) -> dict[str, float]:
    """The highest rate by precision, from rounds of pairs of precision and rate."""
    found: dict[str, float] = {}
    for precision, rate in (pair for one in rates for pair in one):
        found[precision] = max(found.get(precision, 0.0), rate)
    return found


def summarise(
    subjects: Sequence[Subject], timings: Sequence[RuntimeTiming], made: Export, limit: dict[str, float]
) -> list[RuntimeRow]:
    """A row a runtime and clip length.

    Args:
        subjects: the runtimes.
        timings: of all of them.
        made: the graph, which knows how much work a clip is.
        limit: the machine's fastest matrix product by precision, in 10⁹ operations a second.
    """
    medians = {
        (subject.runtime, seconds): [
            one.model_s for one in timings if (one.runtime, one.clip_s) == (subject.runtime, seconds)
        ]
        for subject in subjects
        for seconds in sorted({one.clip_s for one in timings})
    }
    rows = []
    for (runtime, seconds), values in medians.items():
        subject = next(subject for subject in subjects if subject.runtime == runtime)
        p50_s = statistics.median(values)
        precision = "bfloat16" if runtime == "openvino" and multiplies_bf16() else "float32"
        rate = made.operations(int(seconds * SAMPLE_RATE_HZ)) / min(values) / 1e9
        rows.append(
            RuntimeRow(
                runtime=runtime,
                precision=precision,
                clip_s=seconds,
                samples=len(values),
                p50_s=p50_s,
                best_s=min(values),
                speedup=statistics.median(medians[REFERENCE, seconds]) / p50_s,
                limit_share=rate / limit[precision] if precision in limit else None,
                cosine_min=subject.cosine_min[seconds],
                pss_loaded_bytes=subject.pss_loaded_bytes,
                hwm_bytes=subject.hwm_bytes[seconds],
                first_embedding_s=statistics.median(subject.first_embedding_s),
                served_first_s=statistics.median(subject.served_first_s) if subject.served_first_s else None,
            )
        )
    return rows


def skipped(present: Sequence[str]) -> list[str]:
    """What cannot be measured here, and why, one sentence each."""
    absent = [name for name in PACKAGES if name not in present]
    found = [
        f"{name}: skipped, because {PACKAGES[name]} is not installed (jarvis-bench[{EXTRAS[name]}])"
        for name in absent
    ]
    if "amx_bf16" not in matrix_features():
        instead = "AVX512-BF16 is used" if multiplies_bf16() else "openvino computes in float32"
        found.append(f"openvino with AMX: skipped, because this CPU has no AMX ({instead})")
    return found
