# SPDX-License-Identifier: Apache-2.0
"""What a graph computes, in multiply-accumulates of one inference."""

from __future__ import annotations

from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.registry import operator_of


def op_macs(graph: Graph, op: Op) -> int:
    """Multiply-accumulates of one operator."""
    return operator_of(op.attrs).macs(op.attrs, graph.input_tensors(op), graph.output(op))


def macs(graph: Graph) -> int:
    """Multiply-accumulates, what patches compute again included."""
    return sum(op_macs(graph, op) for op in graph.ops)


def once_macs(graph: Graph) -> int:
    """Multiply-accumulates if nothing were computed again."""
    extra = (
        operator_of(op.attrs).extra_macs(op.attrs, graph.input_tensors(op), graph.output(op))
        for op in graph.ops
    )
    return macs(graph) - sum(extra)


def mac_overhead(graph: Graph) -> float:
    """Multiply-accumulates in relation to those needed once, rounded to four places."""
    return round(macs(graph) / max(1, once_macs(graph)), 4)
