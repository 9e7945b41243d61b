# SPDX-License-Identifier: Apache-2.0
"""Sums of products (base.Mixed) as the channel passes see them: a matrix over input channels."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Graph, Op, TensorId
from netsuke.compiler.ops.base import Mixed
from netsuke.compiler.ops.products import bias_values, weight_values
from netsuke.compiler.ops.registry import operator_of


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """`weights` is int64 [out channel, tap, input channel], `bias` int64 [out channel]; copies."""

    op: Op
    source: TensorId
    weights: Array
    bias: Array
    zero_point: int
    padded: bool

    def exchanged(self, weights: Array, bias: Array) -> Sums:
        """The same with other weights and bias."""
        return dataclasses.replace(self, weights=weights, bias=bias)


def sums_of(graph: Graph, op: Op) -> Sums | None:
    """`op` as sums over the channels of its input, None where it is something else."""
    inputs, out = graph.input_tensors(op), graph.output(op)
    channels = operator_of(op.attrs).channels(op.attrs, inputs, out)
    source = op.inputs[0]
    if not isinstance(channels, Mixed) or source is None:
        return None
    x, width = graph.tensors[source], out.shape[-1]
    weights = weight_values(inputs)
    if weights.shape[-1] % x.shape[-1]:
        return None
    matrix = weights.reshape(width, -1, x.shape[-1])
    bias = bias_values(inputs, width)
    return Sums(op, source, matrix, bias, x.q.zero_point, channels.padded)


def all_sums(graph: Graph) -> Iterator[Sums]:
    """The sums of products in `graph`, in order."""
    for op in graph.ops:
        sums = sums_of(graph, op)
        if sums is not None:
            yield sums
