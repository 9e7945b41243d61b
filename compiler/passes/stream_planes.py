# SPDX-License-Identifier: Apache-2.0
"""For a pushed input: a planar image, channels x height x width, becomes rows of planes.

The caller then pushes one row of each plane at a time, and the TRANSPOSE to interleaved pixels
reads inside that row. Changes the order of the input's bytes, which `Tensor.origin` records.
"""

from __future__ import annotations

import dataclasses

from netsuke.compiler.ir import Graph, Op, Origin, Tensor
from netsuke.compiler.ops.transpose import TransposeAttrs

_PLANES_TO_PIXELS = TransposeAttrs((0, 2, 3, 1))
_ROW_TO_PIXELS = TransposeAttrs((0, 1, 3, 2))
_ROWS_FIRST = (0, 2, 1, 3)


def stream_planes(graph: Graph) -> Graph:
    """`graph` with the input of shape [1, C, H, W] that only a TRANSPOSE to [1, H, W, C] reads
    replaced by one of shape [1, H, C, W]."""
    transpose = _planar_reader(graph)
    if transpose is None:
        return graph
    (source,) = graph.inputs
    new = graph.next_tensor_id()
    rows = _rows_of_planes(graph.tensors[source], source)
    reader = dataclasses.replace(
        transpose, attrs=_ROW_TO_PIXELS, inputs=(new, *transpose.inputs[1:])
    )
    return graph.replace(
        ops=(reader if op is transpose else op for op in graph.ops),
        tensors={**graph.tensors, new: rows},
        inputs=(new,),
    )


def _planar_reader(graph: Graph) -> Op | None:
    if len(graph.inputs) != 1 or graph.inputs[0] in graph.outputs:
        return None
    readers = graph.consumers()[graph.inputs[0]]
    planar = len(readers) == 1 and readers[0].attrs == _PLANES_TO_PIXELS
    return readers[0] if planar else None


def _rows_of_planes(tensor: Tensor, source: int) -> Tensor:
    shape = tuple(tensor.shape[a] for a in _ROWS_FIRST)
    origin = Origin(source, tuple(range(shape[-1])), _ROWS_FIRST)
    return dataclasses.replace(tensor, name=f"{tensor.name} by rows", shape=shape, origin=origin)
