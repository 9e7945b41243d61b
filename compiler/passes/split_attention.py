# SPDX-License-Identifier: Apache-2.0
"""Attention head by head, so that its rows can be streamed.

A converter lays heads out along an axis of their own: RESHAPE and TRANSPOSE before, one
BATCH_MATMUL over all heads, TRANSPOSE and RESHAPE behind. Each head is computed here by operators
of its own instead: projections keep the rows of their weights that belong to the head, products
lose their batch axis, transposes vanish, and the heads' outputs are concatenated token by token.
Sums, roundings and constants of every head are those of the model.

Where a model cuts its heads apart by itself and joins their contexts by a CONCATENATION, only the
order changes. Where it cuts one projection into queries, keys and values, each is projected apart.

Keys and values of `group` heads at a time are made from the tokens; whatever cheap operators lie
between the tokens and them, a norm, runs again for each group instead of being kept. Where keys and
values are products of several matrices, what the first ones make is kept, unless products are
welcome `again`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from netsuke.compiler.cost import op_macs
from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.ops.base import Cut, Rows
from netsuke.compiler.ops.batch_matmul import BatchMatmulAttrs
from netsuke.compiler.ops.concatenation import ConcatenationAttrs
from netsuke.compiler.ops.fully_connected import FullyConnectedAttrs
from netsuke.compiler.ops.registry import accesses, operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.ops.transpose import TransposeAttrs
from netsuke.compiler.passes.absorb_transposes import absorb_transposes
from netsuke.compiler.passes.drop_dead import drop_dead
from netsuke.compiler.passes.eliminate_views import eliminate_views
from netsuke.compiler.passes.slice_projections import slice_projections
from netsuke.compiler.passes.slicer import Slicer, origin_of


def split_attention(graph: Graph, group: int, again: bool = False) -> Graph:
    """`graph` with every attention that is recognised computed head by head."""
    graph = slice_projections(graph)
    for merge in list(_merges(graph)):
        graph = _split(graph, merge, group, again)
    return eliminate_views(absorb_transposes(drop_dead(graph)))


def head_counts(graph: Graph) -> frozenset[int]:
    """The numbers of heads of the attentions that `split_attention` recognises."""
    return frozenset(_heads(graph, merge) for merge in _merges(graph))


def _merges(graph: Graph) -> Iterator[Op]:
    """The operators that join the heads of an attention along the last axis: RESHAPEs of a
    transposed product, CONCATENATIONs of products."""
    producers = graph.producers()
    for op in graph.ops:
        made_by = [producers.get(t) for t in op.present_inputs]
        transpose = made_by[0]
        if isinstance(op.attrs, ConcatenationAttrs):
            last = op.attrs.axis == len(graph.output(op).shape) - 1
            if last and len(made_by) > 1 and all(map(_is_product, made_by)):
                yield op
        elif isinstance(op.attrs, ReshapeAttrs) and transpose is not None:
            product = producers.get(transpose.inputs[0] or 0)
            turned = isinstance(transpose.attrs, TransposeAttrs) and _is_product(product)
            if turned and _heads(graph, op) > 1 and _parts(graph, op) is not None:
                yield op


def _is_product(op: Op | None) -> bool:
    return op is not None and isinstance(op.attrs, BatchMatmulAttrs)


def _heads(graph: Graph, merge: Op) -> int:
    if isinstance(merge.attrs, ConcatenationAttrs):
        return len(merge.inputs)
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


def _split(graph: Graph, merge: Op, group: int, again: bool) -> Graph:
    slicer = Slicer(graph)
    if isinstance(merge.attrs, ConcatenationAttrs):
        pieces, joined = list(merge.present_inputs), merge
        slicer.ops = _of_heads(graph, merge)
    else:
        cuts = _parts(graph, merge)
        assert cuts is not None
        found = [slicer.cut(merge.outputs[0], cut) for cut in cuts]
        if None in found:
            return graph
        pieces = [t for t in found if t is not None]
        attrs = ConcatenationAttrs(cuts[0].axis)
        joined = dataclasses.replace(merge, attrs=attrs, inputs=tuple(pieces))
    moved = {op.index for op in slicer.ops} | {merge.index}
    ops = [*_ordered(slicer, pieces, group, again), joined]
    place = graph.ops.index(merge)
    before, after = ([op for op in o if op.index not in moved] for o in _around(graph.ops, place))
    return graph.replace(ops=(*before, *ops, *after), tensors=slicer.tensors)


def _around(ops: Sequence[Op], place: int) -> tuple[Sequence[Op], Sequence[Op]]:
    return ops[:place], ops[place + 1 :]


def _of_heads(graph: Graph, merge: Op) -> list[Op]:
    """The operators from the projections on that lead to `merge` and nowhere else, in order."""
    readers, wanted, found = graph.consumers(), set(merge.present_inputs), {merge.index: merge}
    for op in reversed(graph.ops):
        t = op.outputs[0]
        private = t not in graph.outputs and all(r.index in found for r in readers[t])
        if t in wanted and private:
            found[op.index] = op
            projects = isinstance(op.attrs, FullyConnectedAttrs)
            wanted.update(() if projects else graph.activation_inputs(op))
    return [op for op in graph.ops if op.index in found and op is not merge]


def _ordered(slicer: Slicer, pieces: Sequence[TensorId], group: int, again: bool) -> list[Op]:
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
        ordered += _with_own_norm(slicer, resident, again) if first else resident
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


def _resident(head: Sequence[Op], slicer: Slicer) -> set[int]:
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


def _with_own_norm(slicer: Slicer, ops: Sequence[Op], again: bool) -> list[Op]:
    """`ops` behind copies of the cheap operators that make what they read."""
    graph = slicer.graph
    copies: dict[TensorId, TensorId] = {}
    made = {t for op in ops for t in op.outputs}
    read = {t for op in ops for t in op.present_inputs} - made
    entries = {t for t in read if slicer.tensors[t].data is None}
    for op in _cheap_chain(graph, entries, again):
        out = graph.output(op)
        whole = Cut(len(out.shape) - 1, 0, out.shape[-1])
        copy = dataclasses.replace(out, origin=origin_of(op.outputs[0], out, whole))
        new = slicer.add(_reading(op, copies), copy, op)
        copies[op.outputs[0]] = new.outputs[0]
    chain = [op for op in slicer.ops if op.outputs[0] in copies.values()]
    return [*chain, *(_reading(op, copies) for op in ops)]


def _reading(op: Op, instead: dict[TensorId, TensorId]) -> Op:
    """`op` with these inputs exchanged."""
    inputs = tuple(None if t is None else instead.get(t, t) for t in op.inputs)
    return dataclasses.replace(op, inputs=inputs)


def _cheap_chain(graph: Graph, entries: set[TensorId], again: bool) -> list[Op]:
    """The operators, without products unless they are welcome, that compute `entries` row by row
    from a tensor that others read as well, in order. Empty where that tensor is an entry itself.
    What a product reads is an entry, too."""
    producers, readers = graph.producers(), graph.consumers()
    chain: dict[int, Op] = {}
    wanted, entries = set(entries), set(entries)
    for op in reversed(graph.ops):
        t = op.outputs[0]
        if t not in wanted or t not in producers or t in graph.outputs:
            continue
        private = t in entries or not {r.index for r in readers[t]} - set(chain)
        if private and _by_row(graph, op) and (again or not _multiplies(graph, op)):
            chain[op.index] = op
            wanted.update(graph.activation_inputs(op))
            if _multiplies(graph, op):
                entries.update(graph.activation_inputs(op))
    return [op for op in graph.ops if op.index in chain]


def _by_row(graph: Graph, op: Op) -> bool:
    by_row = all(isinstance(a, Rows) for _, a in accesses(graph, op))
    return by_row and not operator_of(op.attrs).is_view


def _multiplies(graph: Graph, op: Op) -> bool:
    return op_macs(graph, op) > 0
