# SPDX-License-Identifier: Apache-2.0
"""Random networks full of dead work: constant, unread and equal channels, clamps that never act."""

from __future__ import annotations

import dataclasses

import numpy as np

from netsuke.compiler.ir import Array, DType, Graph, Op, QuantParams, Tensor, constant
from netsuke.compiler.ops.add import AddAttrs
from netsuke.compiler.ops.average_pool_2d import AveragePool2dAttrs
from netsuke.compiler.ops.conv_2d import Conv2DAttrs
from netsuke.compiler.ops.depthwise_conv_2d import DepthwiseConv2DAttrs
from netsuke.compiler.ops.fully_connected import FullyConnectedAttrs
from netsuke.compiler.ops.reshape import ReshapeAttrs

SIZE = 5
"""Height and width of all images."""


@dataclasses.dataclass
class Builder:
    """Appends operators with random parameters; methods return the new tensor's number."""

    rng: np.random.Generator
    tensors: dict[int, Tensor] = dataclasses.field(default_factory=dict)
    ops: list[Op] = dataclasses.field(default_factory=list)

    def _add(self, tensor: Tensor) -> int:
        self.tensors[len(self.tensors)] = tensor
        return len(self.tensors) - 1

    def image(self, channels: int) -> int:
        zero_point = int(self.rng.choice([-128, -3]))
        quant = QuantParams((0.0625,), (zero_point,))
        return self._add(Tensor("t", (1, SIZE, SIZE, channels), DType.INT8, quant))

    def _weights(self, shape: tuple[int, ...], axis: int) -> tuple[int, int]:
        """Weights and bias: each channel ordinary, or without effect, or equal to its neighbour."""
        channels = shape[axis]
        weights = np.moveaxis(self.rng.integers(-127, 128, shape), axis, 0).copy()
        bias = self.rng.integers(-3000, 3000, channels)
        scales = np.full(channels, 2.0**-8)
        for c, fate in enumerate(self.rng.integers(0, 5, channels)):
            if fate == 0:
                scales[c] = 2.0**-40
            elif fate == 1:
                bias[c] = -(10**6)
            elif fate == 2 and c > 0:
                weights[c], bias[c], scales[c] = weights[c - 1], bias[c - 1], scales[c - 1]
            elif fate == 3:
                weights[c] = np.where(self.rng.random(weights[c].shape) < 0.9, 0, weights[c])
        return self._constants(np.moveaxis(weights, 0, axis), bias, scales, axis)

    def _constants(self, weights: Array, bias: Array, scales: Array, axis: int) -> tuple[int, int]:
        quant = QuantParams(tuple(map(float, scales)), (0,) * len(scales), axis)
        per_channel = dataclasses.replace(quant, axis=0)
        w = self._add(constant("w", weights.astype(np.int8), quant))
        return w, self._add(constant("b", bias.astype(np.int32), per_channel))

    def _emit(self, attrs: object, inputs: tuple[int, ...], out: int) -> int:
        self.ops.append(Op(len(self.ops), attrs, inputs, (out,)))  # type: ignore[arg-type]
        return out

    def activation(self) -> int:
        return int(self.rng.choice([0, 1, 3]))

    def conv(self, x: int, channels: int, kernel: int) -> int:
        pad = kernel // 2
        in_c = self.tensors[x].shape[3]
        w, b = self._weights((channels, kernel, kernel, in_c), 0)
        attrs = Conv2DAttrs(1, 1, 1, 1, pad, pad, pad, pad, self.activation())
        return self._emit(attrs, (x, w, b), self.image(channels))

    def depthwise(self, x: int, multiplier: int) -> int:
        channels = self.tensors[x].shape[3] * multiplier
        w, b = self._weights((1, 3, 3, channels), 3)
        attrs = DepthwiseConv2DAttrs(1, 1, 1, 1, 1, 1, 1, 1, self.activation())
        return self._emit(attrs, (x, w, b), self.image(channels))

    def add(self, x: int, y: int) -> int:
        out = self.image(self.tensors[x].shape[3])
        return self._emit(AddAttrs(self.activation()), (x, y), out)

    def classes(self, x: int, units: int) -> int:
        """Pooling, or not, and FULLY_CONNECTED."""
        tensor = self.tensors[x]
        channels = tensor.shape[3]
        if self.rng.random() < 0.5:
            pooled = self._add(dataclasses.replace(tensor, shape=(1, 1, 1, channels)))
            attrs = AveragePool2dAttrs(SIZE, SIZE, SIZE, SIZE, 0, 0, 0, 0)
            x = self._emit(attrs, (x,), pooled)
        shape = (1, self.tensors[x].elements)
        flat = self._add(dataclasses.replace(tensor, shape=shape))
        x = self._emit(ReshapeAttrs(shape), (x,), flat)
        w, b = self._weights((units, shape[1]), 0)
        out = self._add(Tensor("classes", (1, units), DType.INT8, QuantParams((0.5,), (3,))))
        return self._emit(FullyConnectedAttrs(), (x, w, b), out)


def dead_work(seed: int) -> Graph:
    """A residual network of nine operators or so on a 5x5 image; equal seeds give equal graphs."""
    b = Builder(np.random.default_rng(seed))
    x = b.image(3)
    trunk = b.conv(x, 6, int(b.rng.choice([1, 3])))
    branch = b.conv(b.depthwise(trunk, int(b.rng.choice([1, 2]))), 6, 1)
    joined = b.add(trunk, branch) if b.rng.random() < 0.7 else branch
    last = b.conv(b.depthwise(joined, 1), 7, int(b.rng.choice([1, 3])))
    y = b.classes(last, 4)
    return Graph("dead_work", b.tensors, tuple(b.ops), (x,), (y,)).replace()
