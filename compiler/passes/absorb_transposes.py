# SPDX-License-Identifier: Apache-2.0
"""A TRANSPOSE of the last two axes before a BATCH_MATMUL becomes its adj_x or adj_y."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.ops.batch_matmul import BatchMatmulAttrs
from netsuke.compiler.ops.transpose import TransposeAttrs
from netsuke.compiler.passes.drop_dead import drop_dead


def absorb_transposes(graph: Graph) -> Graph:
    """`graph` with such transposes dropped where nothing else reads them."""
    producers = graph.producers()
    ops = (
        _absorbed(op, producers) if isinstance(op.attrs, BatchMatmulAttrs) else op
        for op in graph.ops
    )
    return drop_dead(graph.replace(ops=ops))


def _absorbed(op: Op, producers: Mapping[TensorId, Op]) -> Op:
    assert isinstance(op.attrs, BatchMatmulAttrs)
    adj = [op.attrs.adj_x, op.attrs.adj_y]
    inputs = list(op.inputs)
    for i, t in enumerate(op.inputs):
        producer = None if t is None else producers.get(t)
        if producer is not None and _swaps_last_axes(producer):
            adj[i], inputs[i] = not adj[i], producer.inputs[0]
    return dataclasses.replace(op, attrs=BatchMatmulAttrs(*adj), inputs=tuple(inputs))


def _swaps_last_axes(op: Op) -> bool:
    if not isinstance(op.attrs, TransposeAttrs):
        return False
    rank = len(op.attrs.order)
    return op.attrs.order == (*range(rank - 2), rank - 1, rank - 2)
