# SPDX-License-Identifier: Apache-2.0
"""Attention of random shapes keeps its bytes head by head, and they are the oracle's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsuke.compiler.cost import macs, once_macs
from netsuke.compiler.evaluate import evaluate, evaluate_all
from netsuke.compiler.frontend import read_model
from netsuke.compiler.ir import Graph
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.ops.batch_matmul import BatchMatmulAttrs
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.passes.pipeline import run_passes
from netsuke.compiler.passes.split_attention import head_counts, split_attention
from netsuke.compiler.planning import Wishes, plan
from netsuke.compiler.verify import verify
from tests.support.attention import Shape, attention
from tests.support.graphs import int8_inputs
from tests.support.host import build_host

SHAPES = st.builds(
    Shape,
    tokens=st.integers(1, 64),
    width=st.integers(1, 24),
    heads=st.integers(1, 4),
    size=st.integers(1, 13),
    mask=st.booleans(),
    norm=st.booleans(),
    adjoint=st.booleans(),
    seed=st.integers(0, 1 << 16),
    rank=st.integers(0, 9),
)

FIXED = {
    "odd": Shape(7, 10, 3, 5, mask=True, norm=True, adjoint=False, seed=1),
    "keys_as_they_are": Shape(9, 12, 2, 6, mask=False, norm=True, adjoint=True, seed=2),
    "narrow": Shape(5, 3, 4, 1, mask=True, norm=False, adjoint=False, seed=3),
}


def products(graph: Graph) -> int:
    return sum(isinstance(op.attrs, BatchMatmulAttrs) for op in graph.ops)


@settings(max_examples=40, deadline=None)
@given(shape=SHAPES, group=st.integers(1, 4), again=st.booleans())
def test_any_shape_equals_the_oracle(shape: Shape, group: int, again: bool) -> None:
    data = attention(shape)
    source, oracle = read_model(data, "attention"), Oracle(data)
    graph = run_passes(source)
    split = split_attention(graph, min(group, shape.heads), again)
    verify(split)
    assert once_macs(split) == macs(graph)
    for inputs in int8_inputs(source, shape.seed):
        reference, values = oracle.run_layers(inputs), evaluate_all(source, inputs)
        assert all(np.array_equal(values[t], reference[t]) for t in reference)
        (want,) = oracle.run(inputs)
        for changed in (graph, split):
            (got,) = evaluate(changed, [x.reshape(_shape(changed)) for x in inputs])
            np.testing.assert_array_equal(got.ravel(), want.ravel())


def _shape(graph: Graph) -> tuple[int, ...]:
    (t,) = graph.inputs
    return graph.tensors[t].shape


@pytest.mark.parametrize("name", FIXED)
def test_every_head_has_products_of_its_own(name: str) -> None:
    shape = FIXED[name]
    graph = run_passes(read_model(attention(shape), name))
    assert head_counts(graph) == {shape.heads}
    assert products(graph) == 2
    assert products(split_attention(graph, 1)) == 2 * shape.heads


@pytest.mark.parametrize("name", FIXED)
def test_c_equals_the_oracle(name: str, tmp_path: Path) -> None:
    data = attention(FIXED[name])
    oracle, graph = Oracle(data), split_attention(run_passes(read_model(data, name)), 1)
    vectors = list(int8_inputs(read_model(data, name)))
    run = build_host(graph, tmp_path, observed=False).run([x for (x,) in vectors])
    for vector, got in zip(vectors, run.outputs, strict=True):
        (want,) = oracle.run(vector)
        np.testing.assert_array_equal(got, want.ravel())


FACTORISED = Shape(48, 24, 3, 8, mask=False, norm=True, adjoint=False, seed=4, rank=12)


def test_first_factors_are_computed_again_where_that_is_welcome(tmp_path: Path) -> None:
    """What they make for the keys and values of all heads, two times 48 x 12 bytes, is not kept."""
    data = attention(FACTORISED)
    oracle, graph = Oracle(data), run_passes(read_model(data, "factorised"))
    wishes = Wishes(streamed=True, time_limit_s=0.5)
    once = plan(graph, "dsp", wishes)
    twice = plan(graph, "dsp", dataclasses.replace(wishes, mac_overhead=1.5))
    assert twice.memory.arena_bytes <= once.memory.arena_bytes - 48 * 12
    assert once_macs(twice.graph) == macs(graph) < macs(twice.graph) <= 1.5 * macs(graph)
    vectors = list(int8_inputs(read_model(data, "factorised")))
    host = build_host(graph, tmp_path, observed=False, isa="dsp", planned=twice)
    for vector, got in zip(vectors, host.run([x for (x,) in vectors]).outputs, strict=True):
        (want,) = oracle.run(vector)
        np.testing.assert_array_equal(got, want.ravel())


def drawn(seed: int) -> Shape:
    """A shape of any kind."""
    rng = np.random.default_rng(seed)
    tokens, width, heads, size = (int(n) for n in rng.integers(1, (65, 25, 5, 14)))
    mask, norm, adjoint = (bool(n) for n in rng.integers(0, 2, 3))
    return Shape(tokens, width, heads, size, mask=mask, norm=norm, adjoint=adjoint, seed=seed)


def planned_c_equals_the_oracle(seed: int, isa: Isa, directory: Path) -> None:
    """As planned for the least memory."""
    data = attention(drawn(seed))
    oracle, source = Oracle(data), read_model(data, "attention")
    vectors = list(int8_inputs(source, seed))
    wishes = Wishes(streamed=bool(seed % 2), time_limit_s=0.5)
    graph = run_passes(source)
    if graph.tensors[graph.inputs[0]].rows == 1:
        wishes = Wishes(time_limit_s=0.5)
    host = build_host(graph, directory, observed=False, isa=isa, wishes=wishes)
    for vector, got in zip(vectors, host.run([x for (x,) in vectors]).outputs, strict=True):
        (want,) = oracle.run(vector)
        np.testing.assert_array_equal(got, want.ravel())


@pytest.mark.parametrize(("seed", "isa"), [(11, "portable"), (12, "dsp"), (13, "dsp")])
def test_random_shapes_in_c_equal_the_oracle(seed: int, isa: Isa, tmp_path: Path) -> None:
    planned_c_equals_the_oracle(seed, isa, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_many_random_shapes_in_c_equal_the_oracle(seed: int, tmp_path: Path) -> None:
    planned_c_equals_the_oracle(seed, ("portable", "dsp")[seed % 3 > 0], tmp_path)
