# SPDX-License-Identifier: Apache-2.0
"""The graph that every stage reads: tensors, operators, quantization. Immutable throughout.

Tensors are identified by integers: a tensor read from a file keeps its index there, a tensor made
by a pass gets the next free number. The order of `Graph.ops` is the order of execution.
"""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
TensorId = int


class DType(enum.Enum):
    """Element types that a graph can hold; the value is the numpy name."""

    INT8 = "int8"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float32"

    @property
    def size_bytes(self) -> int:
        """Of one element."""
        return np.dtype(self.value).itemsize


@dataclass(frozen=True, slots=True)
class QuantParams:
    """real = scale * (quantized - zero_point), TFLite's affine quantization.

    One scale and zero point (`axis` is None), or one for each index along `axis`.
    Scales are float32 values held exactly in Python floats.
    """

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int | None = None

    @property
    def scale(self) -> float:
        """The scale of a per-tensor quantization."""
        assert self.axis is None
        return self.scales[0]

    @property
    def zero_point(self) -> int:
        """The zero point of a per-tensor quantization."""
        assert self.axis is None
        return self.zero_points[0]


@dataclass(frozen=True, slots=True)
class Origin:
    """Which tensor of the model file a tensor holds a part of, or holds in another order.

    Its axis a is axis `axes[a]` of `tensor` (all in order where `axes` is None); index i of its
    last axis is index `channels[i]` there. `cut`, if any, is (axis, first, count) of what it holds
    of another axis.
    """

    tensor: TensorId
    channels: tuple[int, ...]
    axes: tuple[int, ...] | None = None
    cut: tuple[int, int, int] | None = None

    def of(self, value: Array) -> Array:
        """The part of `value`, the whole original, that the tensor holds."""
        ordered = value if self.axes is None else value.transpose(self.axes)
        if self.cut is not None:
            axis, first, count = self.cut
            ordered = ordered.take(range(first, first + count), axis)
        return np.ascontiguousarray(ordered[..., list(self.channels)])


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value of the graph. `data` is set, and read-only, for constants.

    `origin` is None where the tensor holds all that the model file says it does.
    """

    name: str
    shape: tuple[int, ...]
    dtype: DType
    quant: QuantParams | None = None
    data: Array | None = field(default=None, compare=False)
    origin: Origin | None = None

    @property
    def elements(self) -> int:
        """How many; 1 for a scalar."""
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Of all elements."""
        return self.elements * self.dtype.size_bytes

    @property
    def rows(self) -> int:
        """Steps along the streaming axis: the first dimension larger than one, else 1.

        The last axis (channels, classes, features) is never streamed: a vector is one row.
        """
        return next((n for n in self.shape[:-1] if n != 1), 1)

    @property
    def row_bytes(self) -> int:
        """Of one of `rows`."""
        return self.size_bytes // self.rows if self.rows else 0

    @property
    def q(self) -> QuantParams:
        """The quantization of a tensor that is known to have one."""
        assert self.quant is not None, self.name
        return self.quant


class Attrs:
    """Base of the frozen dataclasses that hold one operator's parameters."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Op:
    """One operator. None marks an absent input.

    `index` tells operators apart: their place in the model file, or a higher number for one that a
    pass made, or that stands for one output of several. Such a one has as `source` the operator of
    the file that it is a part of.
    """

    index: int
    attrs: Attrs
    inputs: tuple[TensorId | None, ...]
    outputs: tuple[TensorId, ...]
    source: int | None = None

    @property
    def place(self) -> str:
        """The operator's index; behind that of the file's operator, for a part of one."""
        return str(self.index) if self.source is None else f"{self.source}.{self.index}"

    @property
    def present_inputs(self) -> tuple[TensorId, ...]:
        """The inputs that are not absent, in order, with repetitions."""
        return tuple(i for i in self.inputs if i is not None)


@dataclass(frozen=True, slots=True)
class Graph:
    """A whole network. `inputs` and `outputs` are in the order of the model file."""

    name: str
    tensors: Mapping[TensorId, Tensor]
    ops: tuple[Op, ...]
    inputs: tuple[TensorId, ...]
    outputs: tuple[TensorId, ...]

    def input_tensors(self, op: Op) -> tuple[Tensor | None, ...]:
        """One for each input of `op`, None for those that are absent."""
        return tuple(None if i is None else self.tensors[i] for i in op.inputs)

    def output(self, op: Op) -> Tensor:
        """The output of `op`; each operator has one."""
        return self.tensors[op.outputs[0]]

    def producers(self) -> dict[TensorId, Op]:
        """For each computed tensor the operator that writes it."""
        return {t: op for op in self.ops for t in op.outputs}

    def consumers(self) -> dict[TensorId, tuple[Op, ...]]:
        """For each tensor the operators that read it, in order, each once."""
        readers: dict[TensorId, list[Op]] = {t: [] for t in self.tensors}
        for op in self.ops:
            for t in dict.fromkeys(op.present_inputs):
                readers[t].append(op)
        return {t: tuple(ops) for t, ops in readers.items()}

    def activation_inputs(self, op: Op) -> tuple[TensorId, ...]:
        """The inputs of `op` that are computed, not constant, in order, with repetitions."""
        return tuple(i for i in op.present_inputs if self.tensors[i].data is None)

    def replace(
        self,
        *,
        ops: Iterable[Op] | None = None,
        tensors: Mapping[TensorId, Tensor] | None = None,
        inputs: Iterable[TensorId] | None = None,
        outputs: Iterable[TensorId] | None = None,
    ) -> Graph:
        """A graph with these parts exchanged; tensors that nothing uses any more are dropped."""
        new_ops = self.ops if ops is None else tuple(ops)
        new_inputs = self.inputs if inputs is None else tuple(inputs)
        new_outputs = self.outputs if outputs is None else tuple(outputs)
        used = {*new_inputs, *new_outputs}
        used.update(t for op in new_ops for t in (*op.present_inputs, *op.outputs))
        kept = {t: v for t, v in (tensors or self.tensors).items() if t in used}
        return dataclasses.replace(
            self,
            ops=new_ops,
            inputs=new_inputs,
            outputs=new_outputs,
            tensors=MappingProxyType(dict(sorted(kept.items()))),
        )

    def next_op_index(self) -> int:
        """An index that no operator has, nor any after it."""
        return max((op.index for op in self.ops), default=-1) + 1

    def next_tensor_id(self) -> TensorId:
        """A number that no tensor has, nor any after it."""
        return max(self.tensors, default=-1) + 1


def constant(name: str, values: Array, quant: QuantParams | None = None) -> Tensor:
    """A constant tensor; `values` is copied and made read-only."""
    data = np.array(values, order="C")
    data.setflags(write=False)
    return Tensor(name, tuple(int(n) for n in data.shape), DType(data.dtype.name), quant, data)
