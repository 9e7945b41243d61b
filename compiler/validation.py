# SPDX-License-Identifier: Apache-2.0
"""Comparing a board with the reference, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netsuke.compiler.ir import Array, DType, Graph, TensorId
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.planning import Planned
from netsuke.compiler.report import layer_name
from netsuke.compiler.schedule import ops_in_order
from netsuke.targets.agent import AgentClient

AMPLITUDES = (128, 64, 32, 16, 8, 4)
"""Half ranges of the random inputs, in quantization steps around a random centre. The widest spans
int8; narrow ones keep a classifier's softmax from saturating."""


def random_vectors(graph: Graph, count: int, seed: int) -> list[list[Array]]:
    """`count` inputs for a graph with int8 inputs, of every amplitude in turn."""
    rng = np.random.default_rng(seed)
    return [
        [_random_tensor(rng, graph.tensors[t].shape, AMPLITUDES[i % 6]) for t in graph.inputs]
        for i in range(count)
    ]


def _random_tensor(rng: np.random.Generator, shape: tuple[int, ...], amplitude: int) -> Array:
    room = 128 - amplitude
    centre = rng.integers(-room, room + 1)
    return rng.integers(centre - amplitude, centre + amplitude, shape).astype(np.int8)


def reference_inputs(source: Graph, graph: Graph, vector: Sequence[Array]) -> list[Array]:
    """The model file's own inputs for int8 inputs of the compiled graph.

    A float32 input is the exact value of its int8 step, so the file's QUANTIZE gives it back.
    """
    pairs = zip(source.inputs, graph.inputs, vector, strict=True)
    return [_as_in_file(value, source, graph, s, t) for s, t, value in pairs]


def _as_in_file(value: Array, source: Graph, graph: Graph, s: TensorId, t: TensorId) -> Array:
    origin = graph.tensors[t].origin
    if origin is not None and origin.axes is not None:
        value = value.transpose(np.argsort(origin.axes))
    shaped = np.ascontiguousarray(value).reshape(source.tensors[s].shape)
    if source.tensors[s].dtype is not DType.FLOAT32:
        return shaped
    q = graph.tensors[t].q
    return (shaped.astype(np.float32) - np.float32(q.zero_point)) * np.float32(q.scale)


@dataclass(slots=True)
class Comparison:
    """Running totals of a validation."""

    vectors: int = 0
    bytes_compared: int = 0
    bytes_mismatched: int = 0
    max_abs_diff: int = 0
    saturated: int = 0
    layers: set[int] = field(default_factory=set)
    divergent_layer: int | None = None
    answers: list[tuple[int, int]] = field(default_factory=list)
    """For each vector the largest element of the first output, on the board and in the oracle."""

    def add(self, got: Array, want: Array, layer: int | None = None) -> None:
        """Count the bytes of one tensor. `layer` is its position in the order of execution."""
        diff = np.abs(got.ravel().astype(np.int32) - want.ravel().astype(np.int32))
        wrong = int(np.count_nonzero(diff))
        self.bytes_compared += diff.size
        self.bytes_mismatched += wrong
        self.max_abs_diff = max(self.max_abs_diff, int(diff.max(initial=0)))
        if layer is not None:
            self.layers.add(layer)
            if wrong and (self.divergent_layer is None or layer < self.divergent_layer):
                self.divergent_layer = layer


def compare(
    client: AgentClient,
    oracle: Oracle,
    source: Graph,
    planned: Planned,
    vectors: Sequence[Sequence[Array]],
    *,
    layers: bool,
) -> Iterator[Comparison]:
    """Runs every vector on both sides; yields the totals after each.

    `layers` fetches the output of every layer over the link and compares those that the model
    file has as well (a layer that passes changed beyond recognition has no counterpart).
    """
    total = Comparison()
    graph = planned.graph
    sizes = {i: graph.output(op).size_bytes for i, op in enumerate(ops_in_order(planned.schedule))}
    for vector in vectors:
        reference = oracle.run_layers(reference_inputs(source, graph, vector))
        data = b"".join(np.ascontiguousarray(v).tobytes() for v in vector)
        if layers:
            output, seen = client.trace(data, sizes)
            for i, op in enumerate(ops_in_order(planned.schedule)):
                want = expected(graph, op.outputs[0], reference)
                if want is not None:
                    total.add(seen[i].view(np.int8), want, i)
        else:
            output = client.run(data)
        _compare_outputs(total, output, graph, reference)
        total.vectors += 1
        yield total


def _compare_outputs(
    total: Comparison, output: bytes, graph: Graph, reference: dict[TensorId, Array]
) -> None:
    at = 0
    for t in graph.outputs:
        size = graph.tensors[t].size_bytes
        want, got = expected(graph, t, reference), np.frombuffer(output, np.int8, size, at)
        assert want is not None
        total.add(got, want)
        if at == 0:
            total.answers.append((int(got.argmax()), int(want.argmax())))
        total.saturated += int(bool(np.isin(want, (-128, 127)).all()))
        at += size


def expected(graph: Graph, t: TensorId, reference: dict[TensorId, Array]) -> Array | None:
    """The reference's bytes of tensor `t` of a compiled graph, None where it has no such tensor."""
    tensor = graph.tensors[t]
    value = reference.get(t if tensor.origin is None else tensor.origin.tensor)
    if value is None or value.dtype != np.int8:
        return None
    held = value if tensor.origin is None else tensor.origin.of(value)
    return held if held.size == tensor.elements else None


def result(total: Comparison, oracle: Oracle, planned: Planned) -> dict[str, Any]:
    """The totals as the JSON object of `netsuke validate`."""
    ops = ops_in_order(planned.schedule)
    first = None if total.divergent_layer is None else ops[total.divergent_layer]
    return {
        "oracle": {"name": oracle.name, "version": oracle.version},
        "vectors": total.vectors,
        "bytes_compared": total.bytes_compared,
        "bytes_mismatched": total.bytes_mismatched,
        "max_abs_diff": total.max_abs_diff,
        "layers_compared": len(total.layers),
        "layers": len(ops),
        "saturated_vectors": total.saturated,
        "first_divergent_layer": None if first is None else layer_name(first),
    }
