# SPDX-License-Identifier: Apache-2.0
"""Random small networks of the operators that stream: branches, residuals, strides, odd sizes."""

from __future__ import annotations

import dataclasses

import numpy as np

from netsuke.compiler.ir import Attrs, DType, Graph, Op, QuantParams, Tensor, TensorId, constant
from netsuke.compiler.ops.add import AddAttrs
from netsuke.compiler.ops.average_pool_2d import AveragePool2dAttrs
from netsuke.compiler.ops.concatenation import ConcatenationAttrs
from netsuke.compiler.ops.conv_2d import Conv2DAttrs
from netsuke.compiler.ops.depthwise_conv_2d import DepthwiseConv2DAttrs
from netsuke.compiler.ops.fully_connected import FullyConnectedAttrs
from netsuke.compiler.ops.logistic import LogisticAttrs
from netsuke.compiler.ops.max_pool_2d import MaxPool2dAttrs
from netsuke.compiler.ops.mean import MeanAttrs
from netsuke.compiler.ops.mul import MulAttrs
from netsuke.compiler.ops.pad import PadAttrs
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.ops.resize_nearest_neighbor import ResizeNearestNeighborAttrs
from netsuke.compiler.ops.sub import SubAttrs
from netsuke.compiler.verify import verify

IMAGE = QuantParams((0.0625,), (-5,))
PRODUCT = QuantParams((0.25,), (3,))
UNIT = QuantParams((1 / 256,), (-128,))
STEPS = ("conv", "conv", "depthwise", "depthwise", "inverted", "pool", "join", "join", "concat")
RARE_STEPS = ("pad", "resize", "scale", "logistic", "tokens", "gate")
LARGEST_BYTES = 4000


