# SPDX-License-Identifier: Apache-2.0
"""Attention head by head, so that its rows can be streamed.

A converter lays heads out along an axis of their own: RESHAPE and TRANSPOSE before, one
BATCH_MATMUL over all heads, TRANSPOSE and RESHAPE behind. Each head is computed here by operators
of its own instead: projections keep the rows of their weights that belong to the head, products
lose their batch axis, transposes vanish, and the heads' outputs are concatenated token by token.
Sums, roundings and constants of every head are those of the model.

Keys and values of `group` heads at a time are made from the tokens; whatever cheap operators lie
between the tokens and them, a norm, runs again for each group instead of being kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from netsuke.compiler.ir import Graph, Op, Origin, Tensor, TensorId
from netsuke.compiler.ops.base import Cut, Rows
from netsuke.compiler.ops.batch_matmul import BatchMatmulAttrs
from netsuke.compiler.ops.concatenation import ConcatenationAttrs
from netsuke.compiler.ops.registry import accesses, operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.ops.transpose import TransposeAttrs
from netsuke.compiler.passes.absorb_transposes import absorb_transposes
from netsuke.compiler.passes.drop_dead import drop_dead
from netsuke.compiler.passes.eliminate_views import eliminate_views


def split_attention(graph: Graph, group: int) -> Graph:
    """`graph` with every attention that is recognised computed head by head."""
    for merge in list(_merges(graph)):
        graph = _split(graph, merge, group)
    return eliminate_views(absorb_transposes(drop_dead(graph)))


def head_counts(graph: Graph) -> frozenset[int]:
    """The numbers of heads of the attentions that `split_attention` recognises."""
    return frozenset(_heads(graph, merge) for merge in _merges(graph))


def _merges(graph: Graph) -> Iterator[Op]:
    """RESHAPEs that join the heads of a transposed product along the last axis."""
    producers = graph.producers()
    for op in graph.ops:
        if not isinstance(op.attrs, ReshapeAttrs) or op.inputs[0] not in producers:
            continue
        transpose = producers[op.inputs[0]]
        product = producers.get(transpose.inputs[0] or 0)
        if (
            isinstance(transpose.attrs, TransposeAttrs)
            and product is not None
            and isinstance(product.attrs, BatchMatmulAttrs)
            and _heads(graph, op) > 1
            and _parts(graph, op) is not None
        ):
            yield op


def _heads(graph: Graph, merge: Op) -> int:
    shape = graph.tensors[merge.inputs[0] or 0].shape
    return shape[-2] if len(shape) > 2 else 1


def _parts(graph: Graph, merge: Op) -> list[Cut] | None:
    """The cut of the merged tensor that each head fills."""
    out, heads = graph.output(merge), _heads(graph, merge)
    source = graph.tensors[merge.inputs[0] or 0]
    if out.shape[-1] != heads * source.shape[-1]:
        return None
    size = source.shape[-1]
    return [Cut(len(out.shape) - 1, h * size, size) for h in range(heads)]


def _split(graph: Graph, merge: Op, group: int) -> Graph:
    cuts = _parts(graph, merge)
    assert cuts is not None
    slicer = _Slicer(graph)
    found = [slicer.cut(merge.outputs[0], cut) for cut in cuts]
    if None in found:
        return graph
    pieces = [t for t in found if t is not None]
    joined = dataclasses.replace(
        merge, attrs=ConcatenationAttrs(cuts[0].axis), inputs=tuple(pieces)
    )
    ops = [*_ordered(slicer, pieces, group), joined]
    place = graph.ops.index(merge)
    return graph.replace(
        ops=(*graph.ops[:place], *ops, *graph.ops[place + 1 :]), tensors=slicer.tensors
    )


class _Slicer:
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
        if op is None or out.origin is not None:
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
            origin=_origin(t, out, cut),
            name=f"{out.name}[{cut.start}:{cut.start + cut.size}]",
        )
        new = dataclasses.replace(op, attrs=part.attrs, inputs=tuple(inputs))
        return self.add(new, piece, op).outputs[0]


def _origin(t: TensorId, tensor: Tensor, cut: Cut) -> Origin | None:
    """Where the bytes of this cut are in the model file, None where `tensor` holds others."""
    if tensor.origin is not None:
        return None
    last = len(tensor.shape) - 1
    if cut.axis == last:
        return Origin(t, tuple(range(cut.start, cut.start + cut.size)))
    return Origin(t, tuple(range(tensor.shape[-1])), cut=(cut.axis, cut.start, cut.size))


def _ordered(slicer: _Slicer, pieces: Sequence[TensorId], group: int) -> list[Op]:
    """The new operators: all queries, then for each group of heads its keys and values, made from
    a norm of their own, and then its heads one after the other."""
    producers = {op.outputs[0]: op for op in slicer.ops}
    heads = [_upstream(t, producers) for t in pieces]
    kept = {i for head in heads for i in _resident(head, slicer)}
    products = {op.index for op in slicer.ops if isinstance(op.attrs, BatchMatmulAttrs)}
    core = {op.index for op in _downstream(slicer.ops, products)}
    ordered = [op for op in slicer.ops if op.index not in kept | core]
    for first in range(0, len(heads), group):
        members = heads[first : first + group]
        resident = _unique(op for head in members for op in head if op.index in kept)
        ordered += _with_own_norm(slicer, resident) if first else resident
        ordered += _unique(op for head in members for op in head if op.index in core)
    return _unique(ordered)


def _unique(ops: Iterator[Op] | Sequence[Op]) -> list[Op]:
    return list({op.index: op for op in ops}.values())


def _upstream(t: TensorId, producers: dict[TensorId, Op]) -> list[Op]:
    """The new operators that lead to `t`, in order."""
    op = producers.get(t)
    if op is None:
        return []
    before = [up for i in op.present_inputs for up in _upstream(i, producers)]
    return _unique([*before, op])


def _resident(head: Sequence[Op], slicer: _Slicer) -> set[int]:
    """The operators of a head that lead to a product's second operand and to no product."""
    producers = {op.outputs[0]: op for op in head}
    products = [op for op in head if isinstance(op.attrs, BatchMatmulAttrs)]
    after = {op.index for op in _downstream(head, {op.index for op in products})}
    found = {up.index for op in products for up in _upstream(op.present_inputs[1], producers)}
    return found - after


