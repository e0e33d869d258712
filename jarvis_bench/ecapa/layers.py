"""The layers that ECAPA-TDNN is made of, as nodes of a graph, with batch norms folded away exactly.

A TDNN block is convolution → ReLU → batch norm. The norm's scale s and shift b follow the ReLU, and
s·relu(z) = sign(s)·relu(|s|·z): so |s| goes into the convolution before. The sign and the shift go into the
convolution that follows; reflected padding keeps a constant constant, so this is exact there, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jarvis_bench.ecapa.graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Weight = NDArray[np.float64]

NORM_FLOOR = 1e-5  # torch's `eps` of a batch norm


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """A value that is `sign`·(a tensor of the graph) + `shift`, with one number a channel each."""

    tensor: str
    sign: Weight
    shift: Weight

    def part(self, tensor: str, channels: slice) -> Affine:
        """Some of the channels, which the graph holds in `tensor`."""
        return Affine(tensor, self.sign[channels], self.shift[channels])


def bare(tensor: str, channels: int) -> Affine:
    """A tensor of the graph as it is."""
    return Affine(tensor, np.ones(channels), np.zeros(channels))


def joined(tensor: str, values: Sequence[Affine]) -> Affine:
    """Values whose tensors the graph holds one after the other in `tensor`."""
    return Affine(tensor, np.concatenate([v.sign for v in values]), np.concatenate([v.shift for v in values]))


class Layers:
    """Adds layers to a graph and counts their multiplications.

    Args:
        graph: where the nodes go.
        state: SpeechBrain's names of parameters to arrays.
    """

    def __init__(self, graph: Graph, state: Mapping[str, NDArray[np.float32]]) -> None:
        self.graph = graph
        self._state = state
        self.macs_per_frame = 0
        self.macs_per_clip = 0

    def weight(self, name: str) -> tuple[Weight, Weight]:
        """A convolution's weight `[out, in, kernel]` and bias `[out]`."""
        weight, bias = (self._state[f"{name}.conv.{kind}"].astype(np.float64) for kind in ("weight", "bias"))
        return weight, bias

    def norm(self, name: str) -> tuple[Weight, Weight]:
        """A batch norm as scale and shift."""
        gamma, beta, mean, variance = (
            self._state[f"{name}.norm.{kind}"].astype(np.float64)
            for kind in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + NORM_FLOOR)
        return scale, beta - scale * mean

    def conv(self, tensor: str, weight: Weight, bias: Weight | None, *, name: str, dilation: int = 1) -> str:
        """A convolution over time whose padding is reflected, so that the length stays."""
        kernel = weight.shape[2]
        margin = dilation * (kernel - 1) // 2
        if margin:
            sizes = self.graph.numbers(0, 0, margin, 0, 0, margin)
            tensor = self.graph.add("Pad", tensor, sizes, mode="reflect")
        constants = [self.graph.constant(weight.astype(np.float32), f"{name}.weight")]
        if bias is not None:
            constants.append(self.graph.constant(bias.astype(np.float32), f"{name}.bias"))
        return self.graph.add("Conv", tensor, *constants, kernel_shape=[kernel], dilations=[dilation])

    def tdnn(self, name: str, value: Affine, dilation: int = 1) -> Affine:
        """Convolution, ReLU and batch norm."""
        weight, bias = self.weight(f"{name}.conv")
        self.macs_per_frame += weight.size
        return self.activated(name, value, weight, bias, dilation)

    def activated(self, name: str, value: Affine, weight: Weight, bias: Weight, dilation: int = 1) -> Affine:
        """The same with a weight and a bias of the caller's."""
        scale, shift = self.norm(f"{name}.norm")
        bias = bias + weight.sum(2) @ value.shift
        weight = weight * value.sign[None, :, None] * np.abs(scale)[:, None, None]
        hidden = self.conv(value.tensor, weight, bias * np.abs(scale), name=name, dilation=dilation)
        return Affine(self.graph.add("Relu", hidden), np.where(scale < 0, -1.0, 1.0), shift)

    def column(self, values: Weight) -> str:
        """One number a channel, as a constant `[1, channels, 1]`."""
        return self.graph.constant(values.astype(np.float32)[None, :, None])

    def signed(self, tensor: str, sign: Weight) -> str:
        """The tensor with its signs put right; costs nothing where there are none."""
        return tensor if (sign > 0).all() else self.graph.add("Mul", tensor, self.column(sign))

    def plain(self, value: Affine, name: str = "") -> str:
        """The value itself as a tensor."""
        signed = self.signed(value.tensor, value.sign)
        return self.graph.add("Add", signed, self.column(value.shift), name=name)

    def sum(self, left: Affine, right: Affine) -> Affine:
        """Two values added; the shifts are added on paper."""
        tensors = [self.signed(value.tensor, value.sign) for value in (left, right)]
        return Affine(self.graph.add("Add", *tensors), np.ones_like(left.sign), left.shift + right.shift)
