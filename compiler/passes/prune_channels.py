# SPDX-License-Identifier: Apache-2.0
"""Removes channels that nothing reads, with the weights that computed them.

A channel is live where an output of the graph needs it: through operators that keep channels apart
channel by channel, through sums of products where a weight is not zero, and through all others
whole. Inputs and outputs of the graph never change.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np

from netsuke.compiler.ir import Array, Graph, Op, Origin, QuantParams, Tensor, TensorId
from netsuke.compiler.ops.base import Aligned
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.passes.mixing import sums_of

Live = Mapping[TensorId, Array]
"""For each computed tensor a bool [channels]."""


def prune_channels(graph: Graph) -> Graph:
    """Tensors that lose channels get new numbers and an `origin`."""
    return with_channels(graph, live_channels(graph))


def with_channels(graph: Graph, live: Live) -> Graph:
    """`graph` with these channels only; `live` holds all that they need (see `grown`)."""
    pruned = [t for t, mask in live.items() if not mask.all()]
    fresh = graph.next_tensor_id()
    renamed = {t: fresh + i for i, t in enumerate(pruned)}
    tensors = dict(graph.tensors)
    for t, new in renamed.items():
        tensors[new] = _with_channels(t, graph.tensors[t], np.flatnonzero(live[t]))
    ops = []
    for op in graph.ops:
        given = _pruned_inputs(graph, op, live, renamed, tensors)
        made = tuple(renamed.get(t, t) for t in op.outputs)
        attrs = op.attrs
        if operator_of(attrs).is_view:
            attrs = ReshapeAttrs(tensors[made[0]].shape)
        ops.append(dataclasses.replace(op, attrs=attrs, inputs=given, outputs=made))
    inputs, outputs = ([renamed.get(t, t) for t in ts] for ts in (graph.inputs, graph.outputs))
    return graph.replace(ops=ops, tensors=tensors, inputs=inputs, outputs=outputs)


# --- liveness ------------------------------------------------------------------------------------


def live_channels(graph: Graph) -> Live:
    """Which channels of the computed tensors must stay: the least set that the rules allow."""
    edges = {*graph.inputs, *graph.outputs}
    computed = {t: v for t, v in graph.tensors.items() if v.data is None}
    return grown(
        graph, {t: np.full((v.shape or (1,))[-1], t in edges) for t, v in computed.items()}
    )


def grown(graph: Graph, seed: Live) -> Live:
    """The least set of channels that holds `seed` and all that those need."""
    live = {t: mask.copy() for t, mask in seed.items()}
    links = [link for op in graph.ops for link in _links(graph, op)]
    while True:
        before = sum(int(mask.sum()) for mask in live.values())
        for link in reversed(links):
            link.spread(live)
        if before == sum(int(mask.sum()) for mask in live.values()):
            empty = next((mask for mask in live.values() if not mask.any()), None)
            if empty is None:
                return live
            # A tensor keeps one channel, as no tensor is empty.
            empty[0] = True


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Weighted:
    """An input channel is live where a live output channel gives it a weight: `used` [out, in]."""

    source: TensorId
    target: TensorId
    used: Array

    def spread(self, live: Live) -> None:
        live[self.source][:] |= self.used[live[self.target]].any(axis=0)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Linked:
    """Output channel j and input channel sources[j] are live together.

    A single input channel that all output channels read does not keep them alive.
    """

    source: TensorId
    target: TensorId
    sources: Array

    def spread(self, live: Live) -> None:
        given, made = live[self.source], live[self.target]
        reading = self.sources >= 0
        given[self.sources[made & reading]] = True
        if len(given) > 1:
            made[reading] |= given[self.sources[reading]]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Pinned:
    """These channels are live: bool [channels], or True for all."""

    tensor: TensorId
    channels: Array | bool = True

    def spread(self, live: Live) -> None:
        live[self.tensor][:] |= self.channels


def _links(graph: Graph, op: Op) -> Iterator[_Weighted | _Linked | _Pinned]:
    out = op.outputs[0]
    sums = sums_of(graph, op)
    if sums is not None:
        yield _Weighted(sums.source, out, (sums.weights != 0).max(axis=1))
        return
    inputs = graph.input_tensors(op)
    channels = operator_of(op.attrs).channels(op.attrs, inputs, graph.output(op))
    if not isinstance(channels, Aligned):
        yield from (_Pinned(t) for t in (out, *graph.activation_inputs(op)))
        return
    for t, tensor, sources in zip(op.inputs, inputs, channels.sources, strict=False):
        if t is None or tensor is None:
            continue
        if tensor.data is None:
            yield _Pinned(t) if sources is None else _Linked(t, out, sources)
        elif sources is not None and sources.min() < 0:
            # A constant between concatenated tensors must not become empty.
            yield _Pinned(out, sources >= 0)


# --- rewriting -----------------------------------------------------------------------------------


def _pruned_inputs(
    graph: Graph,
    op: Op,
    live: Live,
    renamed: Mapping[TensorId, TensorId],
    tensors: dict[TensorId, Tensor],
) -> tuple[TensorId | None, ...]:
    """The inputs of `op` after pruning; constants that shrink are added to `tensors`."""
    inputs: list[TensorId | None] = []
    cuts = _constant_cuts(graph, op, live)
    for k, t in enumerate(op.inputs):
        cut = cuts.get(k, {})
        if t is not None and any(len(kept) < tensors[t].shape[axis] for axis, kept in cut.items()):
            fresh = max(tensors) + 1
            tensors[fresh] = take(tensors[t], cut)
            inputs.append(fresh)
        else:
            inputs.append(None if t is None else renamed.get(t, t))
    return tuple(inputs)


Cut = dict[int, Array]
"""By axis the indices that stay."""


def _constant_cuts(graph: Graph, op: Op, live: Live) -> dict[int, Cut]:
    """By input of `op`, constants only, what stays of it."""
    made = np.flatnonzero(live[op.outputs[0]])
    sums = sums_of(graph, op)
    if sums is not None:
        weights = graph.tensors[op.present_inputs[1]]
        periods = weights.shape[-1] // len(live[sums.source])
        columns = np.flatnonzero(np.tile(live[sums.source], periods))
        return {1: {0: made, len(weights.shape) - 1: columns}, 2: {0: made}}
    inputs = graph.input_tensors(op)
    channels = operator_of(op.attrs).channels(op.attrs, inputs, graph.output(op))
    if not isinstance(channels, Aligned):
        return {}
    return {
        k: {len(tensor.shape) - 1: _distinct(sources[made])}
        for k, (tensor, sources) in enumerate(zip(inputs, channels.sources, strict=False))
        if tensor is not None and tensor.data is not None and sources is not None
    }


def _distinct(sources: Array) -> Array:
    """The channels among `sources`, each once, in order."""
    return np.unique(sources[sources >= 0])


def take(tensor: Tensor, cut: Cut) -> Tensor:
    """A constant with the given indices of some axes, and the scales that belong to them."""
    data, quant = tensor.data, tensor.quant
    assert data is not None
    for axis, kept in cut.items():
        data = np.take(data, kept, axis=axis)
        if quant is not None and quant.axis == axis:
            scales = tuple(quant.scales[i] for i in kept)
            quant = QuantParams(scales, tuple(quant.zero_points[i] for i in kept), axis)
    data = np.ascontiguousarray(data)
    data.setflags(write=False)
    shape = tuple(int(n) for n in data.shape)
    return dataclasses.replace(tensor, shape=shape, data=data, quant=quant)


def _with_channels(t: TensorId, tensor: Tensor, kept: Array) -> Tensor:
    origin = tensor.origin or Origin(t, tuple(range(tensor.shape[-1])))
    left = dataclasses.replace(origin, channels=tuple(origin.channels[i] for i in kept))
    shape = (*tensor.shape[:-1], len(kept))
    return dataclasses.replace(tensor, shape=shape, origin=left)
