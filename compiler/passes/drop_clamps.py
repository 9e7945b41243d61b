# SPDX-License-Identifier: Apache-2.0
"""Removes fused activations, or one end of them, that interval analysis proves never to act."""

from __future__ import annotations

from netsuke.compiler.intervals import Intervals, channel_intervals, op_interval
from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.common import Activation, activation_range
from netsuke.compiler.passes.rewrite import replace_ops, with_activation


def drop_clamps(graph: Graph) -> Graph:
    intervals = channel_intervals(graph)
    new = {
        op.index: _relaxed(graph, op, intervals)
        for op in graph.ops
        if getattr(op.attrs, "activation", Activation.NONE) != Activation.NONE
    }
    return replace_ops(graph, new)


def _relaxed(graph: Graph, op: Op, intervals: Intervals) -> Op:
    """`op` with the weakest activation that clamps all that can occur as its own does."""
    out = graph.output(op)
    activation = Activation(getattr(op.attrs, "activation", 0))
    if op.outputs[0] not in intervals or out.quant is None:
        return op
    free = op_interval(graph, with_activation(op, Activation.NONE), intervals)
    low, high = activation_range(activation, out)
    for weaker in (Activation.NONE, Activation.RELU):
        ends = activation_range(weaker, out)
        covers = ends[0] <= low and high <= ends[1]
        inside = low <= max(free.low.min(), ends[0]) and min(free.high.max(), ends[1]) <= high
        if covers and inside:
            return with_activation(op, weaker)
    return op
