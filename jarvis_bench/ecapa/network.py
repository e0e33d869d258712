"""ECAPA-TDNN as one ONNX graph from waveform to embedding.

Source: Desplanques et al. 2020 (arXiv 2005.07143), as in speechbrain/lobes/models/ECAPA_TDNN.py, version 1.1.

The attention sees each frame, and the mean and the standard deviation over the clip: 9,216 channels, of which
6,144 are constant over time. Their part of the product is computed once a clip, as a bias: exact, and a third of
the work. The bias of the attention's last convolution is the same in every frame, so the softmax takes it away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jarvis_bench.ecapa.front_end import FrontEnd, mel_filters, stft_kernels
from jarvis_bench.ecapa.graph import Graph
from jarvis_bench.ecapa.layers import Affine, Layers, bare, joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUT, FEATURES, FIRST, POOLED, OUTPUT = "waveform", "features", "first_block", "pooled", "embedding"
VARIANCE_FLOOR = 1e-12  # SpeechBrain's `eps` of the pooling
DEVIATION_FLOOR = 1e-10  # and of the normalisation
RES2NET_SCALE = 8


@dataclass(frozen=True, slots=True)
class Work:
    """Multiplications with addition that the graph's matrix products take: for each frame, and once a clip."""

    macs_per_frame: int
    macs_per_clip: int


def add_front_end(graph: Graph, front_end: FrontEnd) -> None:
    """`INPUT` `[n, samples]` to `FEATURES` `[n, filters, frames]`."""
    margin, bins = front_end.window_samples // 2, front_end.window_samples // 2 + 1
    padded = graph.add("Pad", INPUT, graph.numbers(0, margin, 0, margin), mode="constant")
    waves = graph.add("Unsqueeze", padded, graph.numbers(1))
    kernels = graph.constant(stft_kernels(front_end), "stft.weight")
    spectrum = graph.add("Conv", waves, kernels, strides=[front_end.hop_samples])
    squares = graph.add("Mul", spectrum, spectrum)
    real, imaginary = graph.add_many("Split", squares, graph.numbers(bins, bins), names=["", ""], axis=1)
    power = graph.add("Add", real, imaginary)
    filters = graph.constant(mel_filters(front_end), "mel.weight")
    mels = graph.add("Max", graph.add("MatMul", filters, power), graph.scalar(front_end.floor))
    decibels = graph.add("Mul", graph.add("Log", mels), graph.scalar(10 / np.log(10)))
    if front_end.top_db is not None:
        loudest = graph.reduce("ReduceMax", decibels, 1, 2)
        decibels = graph.add("Max", decibels, graph.add("Sub", loudest, graph.scalar(front_end.top_db)))
    mean = graph.reduce("ReduceMean", decibels, 2)
    if not front_end.std_norm:
        graph.add("Sub", decibels, mean, name=FEATURES)
        return
    centred = graph.add("Sub", decibels, mean)
    variance = graph.reduce("ReduceMean", graph.add("Mul", centred, centred), 2)
    deviation = graph.add("Max", graph.add("Sqrt", variance), graph.scalar(DEVIATION_FLOOR))
    graph.add("Div", centred, deviation, name=FEATURES)


def add_network(
    graph: Graph,
    state: Mapping[str, NDArray[np.float32]],
    dilations: Mapping[int, int],
) -> Work:
    """`FEATURES` to `OUTPUT` `[n, outputs]`.

    Args:
        graph: where the nodes go.
        state: SpeechBrain's names of parameters to arrays.
        dilations: of the SE-Res2Net blocks, by their number in `blocks`.
    """
    layers = Layers(graph, state)
    first = layers.tdnn("blocks.0", bare(FEATURES, state["blocks.0.conv.conv.weight"].shape[1]))
    # The sign and shift of this one would have to go into a residual, too: they are put in here.
    value = layers.plain(first, name=FIRST)
    outputs = []
    for number, dilation in sorted(dilations.items()):
        value = _block(layers, f"blocks.{number}", bare(value, len(first.shift)), dilation)
        outputs.append(value)
    stacked = graph.add("Concat", *outputs, axis=1)
    _pool(layers, layers.tdnn("mfa", bare(stacked, len(outputs) * len(first.shift))))
    return Work(layers.macs_per_frame, layers.macs_per_clip)


def _block(layers: Layers, name: str, value: Affine, dilation: int) -> str:
    """TDNN, Res2Net, TDNN, squeeze-and-excitation, and the residual."""
    hidden = _res2net(layers, f"{name}.res2net_block", layers.tdnn(f"{name}.tdnn1", value), dilation)
    return _excite(layers, f"{name}.se_block", layers.tdnn(f"{name}.tdnn2", hidden), value.tensor)