class _Builder:
    """Appends operators; a method that finds nothing fitting appends none."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.tensors: dict[TensorId, Tensor] = {}
        self.ops: list[Op] = []
        self.inputs: list[TensorId] = []
        self.images: list[TensorId] = []

    # --- parts ---

    def _add(self, tensor: Tensor) -> TensorId:
        self.tensors[len(self.tensors)] = tensor
        return len(self.tensors) - 1

    def image(self, shape: tuple[int, ...]) -> TensorId:
        t = self._add(Tensor(f"t{len(self.tensors)}", shape, DType.INT8, IMAGE))
        self.images.append(t)
        return t

    def _int(self, low: int, high: int) -> int:
        """A number of [low, high]."""
        return int(self.rng.integers(low, high + 1))

    def _any(self) -> TensorId:
        """An image, more often a late one, and often one that nothing reads yet."""
        unread = [t for t in self.images if all(t not in op.inputs for op in self.ops)]
        pool = unread if unread and self.rng.random() < 0.6 else self.images[-4:]
        return int(self.rng.choice(pool))

    def _shape(self, t: TensorId) -> tuple[int, ...]:
        return self.tensors[t].shape

    def emit(self, attrs: Attrs, inputs: tuple[TensorId, ...], quant: QuantParams = IMAGE) -> bool:
        """Appends an operator if its constraints hold and its output is neither empty nor large."""
        operator = operator_of(attrs)
        given = tuple(self.tensors[t] for t in inputs)
        shape = operator.infer(attrs, given)
        if min(shape) < 1 or np.prod(shape) > LARGEST_BYTES:
            return False
        out = self._add(Tensor(f"t{len(self.tensors)}", shape, DType.INT8, quant))
        op = Op(len(self.ops), attrs, inputs, (out,))
        graph = Graph("net", self.tensors, (*self.ops, op), (), ())
        if any(constraint(graph, op) for constraint in operator.constraints):
            return False
        self.ops.append(op)
        self.images.append(out)
        return True

    def _weights(self, shape: tuple[int, ...], axis: int) -> tuple[TensorId, TensorId]:
        channels = shape[axis]
        scales = self.rng.uniform(0.004, 0.02, channels).astype(np.float32)
        quant = QuantParams(tuple(map(float, scales)), (0,) * channels, axis)
        weights = self.rng.integers(-127, 128, shape).astype(np.int8)
        bias = self.rng.integers(-900, 900, channels).astype(np.int32)
        return self._add(constant("w", weights, quant)), self._add(constant("b", bias))

    def _window(self, x: TensorId) -> tuple[tuple[int, int], dict[str, int]]:
        """A kernel (height, width) and the fields of a window: strides, padding, dilation."""
        _, high, wide, _ = self._shape(x)
        kernel = tuple(min(self._int(1, 4), n + 2) for n in (high, wide))
        fields = {
            f"{name}_{axis}": self._int(1, 2) if self.rng.random() < 0.4 else 1
            for name in ("stride", "dilation")
            for axis in "hw"
        }
        for side, size in zip(
            ("top", "bottom", "left", "right"), np.repeat(kernel, 2), strict=True
        ):
            fields[f"pad_{side}"] = self._int(0, int(size) - 1)
        return (kernel[0], kernel[1]), fields

    # --- steps ---

    def conv(self) -> None:
        x = self._any()
        kernel, fields = self._window(x)
        if self.rng.random() < 0.4:
            kernel, fields = (1, 1), {}
        w, b = self._weights((self._int(1, 9), *kernel, self._shape(x)[3]), 0)
        self.emit(Conv2DAttrs(**fields, activation=int(self.rng.choice([0, 1, 3]))), (x, w, b))

    def depthwise(self) -> None:
        x = self._any()
        kernel, fields = self._window(x)
        w, b = self._weights((1, *kernel, self._shape(x)[3] * self._int(1, 2)), 3)
        self.emit(DepthwiseConv2DAttrs(**fields), (x, w, b))

    def inverted(self) -> None:
        """Expand, depthwise, project, and the residual sum."""
        x = self._any()
        channels = self._shape(x)[3]
        w, b = self._weights((channels * 2, 1, 1, channels), 0)
        if not self.emit(Conv2DAttrs(activation=1), (x, w, b)):
            return
        middle = self.images[-1]
        w, b = self._weights((1, 3, 3, channels * 2), 3)
        attrs = DepthwiseConv2DAttrs(pad_top=1, pad_bottom=1, pad_left=1, pad_right=1)
        if not self.emit(attrs, (middle, w, b)):
            return
        w, b = self._weights((channels, 1, 1, channels * 2), 0)
        if self.emit(Conv2DAttrs(), (self.images[-1], w, b)):
            self.emit(AddAttrs(), (x, self.images[-1]))

    def pool(self) -> None:
        x = self._any()
        _, high, wide, _ = self._shape(x)
        kernel = {"kernel_h": min(high, self._int(1, 3)), "kernel_w": min(wide, self._int(1, 3))}
        pads = {
            f"pad_{side}": self._int(0, (kernel[f"kernel_{axis}"] - 1))
            for side, axis in (("top", "h"), ("bottom", "h"), ("left", "w"), ("right", "w"))
        }
        pads = pads if self.rng.random() < 0.5 else dict.fromkeys(pads, 0)
        kind = AveragePool2dAttrs if self.rng.random() < 0.5 else MaxPool2dAttrs
        fields = {"stride_h": self._int(1, 2), "stride_w": self._int(1, 2), **kernel, **pads}
        self.emit(kind(**fields), (x,), self.tensors[x].q)

    def join(self) -> None:
        """A sum or difference of two images of one shape, made at different times."""
        x = self._any()
        others = [t for t in self.images if self._shape(t) == self._shape(x)]
        y = int(self.rng.choice(others))
        attrs = AddAttrs(self._int(0, 1)) if self.rng.random() < 0.7 else SubAttrs()
        self.emit(attrs, (x, y))

    def concat(self) -> None:
        x = self._any()
        axis = 3 if self.rng.random() < 0.8 else int(self.rng.choice([1, 2]))
        fits = [
            t
            for t in self.images
            if self.tensors[t].q == self.tensors[x].q
            and np.delete(self._shape(t), axis).tolist() == np.delete(self._shape(x), axis).tolist()
        ]
        chosen = [int(t) for t in self.rng.choice(fits, self._int(1, 3))]
        self.emit(ConcatenationAttrs(axis), (x, *chosen), self.tensors[x].q)

    def pad(self) -> None:
        x = self._any()
        sides = tuple((self._int(0, 2), self._int(0, 2)) for _ in range(2))
        paddings = ((0, 0), *sides, (0, 0))
        p = self._add(constant("paddings", np.array(paddings, np.int32)))
        self.emit(PadAttrs(paddings), (x, p), self.tensors[x].q)

    def resize(self) -> None:
        x = self._any()
        size = (self._int(1, 12), self._int(1, 12))
        s = self._add(constant("size", np.array(size, np.int32)))
        half = self.rng.random() < 0.5
        self.emit(ResizeNearestNeighborAttrs(*size, False, half), (x, s), self.tensors[x].q)

    def scale(self) -> None:
        """MUL by a constant for each channel."""
        x = self._any()
        values = self.rng.integers(-128, 128, (1, 1, 1, self._shape(x)[3])).astype(np.int8)
        self.emit(MulAttrs(), (x, self._add(constant("factors", values, IMAGE))), PRODUCT)

    def gate(self) -> None:
        """Squeeze and excite: the mean of an image scales the image, which must wait for it."""
        x = self._any()
        axes = self._add(constant("axes", np.array([1, 2], np.int32)))
        if self.emit(MeanAttrs((1, 2), True), (x, axes)):
            self.emit(MulAttrs(), (x, self.images[-1]), PRODUCT)

    def logistic(self) -> None:
        self.emit(LogisticAttrs(), (self._any(),), UNIT)

    def tokens(self) -> None:
        """Rows joined or split by a view: [1, h, w, c] becomes [1, h * w, 1, c] or [1, w, h, c]."""
        x = self._any()
        _, high, wide, channels = self._shape(x)
        turned = (1, wide, high, channels)
        shape = turned if self.rng.random() < 0.5 else (1, high * wide, 1, channels)
        self.emit(ReshapeAttrs(shape), (x,), self.tensors[x].q)

    def classes(self) -> None:
        """Global pooling, or not, and FULLY_CONNECTED."""
        x = self._any()
        _, high, wide, _ = self._shape(x)
        choice = self._int(0, 2)
        if choice == 0:
            attrs = AveragePool2dAttrs(high, wide, high, wide, 0, 0, 0, 0)
            x = self.images[-1] if self.emit(attrs, (x,), self.tensors[x].q) else x
        elif choice == 1:
            axes = self._add(constant("axes", np.array([1, 2], np.int32)))
            x = self.images[-1] if self.emit(MeanAttrs((1, 2), True), (x, axes)) else x
        shape = (1, self.tensors[x].elements)
        self.emit(ReshapeAttrs(shape), (x,), self.tensors[x].q)
        w, b = self._weights((self._int(1, 6), shape[1]), 0)
        self.emit(FullyConnectedAttrs(), (self.images[-1], w, b))


def random_network(seed: int) -> Graph:
    """A network of one to fifteen or so operators; equal seeds give equal graphs.

    Every tensor that nothing reads is an output. One in eight networks has two inputs.
    """
    rng = np.random.default_rng(seed)
    b = _Builder(rng)
    height, width = (int(n) for n in rng.choice([1, 2, 3, 5, 7, 8, 11, 13], 2))
    inputs = [
        b.image((1, height, width, int(rng.integers(1, 5)))) for _ in range(1 + (seed % 8 == 7))
    ]
    for _ in range(int(rng.integers(2, 13))):
        steps = STEPS if rng.random() < 0.75 else RARE_STEPS
        getattr(b, str(rng.choice(steps)))()
    if not b.ops:
        b.emit(AddAttrs(), (inputs[0], inputs[0]))
    if rng.random() < 0.4:
        b.classes()
    read = {t for op in b.ops for t in op.inputs}
    outputs = tuple(op.outputs[0] for op in b.ops if op.outputs[0] not in read)
    graph = Graph(f"seed{seed}", b.tensors, tuple(b.ops), tuple(inputs), outputs).replace()
    used = [i for i in graph.inputs if i in read]
    graph = dataclasses.replace(graph, inputs=tuple(used or graph.inputs)).replace()
    verify(graph)
    return graph
