# SPDX-License-Identifier: Apache-2.0
"""What every channel of every int8 tensor can be, whatever the input: interval analysis.

Sound, not tight: a value that is reached lies in the interval. Inputs of the graph can be anything.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from netsuke.compiler.ir import Array, DType, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Interval
from netsuke.compiler.ops.registry import operator_of

Intervals = Mapping[TensorId, Interval]

MAX_ELEMENTS = 1 << 21
"""Of a tensor whose ends are computed: evaluation takes some 60 bytes for each. Larger ones are
taken to have any value."""


def channel_intervals(graph: Graph) -> Intervals:
    """The interval of each channel (index along the last axis) of each int8 tensor of rank > 0."""
    known: dict[TensorId, Interval] = {}
    for t, tensor in graph.tensors.items():
        if _has_channels(tensor):
            known[t] = _full(tensor) if tensor.data is None else _over_channels([tensor.data])
    for op in graph.ops:
        if op.outputs[0] in known:
            known[op.outputs[0]] = op_interval(graph, op, known)
    return known


def op_interval(graph: Graph, op: Op, known: Intervals) -> Interval:
    """The interval of the int8 output of `op`, given those of its inputs."""
    operator, inputs, out = operator_of(op.attrs), graph.input_tensors(op), graph.output(op)
    given = [None if t is None else known.get(t) for t in op.inputs]
    interval = operator.interval(op.attrs, inputs, given, out)
    return interval or _corners(graph, op, known) or _full(out)


def _corners(graph: Graph, op: Op, known: Intervals) -> Interval | None:
    """A monotone operator takes its least and greatest values at the ends of its inputs."""
    operator, inputs, out = operator_of(op.attrs), graph.input_tensors(op), graph.output(op)
    ends = [None if t is None else _ends(graph.tensors[t], known.get(t)) for t in op.inputs]
    if operator.monotone == "no" or any(e == () for e in ends) or out.elements > MAX_ELEMENTS:
        return None
    pairs = [e or (None,) for e in ends]
    if operator.monotone == "increasing":
        corners = [tuple(e[0] for e in pairs), tuple(e[-1] for e in pairs)]
    else:
        corners = list(itertools.product(*pairs))
    return _over_channels([operator.evaluate(op.attrs, inputs, c, out) for c in corners])


def _ends(tensor: Tensor, interval: Interval | None) -> tuple[Array, ...]:
    """A tensor of least and one of greatest values; a constant alone; nothing if unknown."""
    if tensor.data is not None:
        return (tensor.data,)
    if interval is None:
        return ()
    both = (interval.low, interval.high)
    return tuple(np.broadcast_to(end.astype(np.int8), tensor.shape) for end in both)


def _over_channels(values: list[Array]) -> Interval:
    rows = np.concatenate([v.reshape(-1, v.shape[-1]) for v in values]).astype(np.int64)
    return Interval(rows.min(axis=0), rows.max(axis=0))


def _full(tensor: Tensor) -> Interval:
    limits = np.iinfo(np.int8)
    channels = tensor.shape[-1]
    return Interval(np.full(channels, limits.min), np.full(channels, limits.max))


def _has_channels(tensor: Tensor) -> bool:
    return tensor.dtype is DType.INT8 and bool(tensor.shape)


def constants_of(interval: Interval) -> Array:
    """Which channels can be one value only: bool [channels]."""
    return np.equal(interval.low, interval.high)
