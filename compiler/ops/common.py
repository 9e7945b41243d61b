# SPDX-License-Identifier: Apache-2.0
"""What several operator modules share: constraints, activation ranges, padding, shapes.

The docstring of a constraint is the error text and a row of SUPPORTED_OPS.md.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, DType, Graph, Op, Tensor
from netsuke.compiler.ops.base import Cut

Padding = Literal["SAME", "VALID"]

INT8_MIN, INT8_MAX = -128, 127

MAX_SIDE = 1 << 14
"""Of an output, a window or a step whose size the model file states: far more than fits any target,
and keeps what a file claims from growing memory."""


class Activation(enum.IntEnum):
    """tflite.ActivationFunctionType."""

    NONE = 0
    RELU = 1
    RELU_N1_TO_1 = 2
    RELU6 = 3
    TANH = 4
    SIGN_BIT = 5


_RANGES: dict[Activation, tuple[float | None, float | None]] = {
    Activation.NONE: (None, None),
    Activation.RELU: (0.0, None),
    Activation.RELU_N1_TO_1: (-1.0, 1.0),
    Activation.RELU6: (0.0, 6.0),
}


def activation_range(activation: int, out: Tensor) -> tuple[int, int]:
    """The int8 numbers that a fused activation clamps to, both inclusive.

    Source: CalculateActivationRangeQuantized in tensorflow/lite/kernels/kernel_util.cc, which
    divides in float32 and rounds half away from zero.
    """
    low, high = _RANGES[Activation(activation)]

    def quantize(real: float) -> int:
        scaled = float(np.float32(real) / np.float32(out.q.scale))
        return out.q.zero_point + int(np.copysign(np.floor(abs(scaled) + 0.5), scaled))

    return (
        INT8_MIN if low is None else max(INT8_MIN, quantize(low)),
        INT8_MAX if high is None else min(INT8_MAX, quantize(high)),
    )


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """(before, after) of TFLite's SAME padding along one axis."""
    reach = (kernel - 1) * dilation + 1
    out = -(-size // stride)
    total = max(0, (out - 1) * stride + reach - size)
    return total // 2, total - total // 2


def input0(inputs: Sequence[Tensor | None]) -> Tensor:
    """The first input, which every operator has."""
    tensor = inputs[0]
    assert tensor is not None
    return tensor


def value0(values: Sequence[Array | None]) -> Array:
    """The value of the first input."""
    value = values[0]
    assert value is not None
    return value


def constant_ints(tensor: Tensor | None) -> tuple[int, ...] | None:
    """The numbers of a constant int32 or int64 input (axes, shapes), None when it is not one."""
    if tensor is None or tensor.data is None or tensor.dtype not in (DType.INT32, DType.INT64):
        return None
    return tuple(int(v) for v in tensor.data.ravel())


def image_size(tensor: Tensor | None) -> tuple[int, int]:
    """(height, width) from an input that states them. InputError where it is no such."""
    size = constant_ints(tensor)
    if size is None or len(size) != 2 or not all(1 <= n <= MAX_SIDE for n in size):
        got = "a computed one" if size is None else str(list(size))
        raise InputError("size", got, f"two constant numbers from 1 to {MAX_SIDE}")
    return size[0], size[1]


def resolved_axes(axes: Sequence[int], rank: int) -> tuple[int, ...]:
    """Axes of a tensor of `rank` dimensions, negative ones counted from its end, as rising
    different numbers from 0. InputError for an axis outside it."""
    for axis in axes:
        if not -rank <= axis < rank:
            raise InputError("axis", str(axis), f"{-rank} to {rank - 1}")
    return tuple(sorted({axis % rank for axis in axes}))


def row_axis(shape: Sequence[int]) -> int:
    """The axis that `Tensor.rows` steps along; 0 for a tensor of one row."""
    return next((i for i, n in enumerate(shape[:-1]) if n != 1), 0)


def rows_are_pixels(image: Tensor) -> bool:
    """Whether the rows of [1, h, w, c] are pixels, for it is one image row of several."""
    return image.shape[1] == 1 and image.shape[2] > 1


def of_one_row(*images: Tensor) -> bool:
    """Whether any of these [1, h, w, c] is one image row, so that image rows are not the rows of
    all these tensors."""
    return any(image.shape[1] == 1 for image in images)


def merged_axes(axes: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """(extent, stride) of axes without those of 1, neighbours that are one run of steps made
    one."""
    merged: list[tuple[int, int]] = []
    for extent, stride in axes:
        if extent == 1:
            continue
        if merged and merged[-1][1] == extent * stride:
            merged[-1] = (merged[-1][0] * extent, stride)
        else:
            merged.append((extent, stride))
    return tuple(merged)


def clamp_int8(values: Array, low: int = INT8_MIN, high: int = INT8_MAX) -> Array:
    """`values` clamped to [low, high], as int8."""
    return np.clip(values, low, high).astype(np.int8)


# --- constraints ---------------------------------------------------------------------------------


def _data_tensors(graph: Graph, op: Op) -> list[Tensor]:
    """The outputs and all inputs but constant integers, which are axes, shapes and the like."""
    first, *others = (t for t in graph.input_tensors(op) if t is not None)
    integers = (DType.INT32, DType.INT64)
    values = [t for t in others if t.data is None or t.dtype not in integers]
    return [first, *values, *(graph.tensors[t] for t in op.outputs)]


def int8_in_and_out(graph: Graph, op: Op) -> str | None:
    """Inputs and outputs must be int8"""
    wrong = [t for t in _data_tensors(graph, op) if t.dtype is not DType.INT8]
    return f"{wrong[0].dtype.value} {wrong[0].name!r}" if wrong else None


def int8_inputs(graph: Graph, op: Op) -> str | None:
    """All inputs must be int8"""
    wrong = [t for t in graph.input_tensors(op) if t is not None and t.dtype is not DType.INT8]
    return f"{wrong[0].dtype.value} {wrong[0].name!r}" if wrong else None


def per_tensor_quantized(graph: Graph, op: Op) -> str | None:
    """Inputs and outputs must have one scale and one zero point each"""
    for t in _data_tensors(graph, op):
        if t.quant is None:
            return f"no quantization of {t.name!r}"
        if t.quant.axis is not None:
            return f"{len(t.quant.scales)} scales of {t.name!r}"
    return None


def int8_or_float32(graph: Graph, op: Op) -> str | None:
    """Input and output must both be int8, or both float32 between a DEQUANTIZE and a QUANTIZE"""
    types = [t.dtype for t in (input0(graph.input_tensors(op)), graph.output(op))]
    if types in ([DType.INT8] * 2, [DType.FLOAT32] * 2):
        return None
    return " and ".join(t.value for t in types)


def quantized_int8(graph: Graph, op: Op) -> str | None:
    """int8 tensors must have one scale and one zero point each"""
    return per_tensor_quantized(graph, op) if graph.output(op).dtype is DType.INT8 else None


def same_quantization(graph: Graph, op: Op) -> str | None:
    """Inputs and output must have the same scale and zero point"""
    pairs = {(t.quant.scales, t.quant.zero_points) for t in _data_tensors(graph, op) if t.quant}
    return None if len(pairs) <= 1 else " and ".join(str(pair) for pair in sorted(pairs))


def known_activation(graph: Graph, op: Op) -> str | None:
    """The fused activation must be NONE, RELU, RELU_N1_TO_1 or RELU6"""
    activation = Activation(getattr(op.attrs, "activation", 0))
    return None if activation in _RANGES else activation.name


def rank_4(graph: Graph, op: Op) -> str | None:
    """The input must have four dimensions: batch, height, width, channels"""
    shape = input0(graph.input_tensors(op)).shape
    return None if len(shape) == 4 else f"shape {shape}"


def batch_1(graph: Graph, op: Op) -> str | None:
    """The batch, the first dimension, must be 1: an inference computes one image"""
    batch = input0(graph.input_tensors(op)).shape[:1]
    return None if batch in ((), (1,)) else f"batch {batch[0]}"


def no_scalar(graph: Graph, op: Op) -> str | None:
    """The output must have at least one dimension and at most five"""
    shape = graph.output(op).shape
    return None if 1 <= len(shape) <= 5 else f"{len(shape)} dimensions"


def six_axes(graph: Graph, op: Op) -> str | None:
    """The output must have at least one dimension and at most six"""
    shape = graph.output(op).shape
    return None if 1 <= len(shape) <= 6 else f"{len(shape)} dimensions"


INT8 = (int8_in_and_out, per_tensor_quantized, no_scalar)
"""What almost every operator requires of its tensors."""

MOVED_INT8 = (int8_in_and_out, per_tensor_quantized, six_axes)
"""What operators require that only move bytes."""

IMAGE = (*INT8, rank_4, batch_1)
"""What operators on images require."""


def aligned_cut(tensor: Tensor, rank: int, cut: Cut) -> Cut | None:
    """The cut of an operand that broadcasts to a result of `rank` axes; None: all of it."""
    axis = cut.axis - (rank - len(tensor.shape))
    if axis < 0 or tensor.shape[axis] == 1:
        return None
    return Cut(axis, cut.start, cut.size)
