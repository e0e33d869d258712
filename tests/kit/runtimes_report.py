"""A comparison of runtimes with round numbers."""

from __future__ import annotations

from jarvis_bench.records import RuntimeRow, RuntimesReport, VariedMemory

SPEEDUP = {"speechbrain": 1.0, "onnx": 2.0, "openvino": 7.0}


def make_report(cpu_features: tuple[str, ...]) -> RuntimesReport:
    """Three runtimes at three lengths; all figures are good ones."""
    rows = tuple(
        RuntimeRow(
            runtime=runtime,
            precision="bfloat16" if runtime == "openvino" else "float32",
            clip_s=clip_s,
            samples=31,
            p50_s=0.02 * clip_s / speedup,
            best_s=0.019 * clip_s / speedup,
            speedup=speedup,
            limit_share=0.4 if runtime == "speechbrain" else 0.7,
            cosine_min=1.0 if runtime == "speechbrain" else 0.99995,
            pss_loaded_bytes=140_000_000,
            hwm_bytes=200_000_000,
            first_embedding_s=0.3,
            served_first_s=0.7,
        )
        for runtime, speedup in SPEEDUP.items()
        for clip_s in (3.0, 10.0, 30.0)
    )
    varied = (VariedMemory("onnx", 20, 120, 150_000_000, 152_000_000),)
    limits = {"float32": 400.0, "bfloat16": 800.0}
    return RuntimesReport(rows, varied, limits, ("a: skipped, because",), "weights: seeded", 2, cpu_features)