def _downstream(ops: Sequence[Op], start: set[int]) -> list[Op]:
    """The operators among `ops` with these indices and all that read from them."""
    reached: set[TensorId] = set()
    found = []
    for op in ops:
        if op.index in start or reached & set(op.present_inputs):
            reached.update(op.outputs)
            found.append(op)
    return found


def _with_own_norm(slicer: _Slicer, ops: Sequence[Op]) -> list[Op]:
    """`ops` behind copies of the cheap operators that make what they read."""
    graph = slicer.graph
    copies: dict[TensorId, TensorId] = {}
    made = {t for op in ops for t in op.outputs}
    read = {t for op in ops for t in op.present_inputs} - made
    entries = {t for t in read if slicer.tensors[t].data is None}
    for op in _cheap_chain(graph, entries):
        out = graph.output(op)
        whole = Cut(len(out.shape) - 1, 0, out.shape[-1])
        copy = dataclasses.replace(out, origin=_origin(op.outputs[0], out, whole))
        new = slicer.add(_reading(op, copies), copy, op)
        copies[op.outputs[0]] = new.outputs[0]
    chain = [op for op in slicer.ops if op.outputs[0] in copies.values()]
    return [*chain, *(_reading(op, copies) for op in ops)]


def _reading(op: Op, instead: dict[TensorId, TensorId]) -> Op:
    """`op` with these inputs exchanged."""
    inputs = tuple(None if t is None else instead.get(t, t) for t in op.inputs)
    return dataclasses.replace(op, inputs=inputs)


def _cheap_chain(graph: Graph, entries: set[TensorId]) -> list[Op]:
    """The operators without products that compute `entries` row by row from a tensor that others
    read as well, in order. Empty where that tensor is an entry itself."""
    producers, readers = graph.producers(), graph.consumers()
    chain: dict[int, Op] = {}
    wanted = set(entries)
    for op in reversed(graph.ops):
        t = op.outputs[0]
        if t not in wanted:
            continue
        others = {r.index for r in readers[t]} - set(chain)
        private = t in entries or not others
        if private and t in producers and _is_cheap(graph, op) and t not in graph.outputs:
            chain[op.index] = op
            wanted.update(graph.activation_inputs(op))
    return [op for op in graph.ops if op.index in chain]


def _is_cheap(graph: Graph, op: Op) -> bool:
    operator, out = operator_of(op.attrs), graph.output(op)
    by_row = all(isinstance(a, Rows) for _, a in accesses(graph, op))
    return (
        by_row
        and not operator.is_view
        and not operator.macs(op.attrs, graph.input_tensors(op), out)
    )
