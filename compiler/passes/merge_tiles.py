# SPDX-License-Identifier: Apache-2.0
"""Turns TILEs between views that together repeat rows and columns of an image into one
RESIZE_NEAREST_NEIGHBOR, which streams. Keras writes UpSampling2D as such a chain.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from netsuke.compiler.ir import Array, Graph, Op, constant
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.resize_nearest_neighbor import OPERATOR, ResizeNearestNeighborAttrs
from netsuke.compiler.ops.tile import TileAttrs
from netsuke.compiler.passes.drop_dead import drop_dead


def merge_tiles(graph: Graph) -> Graph:
    for op in graph.ops:
        chain = _chain(graph, op)
        if chain:
            graph = _merged(graph, op, chain)
    return drop_dead(graph)


def _chain(graph: Graph, last: Op) -> list[Op]:
    """The operators that make an image out of one of as many channels, `last` at the end; empty
    where there are no such."""
    made, chain, op = graph.producers(), [last], last
    if len(graph.output(last).shape) != 4:
        return []
    while operator_of(op.attrs).is_view or isinstance(op.attrs, TileAttrs):
        source = op.inputs[0]
        assert source is not None
        tiled = any(isinstance(o.attrs, TileAttrs) for o in chain)
        if tiled and len(graph.tensors[source].shape) == 4:
            return chain
        if source not in made:
            break
        op = made[source]
        chain.insert(0, op)
    return []


def _merged(graph: Graph, op: Op, chain: list[Op]) -> Graph:
    """`graph` with one operator in the place of `op`, or as it is where there is none."""
    source = chain[0].inputs[0]
    assert source is not None
    x, out = graph.tensors[source], graph.output(op)
    _, height, width, _ = out.shape
    attrs = ResizeNearestNeighborAttrs(height, width, False, False)
    if (x.shape[0], x.shape[3], x.quant) != (1, out.shape[3], out.quant) or out.shape[0] != 1:
        return graph
    places = np.arange(x.elements).reshape(x.shape)
    wanted = OPERATOR.evaluate(attrs, (x, None), (places, None), out)
    if not np.array_equal(_moved(graph, chain, places), wanted):
        return graph
    size = graph.next_tensor_id()
    tensors = {**graph.tensors, size: constant("size", np.array([height, width], np.int32), None)}
    resize = dataclasses.replace(op, attrs=attrs, inputs=(source, size))
    ops = (resize if o.index == op.index else o for o in graph.ops)
    return graph.replace(ops=ops, tensors=tensors)


def _moved(graph: Graph, chain: list[Op], places: Array) -> Array:
    """What the chain makes of an image of `places`."""
    for op in chain:
        inputs, operator = graph.input_tensors(op), operator_of(op.attrs)
        places = operator.evaluate(op.attrs, inputs, (places,), graph.output(op))
    return places
