# SPDX-License-Identifier: Apache-2.0
"""What operators say of their channels is true, for every case of every operator's table.

Intervals hold every value; a channel depends on its sources alone; an operator with channels taken
out computes the channels that are left.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.intervals import op_interval
from netsuke.compiler.ir import Array, DType, Graph, Op
from netsuke.compiler.ops.base import Aligned, Channels, Interval
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.passes.prune_channels import grown, with_channels
from netsuke.compiler.verify import verify
from tests.support.op_cases import Case, graph_of

OPERATORS = [
    p.stem for p in sorted(Path(__file__).parent.glob("test_*.py")) if "traits" not in p.stem
]


def _graphs(module: str) -> Iterator[tuple[str, Graph, Op]]:
    """The cases of a test module whose tensors are int8 and have channels."""
    cases: Mapping[str, Case] = getattr(
        importlib.import_module(f"tests.compiler.ops.{module}"), "CASES", {}
    )
    for name, case in cases.items():
        whole = graph_of({"case": case})
        for op in whole.ops:
            graph = whole.replace(ops=[op], outputs=op.outputs)
            tensors = [*(graph.tensors[t] for t in graph.inputs), graph.output(op)]
            if all(t.dtype is DType.INT8 and t.shape for t in tensors):
                yield name, graph, op


def _aligned(module: str) -> Iterator[tuple[str, Graph, Op, Aligned]]:
    """The cases whose operator says that it keeps channels apart."""
    for name, graph, op in _graphs(module):
        channels = _channels(graph, op)
        if isinstance(channels, Aligned):
            yield name, graph, op, channels


def _channels(graph: Graph, op: Op) -> Channels:
    return operator_of(op.attrs).channels(op.attrs, graph.input_tensors(op), graph.output(op))


def _inputs(graph: Graph, rng: np.random.Generator) -> list[Array]:
    shapes = [graph.tensors[t].shape for t in graph.inputs]
    return [rng.integers(-128, 128, shape).astype(np.int8) for shape in shapes]


@pytest.mark.parametrize("module", OPERATORS)
def test_intervals_hold_every_value(module: str) -> None:
    for name, graph, op in _graphs(module):
        rng = np.random.default_rng(1)
        known = _random_intervals(graph, rng)
        interval = op_interval(graph, op, known)
        for _ in range(8):
            inputs = [_between(known[t], graph.tensors[t].shape, rng) for t in graph.inputs]
            rows = evaluate(graph, inputs)[0].reshape(-1, len(interval.low))
            assert (rows >= interval.low).all() and (rows <= interval.high).all(), name


def _random_intervals(graph: Graph, rng: np.random.Generator) -> dict[int, Interval]:
    """Any intervals for what is computed, the true ones for constants."""
    known: dict[int, Interval] = {}
    for t, tensor in graph.tensors.items():
        if tensor.data is None:
            ends = np.sort(rng.integers(-128, 128, (2, tensor.shape[-1])), axis=0)
            known[t] = Interval(ends[0], ends[1])
        elif tensor.dtype is DType.INT8 and tensor.shape:
            rows = tensor.data.reshape(-1, tensor.shape[-1]).astype(np.int64)
            known[t] = Interval(rows.min(axis=0), rows.max(axis=0))
    return known


def _between(x: Interval, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Numbers of an interval, its ends as often as all others."""
    inside = rng.integers(x.low, x.high + 1, shape)
    choice = rng.integers(0, 4, shape)
    return np.choose(choice, [x.low, x.high, inside, inside]).astype(np.int8)


@pytest.mark.parametrize("module", OPERATORS)
def test_a_channel_depends_on_its_sources_alone(module: str) -> None:
    for name, graph, op, aligned in _aligned(module):
        rng = np.random.default_rng(1)
        inputs = _inputs(graph, rng)
        (before,) = evaluate(graph, inputs)
        for k, t in enumerate(graph.inputs):
            sources = aligned.sources[op.inputs.index(t)]
            assert sources is not None
            for channel in range(graph.tensors[t].shape[-1]):
                changed = [v.copy() for v in inputs]
                changed[k][..., channel] = rng.integers(-128, 128, changed[k].shape[:-1])
                (after,) = evaluate(graph, changed)
                others = np.flatnonzero(sources != channel)
                assert (after[..., others] == before[..., others]).all(), name


@pytest.mark.parametrize("module", OPERATORS)
def test_what_is_left_of_the_channels_computes_the_same(module: str) -> None:
    for name, graph, op, _ in _aligned(module):
        rng = np.random.default_rng(1)
        edges = (*graph.inputs, *op.outputs)
        some = {t: rng.random(graph.tensors[t].shape[-1]) < 0.4 for t in edges}
        live = grown(graph, some)
        left = with_channels(graph, live)
        verify(left)
        inputs = _inputs(graph, rng)
        (whole,) = evaluate(graph, inputs)
        parts = [v[..., live[t]] for t, v in zip(graph.inputs, inputs, strict=True)]
        assert (evaluate(left, parts)[0] == whole[..., live[op.outputs[0]]]).all(), name
