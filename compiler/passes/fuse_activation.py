# SPDX-License-Identifier: Apache-2.0
"""Moves RELU and RELU6 into the operator before them, as its fused activation.

Exact where the activation neither scales nor shifts: then both clamp the same numbers, and two
clamps are one clamp to the intersection of their ranges.
"""

from __future__ import annotations

import dataclasses

from netsuke.compiler.ir import Graph, Tensor
from netsuke.compiler.ops.common import Activation, activation_range
from netsuke.compiler.ops.relu import ReluAttrs
from netsuke.compiler.ops.relu6 import Relu6Attrs
from netsuke.compiler.passes.rewrite import op_at, reads, replace_ops, with_activation

_RANGED = (Activation.NONE, Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1)
_FUSED = {ReluAttrs: Activation.RELU, Relu6Attrs: Activation.RELU6}


def fuse_activation(graph: Graph) -> Graph:
    for op in graph.ops:
        activation = _FUSED.get(type(op.attrs))
        if activation is not None:
            graph = _fuse(graph, op.index, activation)
    return graph


def _fuse(graph: Graph, index: int, activation: Activation) -> Graph:
    op = op_at(graph, index)
    source = op.inputs[0]
    assert source is not None
    producer = graph.producers().get(source)
    before, after = graph.tensors[source], graph.output(op)
    if producer is None or before.quant != after.quant or reads(graph, source) > 1:
        return graph
    first = getattr(producer.attrs, "activation", None)
    combined = None if first is None else _combined(Activation(first), activation, after)
    if combined is None:
        return graph
    fused = dataclasses.replace(with_activation(producer, combined), outputs=op.outputs)
    return replace_ops(graph, {producer.index: fused}, {index})


def _combined(first: Activation, second: Activation, out: Tensor) -> Activation | None:
    """The one activation that clamps as `first` and then `second` do, where there is one."""
    ranges = {a: activation_range(a, out) for a in _RANGED}
    low = max(ranges[first][0], ranges[second][0])
    high = min(ranges[first][1], ranges[second][1])
    candidates = (first, second, *_RANGED)
    return next((a for a in candidates if low <= high and ranges[a] == (low, high)), None)
