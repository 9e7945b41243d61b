# SPDX-License-Identifier: Apache-2.0
"""A TRANSPOSE of the last two axes before a BATCH_MATMUL becomes its adj_x or adj_y."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from netsuke.compiler.ir import Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.batch_matmul import BatchMatmulAttrs
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.ops.transpose import TransposeAttrs


def absorb_transposes(graph: Graph) -> Graph:
    """`graph` with such transposes turned into views where only products read them."""
    read = {t for op in graph.ops if isinstance(op.attrs, BatchMatmulAttrs) for t in op.inputs}
    swapped = {op.outputs[0] for op in graph.ops if op.outputs[0] in read and _swaps(graph, op)}
    tensors = {t: _swapped(v) if t in swapped else v for t, v in graph.tensors.items()}
    ops = (_view(graph, op, tensors) if op.outputs[0] in swapped else op for op in graph.ops)
    return graph.replace(ops=[_absorbed(op, swapped) for op in ops], tensors=tensors)


def _absorbed(op: Op, swapped: set[TensorId]) -> Op:
    if not isinstance(op.attrs, BatchMatmulAttrs):
        return op
    x, y = (t in swapped for t in op.inputs)
    attrs = BatchMatmulAttrs(op.attrs.adj_x != x, op.attrs.adj_y != y)
    return dataclasses.replace(op, attrs=attrs)


def _view(graph: Graph, op: Op, tensors: Mapping[TensorId, Tensor]) -> Op:
    """The bytes that `op` transposed, under the shape of the tensor it now writes."""
    attrs = ReshapeAttrs(tensors[op.outputs[0]].shape)
    return dataclasses.replace(op, attrs=attrs, inputs=op.inputs[:1])


def _swapped(tensor: Tensor) -> Tensor:
    *batch, rows, columns = tensor.shape
    return dataclasses.replace(tensor, shape=(*batch, columns, rows), origin=None)


def _swaps(graph: Graph, op: Op) -> bool:
    """Whether `op` transposes one matrix, read by products alone; axes of 1 do not count."""
    if not isinstance(op.attrs, TransposeAttrs) or op.outputs[0] in graph.outputs:
        return False
    readers = graph.consumers()[op.outputs[0]]
    if not all(isinstance(r.attrs, BatchMatmulAttrs) for r in readers):
        return False
    (source,) = graph.input_tensors(op)[:1]
    assert source is not None
    axes = [a for a in op.attrs.order if source.shape[a] != 1]
    batch = [a for a in axes if a < min(axes[-2:])]
    *_, rows, columns = graph.output(op).shape
    swaps = len(axes) >= 2 and axes[-1] < axes[-2] and rows > 1 and columns > 1
    return swaps and axes[:-2] == sorted(batch)
