# SPDX-License-Identifier: Apache-2.0
"""Reads a CONV_2D in groups as what it computes: a convolution of each group's channels, joined;
or, where a group is one channel, a DEPTHWISE_CONV_2D.

The weights of a convolution in groups have fewer channels than its input: group g of the output's
channels reads group g of the input's. Source: tensorflow/lite/kernels/internal/reference/
integer_ops/conv.h.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np

from netsuke.compiler.ir import Attrs, Graph, Op, Origin, QuantParams, Tensor, TensorId, constant
from netsuke.compiler.ops.common import input0
from netsuke.compiler.ops.concatenation import MAX_INPUTS, ConcatenationAttrs
from netsuke.compiler.ops.conv_2d import Conv2DAttrs
from netsuke.compiler.ops.depthwise_conv_2d import DepthwiseConv2DAttrs
from netsuke.compiler.ops.products import weights_of
from netsuke.compiler.ops.split import SplitAttrs

_CHANNELS = 3
"""Axis of images."""


def split_groups(graph: Graph) -> Graph:
    """`graph` without convolutions in groups. One that is not sound stays, for its constraints to
    say why."""
    for op in graph.ops:
        groups = _groups(graph, op)
        if groups > 1:
            single = input0(graph.input_tensors(op)).shape[_CHANNELS] == groups
            graph = _depthwise(graph, op) if single else _Splitter(graph, op, groups).split()
    return graph


def _groups(graph: Graph, op: Op) -> int:
    """In how many groups a convolution is, 0 where it cannot be told."""
    if not isinstance(op.attrs, Conv2DAttrs):
        return 0
    x, w, *rest = graph.input_tensors(op)
    out = graph.output(op)
    if x is None or w is None or any(t is not None and t.data is None for t in (w, *rest)):
        return 0
    if not len(x.shape) == len(w.shape) == len(out.shape) == 4 or out.shape[3] != w.shape[0]:
        return 0
    biased = all(t is None or t.shape == (w.shape[0],) for t in rest)
    groups, uneven = divmod(x.shape[3], max(w.shape[3], 1))
    return 0 if uneven or groups == 0 or w.shape[0] % groups or not biased else groups


def _depthwise(graph: Graph, op: Op) -> Graph:
    """Channel j of the output reads channel j // multiplier, as there."""
    w = weights_of(graph.input_tensors(op))
    assert w.data is not None and isinstance(op.attrs, Conv2DAttrs)
    fields = {f.name: getattr(op.attrs, f.name) for f in dataclasses.fields(op.attrs)}
    quant = w.quant
    if quant is not None and quant.axis is not None:
        quant = dataclasses.replace(quant, axis=_CHANNELS)
    t = graph.next_tensor_id()
    turned = constant(w.name, w.data.transpose(3, 1, 2, 0), quant)
    new = dataclasses.replace(
        op, attrs=DepthwiseConv2DAttrs(**fields), inputs=(op.inputs[0], t, *op.inputs[2:])
    )
    ops = (new if o.index == op.index else o for o in graph.ops)
    return graph.replace(ops=ops, tensors={**graph.tensors, t: turned})


class _Splitter:
    """Makes the operators that take the place of one."""

    def __init__(self, graph: Graph, op: Op, groups: int) -> None:
        self.graph, self.op, self.groups = graph, op, groups
        self.tensors = dict(graph.tensors)
        self.ops: list[Op] = []
        self._ids = itertools.count(graph.next_tensor_id())
        self._indices = itertools.count(graph.next_op_index())

    def split(self) -> Graph:
        axis = self._new(constant("axis", np.array([_CHANNELS], np.int32)))
        size = self.graph.output(self.op).shape[_CHANNELS] // self.groups
        parts = [(self._group(g, size, axis), size) for g in range(self.groups)]
        while len(parts) > MAX_INPUTS:
            parts = list(self._joined(parts))
        inputs = tuple(t for t, _ in parts)
        self._add(ConcatenationAttrs(_CHANNELS), inputs, self.op.outputs[0])
        ops = (self.ops if o.index == self.op.index else [o] for o in self.graph.ops)
        return self.graph.replace(ops=itertools.chain(*ops), tensors=self.tensors)

    def _new(self, tensor: Tensor) -> TensorId:
        t = next(self._ids)
        self.tensors[t] = tensor
        return t

    def _add(self, attrs: Attrs, inputs: tuple[TensorId | None, ...], out: TensorId) -> None:
        self.ops.append(Op(next(self._indices), attrs, inputs, (out,), self.op.index))

    def _group(self, g: int, size: int, axis: TensorId) -> TensorId:
        """The channels of one group of the output."""
        x, *constants = self.op.inputs
        assert x is not None
        depth = self.graph.tensors[x].shape[_CHANNELS] // self.groups
        source, out = self._part_of(x, g * depth, depth), self._output(g * size, size)
        self._add(SplitAttrs(_CHANNELS, self.groups, g), (x, axis), source)
        rows = slice(g * size, g * size + size)
        given = (None if t is None else self._rows(t, rows) for t in constants)
        self._add(self.op.attrs, (source, *given), out)
        return out

    def _output(self, start: int, size: int) -> TensorId:
        return self._part_of(self.op.outputs[0], start, size)

    def _part_of(self, t: TensorId, start: int, size: int) -> TensorId:
        whole = self.graph.tensors[t]
        origin = Origin(t, tuple(range(start, start + size)))
        shape, name = (*whole.shape[:_CHANNELS], size), f"{whole.name}[{start}:{start + size}]"
        return self._new(dataclasses.replace(whole, name=name, shape=shape, origin=origin))

    def _rows(self, t: TensorId, rows: slice) -> TensorId:
        """Some output channels of the weights or the bias."""
        tensor = self.graph.tensors[t]
        assert tensor.data is not None
        quant = tensor.quant
        if quant is not None and quant.axis is not None:
            quant = QuantParams(quant.scales[rows], quant.zero_points[rows], quant.axis)
        return self._new(constant(tensor.name, tensor.data[rows], quant))

    def _joined(self, parts: list[tuple[TensorId, int]]) -> Iterator[tuple[TensorId, int]]:
        """Neighbours concatenated, as many as the operator takes; (tensor, channels) of each."""
        start = 0
        for first in range(0, len(parts), MAX_INPUTS):
            some = parts[first : first + MAX_INPUTS]
            size = sum(n for _, n in some)
            out = self._output(start, size)
            self._add(ConcatenationAttrs(_CHANNELS), tuple(t for t, _ in some), out)
            yield out, size
            start += size
