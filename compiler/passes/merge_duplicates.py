# SPDX-License-Identifier: Apache-2.0
"""Lets one of several equal channels carry the weights of all, so that the others are not read.

Channels are equal where equal operators computed them from equal channels: value numbering. The
weights of the readers are added up, as long as the sum is an int8 weight.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from netsuke.compiler.ir import Array, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Aligned
from netsuke.compiler.ops.products import weights_of
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.passes.mixing import Sums, all_sums, sums_of
from netsuke.compiler.passes.rewrite import exchange_sums

_MAX_WEIGHT = 127
"""TFLite's symmetric weights leave out -128."""

Twins = Mapping[TensorId, Array]
"""For each channel of a tensor the first channel that is equal to it."""


def merge_duplicates(graph: Graph) -> Graph:
    twins = _twins(graph)
    for sums in all_sums(graph):
        weights = _gathered(sums.weights, twins[sums.source])
        if not np.array_equal(weights, sums.weights):
            graph = exchange_sums(graph, sums.op, weights, sums.bias)
    return graph


def _gathered(weights: Array, twin: Array) -> Array:
    """`weights` [out, tap, channel] with those of a channel added to those of its twin."""
    result = weights.copy()
    for channel in np.flatnonzero(twin != np.arange(len(twin))):
        total = result[:, :, twin[channel]] + result[:, :, channel]
        if np.abs(total).max() <= _MAX_WEIGHT:
            result[:, :, twin[channel]] = total
            result[:, :, channel] = 0
    return result


def _twins(graph: Graph) -> Twins:
    known = {t: np.arange((v.shape or (1,))[-1]) for t, v in graph.tensors.items()}
    for op in graph.ops:
        keys = _sum_keys(graph, op, known) or _aligned_keys(graph, op, known)
        if keys is not None:
            first: dict[Hashable, int] = {}
            known[op.outputs[0]] = np.array([first.setdefault(k, i) for i, k in enumerate(keys)])
    return known


def _sum_keys(graph: Graph, op: Op, known: Twins) -> list[Hashable] | None:
    """What determines each output channel of a sum of products."""
    sums = sums_of(graph, op)
    if sums is None:
        return None
    rows = _over_twins(sums, known[sums.source])
    scales = np.broadcast_to(weights_of(graph.input_tensors(op)).q.scales, len(rows))
    return [(w.tobytes(), int(b), s) for w, b, s in zip(rows, sums.bias, scales, strict=True)]


def _over_twins(sums: Sums, twin: Array) -> Array:
    rows = np.zeros_like(sums.weights)
    for channel, first in enumerate(twin):
        rows[:, :, first] += sums.weights[:, :, channel]
    return rows


def _aligned_keys(graph: Graph, op: Op, known: Twins) -> list[Hashable] | None:
    """What determines each output channel of an operator that keeps channels apart."""
    inputs, out = graph.input_tensors(op), graph.output(op)
    channels = operator_of(op.attrs).channels(op.attrs, inputs, out)
    if not isinstance(channels, Aligned):
        return None
    parts: list[Sequence[Hashable]] = []
    if operator_of(op.attrs).is_view:
        # The periods of a flattened image hold the same channels of different pixels.
        width = len(known[op.present_inputs[0]])
        parts.append([channel // width for channel in range(out.shape[-1])])
    for t, tensor, sources in zip(op.inputs, inputs, channels.sources, strict=False):
        if t is not None and tensor is not None and sources is not None:
            parts.append([_part(tensor, known[t], int(i)) for i in sources])
    return list(zip(*parts, strict=True))


def _part(tensor: Tensor, twin: Array, channel: int) -> Hashable:
    """What an output channel gets from `channel` of one input; -1 is nothing."""
    if channel < 0:
        return None
    if tensor.data is None:
        return int(twin[channel])
    scales = tensor.quant.scales if tensor.quant is not None else ()
    scale = scales[channel] if len(scales) > 1 else scales
    return tensor.data[..., channel].tobytes(), scale
