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
from netsuke.compiler.passes.rewrite import bypass, op_at, replace_ops


def eliminate_identities(graph: Graph) -> Graph:
    for index in [op.index for op in graph.ops]:
        op = op_at(graph, index)
        operator, inputs = operator_of(op.attrs), graph.input_tensors(op)
        if operator.copies(op.attrs, inputs, graph.output(op)):
            graph = _without(graph, op)
    return graph


def _without(graph: Graph, op: Op) -> Graph:
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
