"""Write an ONNX graph down, node by node; the same calls give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jarvis_bench.errors import MissingExtra

try:
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ModuleNotFoundError as exc:
    raise MissingExtra("onnx", "local") from exc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32] | NDArray[np.int64]

OPSET = 18
IR_VERSION = 9
# Smaller constants stay inside the graph file, where a runtime can fold them.
EXTERNAL_FROM_BYTES = 1024


class Graph:
    """Nodes and constants in the order in which they were added; values are known by their names."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: Array, name: str = "") -> str:
        """Keep an array; returns its name."""
        name = name or f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def numbers(self, *values: int) -> str:
        """Keep integers, for the operators that take sizes and axes as inputs."""
        return self.constant(np.array(values, dtype=np.int64))

    def scalar(self, value: float) -> str:
        """Keep one number."""
        return self.constant(np.array(value, dtype=np.float32))

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: object) -> str:
        """Add a node with one output; returns the output's name."""
        return self.add_many(operator, *inputs, names=[name], **attributes)[0]

    def add_many(self, operator: str, *inputs: str, names: Sequence[str], **attributes: object) -> list[str]:
        """Add a node; returns the names of its outputs, made up where they are empty."""
        number = len(self._nodes)
        outputs = [name or f"{operator.lower()}_{number}_{index}" for index, name in enumerate(names)]
        node = helper.make_node(operator, list(inputs), outputs, name=f"{operator}_{number}")
        node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
        self._nodes.append(node)
        return outputs

    def reduce(self, operator: str, value: str, *axes: int, keepdims: int = 1) -> str:
        """Add a reduction over axes."""
        return self.add(operator, value, self.numbers(*axes), keepdims=keepdims)

    def write(
        self,
        path: Path,
        *,
        source: tuple[str, Sequence[str | int]],
        sink: tuple[str, Sequence[str | int]],
    ) -> None:
        """Write `path`, and the large constants beside it in `path` + `.data`, which a runtime can map.

        Args:
            path: of the graph.
            source: name and shape of the input; a word in the shape is any size.
            sink: name and shape of the output.
        """
        values = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
            for name, shape in (source, sink)
        ]
        graph = helper.make_graph(self._nodes, "ecapa-tdnn", values[:1], values[1:], self._constants)
        model = helper.make_model(
            graph,
            ir_version=IR_VERSION,
            producer_name="jarvis-bench",
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model)
        onnx.save_model(
            model,
            str(path),
            save_as_external_data=True,
            location=f"{path.name}.data",
            size_threshold=EXTERNAL_FROM_BYTES,
        )
        path.with_name(f"{path.name}.data").chmod(0o644)  # onnx makes it readable by its owner alone
