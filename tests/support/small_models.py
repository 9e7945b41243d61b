# SPDX-License-Identifier: Apache-2.0
"""Small but whole networks that between them use every operator, made without a training tool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.support.tflite_builder import OpSpec, TensorSpec, build_model

IMAGE = {"padding": "SAME", "stride_w": 1, "stride_h": 1}
POOL = {"padding": "VALID", "stride_w": 2, "stride_h": 2, "filter_width": 2, "filter_height": 2}
UNIT = {"scale": 1 / 256, "zero_point": -128}
"""The quantization that SOFTMAX and LOGISTIC write."""


class Net:
    """Collects tensors and operators; every method returns the name of what it added."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors: list[TensorSpec] = []
        self.ops: list[OpSpec] = []

    def tensor(self, shape: tuple[int, ...], **more: Any) -> str:
        name = f"t{len(self.tensors)}"
        spec: dict[str, Any] = {"scale": 0.05, "zero_point": 3, **more}
        self.tensors.append(TensorSpec(name, shape, **spec))
        return name

    def weights(self, shape: tuple[int, ...], axis: int | None) -> str:
        channels = 1 if axis is None else shape[axis]
        scale = self.rng.uniform(0.002, 0.02, channels).astype(np.float32)
        data = self.rng.integers(-127, 128, shape)
        return self.tensor(shape, scale=scale, zero_point=0, axis=axis or 0, data=data)

    def ints(self, values: Any) -> str:
        data = np.asarray(values, np.int32)
        return self.tensor(data.shape, dtype="int32", scale=None, data=data)

    def bias(self, channels: int) -> str:
        data = self.rng.integers(-2000, 2000, channels)
        return self.tensor((channels,), dtype="int32", scale=None, data=data)

    def op(
        self,
        builtin: str,
        inputs: Sequence[str | None],
        shape: tuple[int, ...],
        options: dict[str, Any] | None = None,
        **tensor: Any,
    ) -> str:
        out = self.tensor(shape, **tensor)
        self.ops.append(OpSpec(builtin, inputs, [out], options or {}))
        return out

    def build(self, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
        return build_model(self.tensors, self.ops, inputs, outputs)


def convolutional() -> bytes:
    """Convolutions, pooling, a residual sum, and a classifier, int8 from end to end."""
    n = Net(1)
    x = n.tensor((1, 12, 10, 3))
    relu6 = {"fused_activation_function": "RELU6"}
    w = n.weights((8, 3, 3, 3), 0)
    a = n.op("CONV_2D", [x, w, n.bias(8)], (1, 12, 10, 8), IMAGE | relu6)
    w = n.weights((1, 3, 3, 8), 3)
    options = IMAGE | {"depth_multiplier": 1}
    b = n.op("DEPTHWISE_CONV_2D", [a, w, n.bias(8)], (1, 12, 10, 8), options)
    c = n.op("ADD", [a, b], (1, 12, 10, 8), {"fused_activation_function": "RELU"})
    d = n.op("AVERAGE_POOL_2D", [c], (1, 6, 5, 8), POOL)
    e = n.op("MAX_POOL_2D", [d], (1, 3, 2, 8), POOL)
    f = n.op("RESHAPE", [e, n.ints([1, 48])], (1, 48), {"new_shape": [1, 48]})
    w = n.weights((6, 48), None)
    g = n.op("FULLY_CONNECTED", [f, w, n.bias(6)], (1, 6))
    y = n.op("SOFTMAX", [g], (1, 6), {"beta": 1.0}, **UNIT)
    return n.build([x], [y])


def float_edges() -> bytes:
    """QUANTIZE and DEQUANTIZE at the edges, PAD before a convolution, MEAN behind it."""
    n = Net(2)
    x = n.tensor((1, 7, 9, 2), dtype="float32", scale=None)
    a = n.op("QUANTIZE", [x], (1, 7, 9, 2))
    b = n.op("PAD", [a, n.ints([[0, 0], [1, 0], [2, 1], [0, 0]])], (1, 8, 12, 2))
    w = n.weights((4, 2, 3, 2), 0)
    options = {"padding": "VALID", "stride_h": 2, "stride_w": 3}
    c = n.op("CONV_2D", [b, w, n.bias(4)], (1, 4, 4, 4), options)
    d = n.op("RELU", [c], (1, 4, 4, 4))
    e = n.op("MEAN", [d, n.ints([1, 2])], (1, 4), {"keep_dims": False})
    f = n.op("RELU6", [e], (1, 4))
    y = n.op("DEQUANTIZE", [f], (1, 4), dtype="float32", scale=None)
    return n.build([x], [y])


def rearranging() -> bytes:
    """The operators that move data, and broadcasting arithmetic; two inputs, two outputs."""
    n = Net(3)
    x, z = n.tensor((1, 4, 5, 3)), n.tensor((1, 4, 5, 3))
    a = n.op("CONCATENATION", [x, z], (1, 4, 5, 6), {"axis": 3})
    b = n.op("TRANSPOSE", [a, n.ints([0, 2, 1, 3])], (1, 5, 4, 6))
    c = n.op("RESIZE_NEAREST_NEIGHBOR", [b, n.ints([10, 8])], (1, 10, 8, 6))
    w = n.weights((1, 1, 1, 6), None)
    d = n.op("MUL", [c, w], (1, 10, 8, 6), scale=0.002)
    e = n.op("SUB", [d, c], (1, 10, 8, 6))
    f = n.op("SQUEEZE", [e], (10, 8, 6), {"squeeze_dims": [0]})
    g = n.op("EXPAND_DIMS", [f, n.ints([0])], (1, 10, 8, 6))
    y = n.op("LOGISTIC", [g], (1, 10, 8, 6), **UNIT)
    return n.build([x, z], [y, b])


SMALL_MODELS = {
    "convolutional": convolutional,
    "float_edges": float_edges,
    "rearranging": rearranging,
}
