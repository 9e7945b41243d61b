# SPDX-License-Identifier: Apache-2.0
"""Attention in any layout keeps its bytes for any group of heads, split or left as it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.ir import Graph
from netsuke.compiler.ops.batch_matmul import BatchMatmulAttrs
from netsuke.compiler.ops.transpose import TransposeAttrs
from netsuke.compiler.passes.pipeline import run_passes
from netsuke.compiler.passes.split_attention import head_counts, split_attention
from netsuke.compiler.planning import Wishes, plan
from netsuke.compiler.verify import verify
from tests.support.attention_layouts import (
    KEYS,
    MASKS,
    PLACES,
    PROJECTIONS,
    Layout,
    attention_graph,
)
from tests.support.host import build_host

LAYOUTS = st.builds(
    Layout,
    batch=st.sampled_from([1, 1, 1, 2]),
    tokens=st.integers(1, 64),
    width=st.integers(1, 17),
    heads=st.integers(1, 4),
    size=st.integers(1, 9),
    place=st.sampled_from(PLACES),
    keys=st.sampled_from(KEYS),
    projections=st.sampled_from(PROJECTIONS),
    mask=st.sampled_from(MASKS),
    norm=st.booleans(),
    shown=st.booleans(),
    blocks=st.integers(1, 2),
    seed=st.integers(0, 1 << 16),
)

PLAIN = Layout(
    batch=1,
    tokens=7,
    width=10,
    heads=3,
    size=5,
    place="outside",
    keys="transposed",
    projections="one",
    mask="none",
    norm=True,
    shown=False,
    blocks=1,
    seed=1,
)


def layout(**changes: object) -> Layout:
    return dataclasses.replace(PLAIN, **changes)  # type: ignore[arg-type]


def count(graph: Graph, attrs: type) -> int:
    return sum(isinstance(op.attrs, attrs) for op in graph.ops)


def assert_equal_bytes(before: Graph, after: Graph, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = [[g.tensors[t].shape for t in g.inputs] for g in (before, after)]
    for low, high in ((-128, 127), (-20, 20)):
        values = [rng.integers(low, high + 1, s).astype(np.int8) for s in shapes[0]]
        given_after = [v.reshape(s) for v, s in zip(values, shapes[1], strict=True)]
        pairs = zip(evaluate(before, values), evaluate(after, given_after), strict=True)
        for want, got in pairs:
            np.testing.assert_array_equal(got.ravel(), want.ravel())


@settings(max_examples=30, deadline=None)
@given(shape=LAYOUTS)
def test_every_group_of_heads_keeps_every_byte(shape: Layout) -> None:
    """Of the graph as it is built, and after the passes; groups need not divide the heads."""
    source = attention_graph(shape)
    verify(source)
    passed = run_passes(source)
    assert_equal_bytes(source, passed, shape.seed)
    for graph in (source, passed):
        for group in range(1, shape.heads + 2):
            split = split_attention(graph, group)
            verify(split)
            assert_equal_bytes(source, split, shape.seed)


SPLIT: dict[str, dict[str, object]] = {
    "plain": {},
    "adjoint": {"keys": "adjoint"},
    "swapped later": {"keys": "swapped later"},
    "one head of keys": {"keys": "of one head"},
    "keys are queries": {"keys": "the queries"},
    "constant keys": {"keys": "constant"},
    "low rank": {"projections": "low rank"},
    "vectors": {"projections": "vectors"},
    "scaled": {"projections": "scaled"},
    "one projection sliced": {"projections": "sliced"},
    "square mask": {"mask": "square"},
    "mask by head": {"mask": "by head and place"},
    "scores shown": {"shown": True},
    "two images": {"batch": 2},
}


@pytest.mark.parametrize("name", SPLIT)
def test_these_are_split(name: str) -> None:
    shape = layout(**SPLIT[name])
    graph = run_passes(attention_graph(shape))
    assert head_counts(graph) == {shape.heads}
    split = split_attention(graph, 1)
    kept = 1 if shape.shown else 0
    assert count(split, BatchMatmulAttrs) == 2 * shape.heads + kept


UNSPLIT: dict[str, dict[str, object]] = {
    "one head": {"heads": 1},
    "one token": {"tokens": 1},
    "heads inside": {"place": "inside"},
}


@pytest.mark.parametrize("name", UNSPLIT)
def test_these_are_left_whole(name: str) -> None:
    graph = run_passes(attention_graph(layout(**UNSPLIT[name])))
    assert count(split_attention(graph, 1), BatchMatmulAttrs) == 2


def test_two_attentions_are_both_split() -> None:
    graph = run_passes(attention_graph(layout(blocks=2, keys="adjoint")))
    split = split_attention(graph, 3)
    assert count(split, BatchMatmulAttrs) == 2 * 2 * 3
    assert count(split, TransposeAttrs) == 0


PLANNED = {
    "low rank": layout(tokens=19, projections="low rank", mask="square"),
    "one head of keys": layout(tokens=13, heads=2, size=7, keys="of one head", norm=False),
    "two blocks": layout(tokens=11, heads=4, size=3, keys="adjoint", mask="by head", blocks=2),
}


@pytest.mark.parametrize("name", PLANNED)
def test_c_equals_numpy(name: str, tmp_path: Path) -> None:
    """As planned for the least memory, which for these is head by head."""
    graph = run_passes(attention_graph(PLANNED[name]))
    planned = plan(graph, "portable", Wishes(time_limit_s=0.5))
    assert count(planned.graph, BatchMatmulAttrs) > count(graph, BatchMatmulAttrs)
    rng = np.random.default_rng(3)
    shape = planned.graph.tensors[planned.graph.inputs[0]].shape
    vectors = [rng.integers(-128, 128, shape).astype(np.int8) for _ in range(4)]
    run = build_host(graph, tmp_path, observed=False, planned=planned).run(vectors)
    for vector, got in zip(vectors, run.outputs, strict=True):
        (want,) = evaluate(graph, [vector])
        np.testing.assert_array_equal(got, want.ravel())
