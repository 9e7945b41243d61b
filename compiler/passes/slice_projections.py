# SPDX-License-Identifier: Apache-2.0
"""Slices of a tensor are computed apart, where all that reads it are slices.

One projection of queries, keys and values, or of all heads, that is cut afterwards becomes one
projection for each cut: each with its rows of the weights, so that sums and their number stay.
"""

from __future__ import annotations

import dataclasses

from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.ops.base import Cut
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.passes.drop_dead import drop_dead
from netsuke.compiler.passes.slicer import Slicer


def slice_projections(graph: Graph) -> Graph:
    """`graph` with such tensors made part by part, where that takes no product more."""
    for t in [op.outputs[0] for op in graph.ops]:
        changed = _apart(graph, t) if t in graph.tensors else None
        if changed is not None:
            graph = changed
    return graph


def _apart(graph: Graph, t: TensorId) -> Graph | None:
    """`graph` with each slice of `t` computed by itself; None where not all readers are slices,
    operators do not allow it, or products would be computed twice."""
    readers = graph.consumers()[t]
    cuts = {op.index: _slice(graph, op) for op in readers}
    if len(readers) < 2 or None in cuts.values() or t in graph.outputs:
        return None
    slicer, ops = Slicer(graph), list[Op]()
    for op in graph.ops:
        cut = cuts.get(op.index)
        if cut is None:
            ops.append(op)
            continue
        known = len(slicer.ops)
        piece = slicer.cut(t, cut)
        if piece is None:
            return None
        view = ReshapeAttrs(graph.output(op).shape)
        ops += [*slicer.ops[known:], dataclasses.replace(op, attrs=view, inputs=(piece,))]
    changed = drop_dead(graph.replace(ops=ops, tensors=slicer.tensors))
    return changed if _macs(changed) <= _macs(graph) else None


def _slice(graph: Graph, op: Op) -> Cut | None:
    return operator_of(op.attrs).taken(op.attrs, graph.input_tensors(op), graph.output(op))


def _macs(graph: Graph) -> int:
    return sum(
        operator_of(op.attrs).macs(op.attrs, graph.input_tensors(op), graph.output(op))
        for op in graph.ops
    )
