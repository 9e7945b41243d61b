# SPDX-License-Identifier: Apache-2.0
"""What a graph computes, in multiply-accumulates of one inference."""

from __future__ import annotations

from collections.abc import Hashable

from netsuke.compiler.ir import Graph, Op, Origin
from netsuke.compiler.ops.registry import operator_of


def op_macs(graph: Graph, op: Op) -> int:
    """Multiply-accumulates of one operator."""
    return operator_of(op.attrs).macs(op.attrs, graph.input_tensors(op), graph.output(op))


def macs(graph: Graph) -> int:
    """Multiply-accumulates, what patches compute again included."""
    return sum(op_macs(graph, op) for op in graph.ops)


def once_macs(graph: Graph) -> int:
    """Multiply-accumulates if nothing were computed again, by patches or by copies."""
    seen, total = set[Hashable](), 0
    for op in graph.ops:
        made = _made(graph, op)
        if made not in seen:
            seen.add(made)
            given = op.attrs, graph.input_tensors(op), graph.output(op)
            total += op_macs(graph, op) - operator_of(op.attrs).extra_macs(*given)
    return total


def _made(graph: Graph, op: Op) -> Hashable:
    """Equal for an operator and its copies: the same part of the same operator of the file, by the
    same weights."""
    out = graph.output(op)
    weights = tuple(t for t in op.present_inputs if graph.tensors[t].data is not None)
    if not weights:
        return op.index
    part = out.origin or Origin(op.outputs[0], tuple(range(out.shape[-1])))
    place = op.index if op.source is None else op.source
    return place, weights, part.channels, part.cut


def mac_overhead(graph: Graph) -> float:
    """Multiply-accumulates in relation to those needed once, rounded to four places."""
    return round(macs(graph) / max(1, once_macs(graph)), 4)
