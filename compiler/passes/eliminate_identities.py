# SPDX-License-Identifier: Apache-2.0
"""Removes operators that copy: same bytes, same order.

QUANTIZE to the same parameters, CONCATENATION of one tensor, PAD by nothing, TRANSPOSE that moves
only dimensions of one: each operator says of itself when it copies. One that keeps the shape
disappears; another becomes a RESHAPE, which costs nothing.
"""

from __future__ import annotations

import dataclasses

from netsuke.compiler.ir import Graph, Op, Tensor
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.passes.rewrite import bypass, replace_ops


def eliminate_identities(graph: Graph) -> Graph:
    for op in graph.ops:
        operator = operator_of(op.attrs)
        out = graph.output(op)
        if operator.copies(op.attrs, graph.input_tensors(op), out):
            graph = _without(graph, op)
    return graph


def _without(graph: Graph, op: Op) -> Graph:
    # Earlier steps may have renamed this operator's tensors.
    op = next(o for o in graph.ops if o.index == op.index)
    source = op.inputs[0]
    assert source is not None
    if same_type(graph.tensors[source], graph.output(op)):
        return bypass(graph, op) or graph
    if operator_of(op.attrs).is_view:
        return graph
    view = dataclasses.replace(op, attrs=ReshapeAttrs(graph.output(op).shape), inputs=(source,))
    return replace_ops(graph, {op.index: view})


def same_type(a: Tensor, b: Tensor) -> bool:
    """Whether a reader of one may read the other instead."""
    return (a.shape, a.dtype, a.quant) == (b.shape, b.dtype, b.quant)
