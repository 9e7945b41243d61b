# SPDX-License-Identifier: Apache-2.0
"""Makes operators that compute parts of tensors, as far up a graph as operators allow."""

from __future__ import annotations

import dataclasses

from netsuke.compiler.ir import Graph, Op, Origin, Tensor, TensorId
from netsuke.compiler.ops.base import Cut
from netsuke.compiler.ops.registry import operator_of


class Slicer:
    """Makes operators that compute parts of tensors; each part once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tensors = dict(graph.tensors)
        self.ops: list[Op] = []
        self._producers = graph.producers()
        self._parts: dict[tuple[TensorId, Cut], TensorId] = {}
        self._tensor, self._op = graph.next_tensor_id(), graph.next_op_index()

    def add(self, op: Op, tensor: Tensor, source: Op) -> Op:
        """`op` under a new index, writing a new `tensor`, as a part of `source`."""
        new = dataclasses.replace(
            op,
            index=self._op,
            outputs=(self._new(tensor),),
            source=source.index if source.source is None else source.source,
        )
        self._op += 1
        self.ops.append(new)
        return new

    def _new(self, tensor: Tensor) -> TensorId:
        self._tensor += 1
        self.tensors[self._tensor - 1] = tensor
        return self._tensor - 1

    def cut(self, t: TensorId, cut: Cut) -> TensorId | None:
        """A tensor that holds this part of `t`, None where the operators do not allow it."""
        if (t, cut) not in self._parts:
            made = (
                self._constant(t, cut) if self.tensors[t].data is not None else self._made(t, cut)
            )
            if made is None:
                return None
            self._parts[t, cut] = made
        return self._parts[t, cut]

    def _constant(self, t: TensorId, cut: Cut) -> TensorId:
        tensor = self.tensors[t]
        assert tensor.data is not None
        taken = slice(cut.start, cut.start + cut.size)
        data = tensor.data[(slice(None),) * cut.axis + (taken,)].copy()
        data.setflags(write=False)
        quant = tensor.quant
        if quant is not None and quant.axis == cut.axis:
            quant = dataclasses.replace(
                quant, scales=quant.scales[taken], zero_points=quant.zero_points[taken]
            )
        return self._new(
            dataclasses.replace(tensor, shape=cut.shape(tensor.shape), quant=quant, data=data)
        )

    def _made(self, t: TensorId, cut: Cut) -> TensorId | None:
        op, out = self._producers.get(t), self.tensors[t]
        if op is None:
            return None
        part = operator_of(op.attrs).part(op.attrs, self.graph.input_tensors(op), out, cut)
        if part is None:
            return None
        inputs: list[TensorId | None] = []
        for source, wanted in zip(op.inputs, part.inputs, strict=True):
            if source is None or wanted is None:
                inputs.append(source)
                continue
            found = self.cut(source, wanted)
            if found is None:
                return None
            inputs.append(found)
        piece = dataclasses.replace(
            out,
            shape=cut.shape(out.shape),
            origin=origin_of(t, out, cut),
            name=f"{out.name}[{cut.start}:{cut.start + cut.size}]",
        )
        new = dataclasses.replace(op, attrs=part.attrs, inputs=tuple(inputs))
        return self.add(new, piece, op).outputs[0]


def origin_of(t: TensorId, tensor: Tensor, cut: Cut) -> Origin:
    """Where the bytes of this cut of `tensor` are in the model file. Without channels, which
    nothing is compared with, where that takes cuts of two axes."""
    whole = tensor.origin or Origin(t, tuple(range(tensor.shape[-1])))
    if cut.axis == len(tensor.shape) - 1:
        taken = whole.channels[cut.start : cut.start + cut.size]
        return dataclasses.replace(whole, channels=taken)
    axis, start, _ = whole.cut or (cut.axis, 0, 0)
    if axis != cut.axis:
        return dataclasses.replace(whole, channels=())
    return dataclasses.replace(whole, cut=(axis, start + cut.start, cut.size))