def _res2net(layers: Layers, name: str, value: Affine, dilation: int) -> Affine:
    """Eighths of the channels; each but the first goes through a TDNN, with the one before it added."""
    tensors = layers.graph.add_many(
        "Split", value.tensor, names=[""] * RES2NET_SCALE, axis=1, num_outputs=RES2NET_SCALE
    )
    width = len(value.shift) // RES2NET_SCALE
    pieces = [
        value.part(tensor, slice(number * width, (number + 1) * width))
        for number, tensor in enumerate(tensors)
    ]
    done = [pieces[0]]
    for number, piece in enumerate(pieces[1:]):
        source = piece if number == 0 else layers.sum(piece, done[-1])
        done.append(layers.tdnn(f"{name}.blocks.{number}", source, dilation))
    return joined(layers.graph.add("Concat", *(piece.tensor for piece in done), axis=1), done)


def _excite(layers: Layers, name: str, value: Affine, residual: str) -> str:
    """gate·value + residual; the gate is one number a channel and clip."""
    graph = layers.graph
    squeeze, squeeze_bias = layers.weight(f"{name}.conv1")
    expand, expand_bias = layers.weight(f"{name}.conv2")
    layers.macs_per_clip += squeeze.size + expand.size
    bias = squeeze_bias + squeeze[:, :, 0] @ value.shift
    mean = graph.reduce("ReduceMean", value.tensor, 2)
    small = layers.conv(mean, squeeze * value.sign[None, :, None], bias, name=f"{name}.conv1")
    wide = layers.conv(graph.add("Relu", small), expand, expand_bias, name=f"{name}.conv2")
    gate = graph.add("Sigmoid", wide)
    scaled = graph.add("Mul", value.tensor, layers.signed(gate, value.sign))
    offset = graph.add("Mul", gate, layers.column(value.shift))
    return graph.add("Add", graph.add("Add", scaled, residual), offset)


def _pool(layers: Layers, value: Affine) -> None:
    """Attentive statistics pooling, its batch norm and the last layer.

    All statistics are those of the tensor; sign and shift are put into the layers that read them.
    """
    graph, channels = layers.graph, len(value.shift)
    mean = graph.reduce("ReduceMean", value.tensor, 2)
    centred = graph.add("Sub", value.tensor, mean)
    deviation = _root(graph, graph.reduce("ReduceMean", graph.add("Mul", centred, centred), 2))
    weights = graph.add("Softmax", _attention(layers, value, mean, deviation), axis=2)
    weighted = graph.add("Mul", weights, value.tensor)
    mean = graph.reduce("ReduceSum", weighted, 2)
    distance = graph.add("Sub", value.tensor, mean)
    variance = graph.reduce("ReduceSum", graph.add("Mul", weights, graph.add("Mul", distance, distance)), 2)
    pooled = graph.add("Concat", mean, _root(graph, variance), axis=1, name=POOLED)
    scale, shift = layers.norm("asp_bn")
    weight, bias = layers.weight("fc")
    layers.macs_per_clip += weight.size
    bias = bias + weight[:, :, 0] @ (shift + scale * np.concatenate([value.shift, np.zeros(channels)]))
    weight = weight * (scale * np.concatenate([value.sign, np.ones(channels)]))[None, :, None]
    column = layers.conv(pooled, weight, bias, name="fc")
    graph.add("Squeeze", column, graph.numbers(2), name=OUTPUT)


def _attention(layers: Layers, value: Affine, mean: str, deviation: str) -> str:
    """The logits `[n, channels, frames]`, up to what is constant over time."""
    graph = layers.graph
    weight, bias = layers.weight("asp.tdnn.conv")
    frame, whole, spread = np.split(weight, 3, axis=1)
    scale, shift = layers.norm("asp.tdnn.norm")
    strength = np.abs(scale)[:, None, None]
    layers.macs_per_frame += frame.size
    layers.macs_per_clip += whole.size + spread.size
    sign = value.sign[None, :, None]
    bias = np.abs(scale) * (bias + (frame + whole)[:, :, 0] @ value.shift)
    context = layers.conv(
        graph.add("Concat", mean, deviation, axis=1),
        np.concatenate([whole * sign, spread], axis=1) * strength,
        bias,
        name="asp.context",
    )
    product = layers.conv(value.tensor, frame * sign * strength, None, name="asp.tdnn")
    hidden = graph.add("Relu", graph.add("Add", product, context))
    hidden = layers.plain(Affine(hidden, np.where(scale < 0, -1.0, 1.0), shift))
    last, _ = layers.weight("asp.conv")
    layers.macs_per_frame += last.size
    return layers.conv(graph.add("Tanh", hidden), last, None, name="asp.conv")


def _root(graph: Graph, variance: str) -> str:
    return graph.add("Sqrt", graph.add("Max", variance, graph.scalar(VARIANCE_FLOOR)))
