"""How fast this machine multiplies matrices, as the limit for any runtime.

`python -m … THREADS` answers every line on its input with a line of JSON: what each product took, as pairs of
precision and 10⁹ floating-point operations a second. It is one product of the network's largest shape
(3072 × 3072), wide enough to hide all overhead, by each library that is here.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable

from jarvis_bench.ecapa.processor import multiplies_bf16

SIZE = 3072
COLUMNS = 1024
Product = Callable[[], object]


def matrix_products(threads: int) -> list[tuple[str, Product]]:
    """The products by precision, warmed up; bfloat16 only where the CPU multiplies it natively."""
    products: list[tuple[str, Product]] = []
    for make in (_torch_products, _onnx_products):
        with contextlib.suppress(ModuleNotFoundError):
            products += make(threads)
    for _, product in products * 2:
        product()
    return products


def gflops(product: Product) -> float:
    """The rate of one product, in 10⁹ floating-point operations a second."""
    started_s = time.perf_counter()
    product()
    return 2 * SIZE * SIZE * COLUMNS / (time.perf_counter() - started_s) / 1e9


def _torch_products(threads: int) -> list[tuple[str, Product]]:
    import torch

    torch.set_num_threads(threads)
    kinds = {"float32": torch.float32} | ({"bfloat16": torch.bfloat16} if multiplies_bf16() else {})
    found: list[tuple[str, Product]] = []
    for precision, kind in kinds.items():
        left, right = (torch.ones(SIZE, columns, dtype=kind) for columns in (SIZE, COLUMNS))
        found.append((precision, lambda left=left, right=right: left @ right))  # type: ignore[misc]
    return found


def _onnx_products(threads: int) -> list[tuple[str, Product]]:
    import numpy as np
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    weight = numpy_helper.from_array(np.ones((SIZE, SIZE), dtype=np.float32), "weight")
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [COLUMNS, SIZE]) for name in ("x", "y")]
    node = helper.make_node("MatMul", ["x", "weight"], ["y"])
    graph = helper.make_graph([node], "product", values[:1], values[1:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    inputs = {"x": np.ones((COLUMNS, SIZE), dtype=np.float32)}
    return [("float32", lambda: session.run(None, inputs))]


def main(threads: int) -> None:
    """Answer until the input ends."""
    products = matrix_products(threads)
    for _ in sys.stdin:
        answer = [[precision, gflops(product)] for precision, product in products]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
