# SPDX-License-Identifier: Apache-2.0
"""What CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED share: sums of products with weights.

Inputs are (activations, weights, bias); the bias may be absent. The input's zero point is folded
into the bias: sum(w * (x - zero_point)) = sum(w * x) - zero_point * sum(w).
Source: tensorflow/lite/kernels/kernel_util.cc, micro/kernels/{conv,fully_connected}_common.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler import fixed_point
from netsuke.compiler.ir import Array, DType, Graph, Op, Tensor
from netsuke.compiler.ops import common


@dataclass(frozen=True, slots=True)
class Scaling:
    """How sums become outputs, one number for each output channel, int64 arrays.

    output = clamp(sum * multiplier * 2**(shift - 31) + out_zero_point), rounded as TFLite does.
    """

    bias: Array
    multiplier: Array
    shift: Array
    out_zero_point: int
    low: int
    high: int


def weights_of(inputs: Sequence[Tensor | None]) -> Tensor:
    """The weights tensor."""
    weights = inputs[1]
    assert weights is not None
    return weights


def weight_values(inputs: Sequence[Tensor | None]) -> Array:
    """The weights as int64, in TFLite's layout."""
    data = weights_of(inputs).data
    assert data is not None
    return data.astype(np.int64)


def bias_values(inputs: Sequence[Tensor | None], channels: int) -> Array:
    """The bias as int64, zeros where the operator has none."""
    bias = inputs[2] if len(inputs) > 2 else None
    if bias is None or bias.data is None:
        return np.zeros(channels, np.int64)
    return bias.data.astype(np.int64).reshape(channels)


def multipliers(real: Sequence[float], channels: int) -> tuple[Array, Array]:
    """(multiplier, shift) of each channel; one real factor serves all channels."""
    pairs = [fixed_point.quantize_multiplier(r) for r in real]
    pairs = pairs * channels if len(pairs) == 1 else pairs
    multiplier, shift = zip(*pairs, strict=True)
    return np.array(multiplier, np.int64), np.array(shift, np.int64)


def convolution_factors(inputs: Sequence[Tensor | None], out: Tensor) -> list[float]:
    """input scale * weight scale / output scale, in double. Old versions of
    GetQuantizedConvolutionMultipler multiply the scales of input and per-tensor weights in float32;
    the oracle's does not."""
    x = common.input0(inputs).q.scale
    return [x * w / out.q.scale for w in weights_of(inputs).q.scales]


def scaling(activation: int, inputs: Sequence[Tensor | None], out: Tensor) -> Scaling:
    """The scaling of an operator with `out.shape[-1]` channels; the bias is the model's own."""
    channels = out.shape[-1]
    multiplier, shift = multipliers(convolution_factors(inputs, out), channels)
    low, high = common.activation_range(activation, out)
    bias = bias_values(inputs, channels)
    return Scaling(bias, multiplier, shift, out.q.zero_point, low, high)


def rescale(sums: Array, s: Scaling) -> Array:
    """int8 outputs from exact sums of products, whose last axis is the output channel."""
    total = fixed_point.wrap_int32(sums.astype(np.int64) + s.bias)
    scaled = fixed_point.multiply_by_quantized_multiplier(total, s.multiplier, s.shift)
    return common.clamp_int8(scaled + s.out_zero_point, s.low, s.high)


def folded_bias(s: Scaling, weight_sums: Array, zero_point: int) -> Array:
    """The bias that makes sums over raw inputs equal sums over inputs minus their zero point.

    `weight_sums` is the sum of all weights of each channel. Exact modulo 2**32.
    """
    return fixed_point.wrap_int32(s.bias - zero_point * weight_sums)


# --- constraints ---------------------------------------------------------------------------------


def int8_weights(graph: Graph, op: Op) -> str | None:
    """Input, weights and output must be int8, the bias int32 or absent"""
    x, w, *rest = graph.input_tensors(op)
    for t in (x, w, graph.output(op)):
        if t is not None and t.dtype is not DType.INT8:
            return f"{t.dtype.value} {t.name!r}"
    bias = rest[0] if rest else None
    if bias is not None and bias.dtype is not DType.INT32:
        return f"{bias.dtype.value} {bias.name!r}"
    return None


def constant_weights(graph: Graph, op: Op) -> str | None:
    """Weights and bias must be constants"""
    computed = [t for t in graph.input_tensors(op)[1:] if t is not None and t.data is None]
    return f"computed {computed[0].name!r}" if computed else None


def symmetric_weights(graph: Graph, op: Op) -> str | None:
    """Input and output must have one scale, weights one or one for each output channel, zero
    point 0"""
    x, w, *_ = graph.input_tensors(op)
    out = graph.output(op)
    for t in (x, out):
        if t is None or t.quant is None or len(t.quant.scales) != 1:
            return f"quantization of {t.name if t else 'input'!r}"
    if w is None or w.quant is None or len(w.quant.scales) not in (1, *out.shape[-1:]):
        return "quantization of the weights"
    if any(w.quant.zero_points):
        return f"weights with zero point {next(z for z in w.quant.zero_points if z)}"
    return None


def bias_shape(graph: Graph, op: Op) -> str | None:
    """The bias must have one element for each output channel"""
    bias = (*graph.input_tensors(op), None)[2]
    channels = graph.output(op).shape[-1:]
    return None if bias is None or (bias.elements,) == channels else f"shape {bias.shape}"


CONSTRAINTS = (
    int8_weights,
    constant_weights,
    symmetric_weights,
    bias_shape,
    common.known_activation,
)
