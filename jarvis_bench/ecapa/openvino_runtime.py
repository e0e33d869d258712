"""OpenVINO: the exported graph, its large part in bfloat16 where the CPU multiplies that natively.

The features span 80 dB, and the last layer subtracts large numbers from each other: eight bits are not enough
for either. So the graph is cut in three: front end and first block in float32, the blocks up to the pooled
statistics in bfloat16, the last layer in float32 again. The middle is 98 % of the work.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jarvis_bench.ecapa.encoder import check_clips
from jarvis_bench.ecapa.processor import multiplies_bf16
from jarvis_bench.errors import MissingExtra, UsageError

# Importing openvino reports to its makers and writes into the user's home; without this package it does neither.
_reporter = sys.modules.get("openvino_telemetry")
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # None makes the import fail
try:
    import openvino
    from openvino import opset13
except ModuleNotFoundError as exc:
    raise MissingExtra("openvino", "openvino") from exc
finally:
    del sys.modules["openvino_telemetry"]
    if _reporter is not None:
        sys.modules["openvino_telemetry"] = _reporter

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUTS = ("first_block", "pooled")
KEPT_PLANS = 16
PRECISIONS = ("f32", "bf16", "f32")


class OpenVinoEncoder:
    """The graph as one chain of compiled models.

    Args:
        model: the `.onnx` file.
        threads: of each compiled model; they run one after the other.
        bf16: whether the large part is computed in bfloat16; default where the CPU can.

    Raises:
        UsageError: there is no such graph.
    """

    def __init__(self, model: Path, *, threads: int, bf16: bool | None = None) -> None:
        if not model.is_file():
            raise UsageError(f"no graph {model}: make it with `jarvis-bench export`")
        self.bf16 = multiplies_bf16() if bf16 is None else bf16
        core = openvino.Core()
        whole = core.read_model(str(model))
        parts = _cut(whole, CUTS) if self.bf16 else [whole]
        self._requests = [
            core.compile_model(
                part,
                "CPU",
                {
                    "INFERENCE_PRECISION_HINT": precision,
                    "INFERENCE_NUM_THREADS": threads,
                    "NUM_STREAMS": 1,
                    "PERFORMANCE_HINT": "LATENCY",
                    # One plan a clip length is kept: without a limit, 120 lengths took 370 MB.
                    "CPU_RUNTIME_CACHE_CAPACITY": KEPT_PLANS,
                },
            ).create_infer_request()
            for part, precision in zip(parts, PRECISIONS, strict=False)
        ]

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clips of one length `[n, samples]` to embeddings `[n, 192]`."""
        check_clips(clips)
        value = clips
        for request in self._requests:
            value = request.infer({0: value}, share_inputs=True, share_outputs=True)[0]
        return np.array(value, dtype=np.float32)


def _cut(whole: openvino.Model, names: Sequence[str]) -> list[openvino.Model]:
    """The model as a chain of models that meet at the named values; `whole` is used up."""
    outputs = {
        name: output
        for node in whole.get_ordered_ops()
        for output in node.outputs()
        for name in output.get_names()
    }
    parts, sources, results = [], whole.get_parameters(), whole.get_results()
    for name in names:
        output = outputs[name]
        parameter = opset13.parameter(output.get_partial_shape(), np.float32, name)
        for reader in output.get_target_inputs():
            reader.replace_source_output(parameter.output(0))
        parts.append(openvino.Model([opset13.result(output)], sources, f"to {name}"))
        sources = [parameter]
    return [*parts, openvino.Model(results, sources, "to the end")]
