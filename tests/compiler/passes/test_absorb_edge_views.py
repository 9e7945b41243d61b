# SPDX-License-Identifier: Apache-2.0
"""Views at the edges go; the graph's inputs and outputs take the inner shape, in the same bytes."""

from __future__ import annotations

import numpy as np

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.ir_text import format_graph, parse_graph
from netsuke.compiler.passes.absorb_edge_views import absorb_edge_views
from netsuke.compiler.verify import verify
from tests.support.graphs import assert_unchanged, int8_inputs


def assert_absorbed(before: str, after: str) -> None:
    """As `assert_pass`, but the edges may have other shapes."""
    source, want = parse_graph(before), parse_graph(after)
    got = absorb_edge_views(source)
    verify(source)
    verify(got)
    assert format_graph(got) == format_graph(want)
    shapes = [got.tensors[t].shape for t in got.inputs]
    for inputs in int8_inputs(source):
        given = [x.reshape(shape) for x, shape in zip(inputs, shapes, strict=True)]
        for a, b in zip(evaluate(source, inputs), evaluate(got, given), strict=True):
            np.testing.assert_array_equal(a.ravel(), b.ravel())


def test_views_at_both_ends() -> None:
    assert_absorbed(
        """
        graph "g"
        %0 = input : int8[1,12] scale=0.5 zero_point=3 "x"
        %1 = reshape(%0) {shape=(1,4,3)} @0 : int8[1,4,3] scale=0.5 zero_point=3 "a"
        %2 = softmax(%1) {beta=1.0} @1 : int8[1,4,3] scale=0.00390625 zero_point=-128 "b"
        %3 = reshape(%2) {shape=(12,)} @2 : int8[12] scale=0.00390625 zero_point=-128 "y"
        return %3
        """,
        """
        graph "g"
        %1 = input : int8[1,4,3] scale=0.5 zero_point=3 "a"
        %2 = softmax(%1) {beta=1.0} @1 : int8[1,4,3] scale=0.00390625 zero_point=-128 "b"
        return %2
        """,
    )


def test_a_chain_of_views_with_axes() -> None:
    assert_absorbed(
        """
        graph "g"
        %0 = input : int8[4,3] scale=0.5 zero_point=3 "x"
        %5 = input : int8[4,3] scale=0.25 zero_point=1 "other"
        %6 = constant [0] : int32[1] "axis"
        %1 = expand_dims(%0, %6) {axis=0} @0 : int8[1,4,3] scale=0.5 zero_point=3 "a"
        %2 = reshape(%1) {shape=(3,4)} @1 : int8[3,4] scale=0.5 zero_point=3 "b"
        %3 = softmax(%2) {beta=1.0} @2 : int8[3,4] scale=0.00390625 zero_point=-128 "y"
        %4 = relu(%5) @3 : int8[4,3] scale=0.25 zero_point=1 "z"
        return %4, %3
        """,
        """
        graph "g"
        %2 = input : int8[3,4] scale=0.5 zero_point=3 "b"
        %5 = input : int8[4,3] scale=0.25 zero_point=1 "other"
        %3 = softmax(%2) {beta=1.0} @2 : int8[3,4] scale=0.00390625 zero_point=-128 "y"
        %4 = relu(%5) @3 : int8[4,3] scale=0.25 zero_point=1 "z"
        return %4, %3
        """,
    )


def test_an_input_that_others_read_keeps_its_shape() -> None:
    assert_unchanged(
        absorb_edge_views,
        """
        graph "g"
        %0 = input : int8[4,3] scale=0.5 zero_point=3 "x"
        %1 = reshape(%0) {shape=(3,4)} @0 : int8[3,4] scale=0.5 zero_point=3 "a"
        %2 = softmax(%1) {beta=1.0} @1 : int8[3,4] scale=0.00390625 zero_point=-128 "y"
        %3 = relu(%0) @2 : int8[4,3] scale=0.5 zero_point=3 "z"
        return %2, %3
        """,
    )


def test_a_computed_tensor_that_others_read_keeps_its_view() -> None:
    assert_unchanged(
        absorb_edge_views,
        """
        graph "g"
        %0 = input : int8[4,3] scale=0.5 zero_point=3 "x"
        %1 = relu(%0) @0 : int8[4,3] scale=0.5 zero_point=3 "a"
        %2 = reshape(%1) {shape=(12,)} @1 : int8[12] scale=0.5 zero_point=3 "y"
        %3 = softmax(%1) {beta=1.0} @2 : int8[4,3] scale=0.00390625 zero_point=-128 "z"
        return %2, %3
        """,
    )


def test_an_output_that_is_read_under_its_shape_keeps_it() -> None:
    """The SOFTMAX of 12 is not that of rows of 3."""
    assert_unchanged(
        absorb_edge_views,
        """
        graph "g"
        %0 = input : int8[4,3] scale=0.5 zero_point=3 "x"
        %1 = relu(%0) @0 : int8[4,3] scale=0.5 zero_point=3 "a"
        %2 = reshape(%1) {shape=(1,12)} @1 : int8[1,12] scale=0.5 zero_point=3 "y"
        %3 = softmax(%2) {beta=1.0} @2 : int8[1,12] scale=0.00390625 zero_point=-128 "z"
        return %2, %3
        """,
    )


def test_an_input_under_another_name_stays() -> None:
    assert_unchanged(
        absorb_edge_views,
        """
        graph "g"
        %0 = input : int8[4,3] scale=0.5 zero_point=3 "x"
        %1 = reshape(%0) {shape=(12,)} @0 : int8[12] scale=0.5 zero_point=3 "y"
        return %1
        """,
    )
