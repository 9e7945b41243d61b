# SPDX-License-Identifier: Apache-2.0
"""Chains of views become one RESHAPE, or nothing where the shape comes back."""

from __future__ import annotations

from netsuke.compiler.passes.eliminate_views import eliminate_views
from tests.support.graphs import assert_pass, assert_unchanged


def test_collapses_a_chain() -> None:
    assert_pass(
        eliminate_views,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %1 = reshape(%0) {shape=(3,4)} @0 : int8[3,4] scale=1.0 zero_point=0 "a"
        %5 = constant [0] : int32[1] "axis"
        %2 = expand_dims(%1, %5) {axis=0} @1 : int8[1,3,4] scale=1.0 zero_point=0 "b"
        %3 = reshape(%2) {shape=(12,1)} @2 : int8[12,1] scale=1.0 zero_point=0 "c"
        %4 = relu(%3) @3 : int8[12,1] scale=1.0 zero_point=0 "y"
        return %4
        """,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %3 = reshape(%0) {shape=(12,1)} @2 : int8[12,1] scale=1.0 zero_point=0 "c"
        %4 = relu(%3) @3 : int8[12,1] scale=1.0 zero_point=0 "y"
        return %4
        """,
    )


def test_drops_a_chain_that_leads_back() -> None:
    assert_pass(
        eliminate_views,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %1 = reshape(%0) {shape=(3,4)} @0 : int8[3,4] scale=1.0 zero_point=0 "a"
        %2 = reshape(%1) {shape=(2,6)} @1 : int8[2,6] scale=1.0 zero_point=0 "b"
        %3 = relu(%2) @2 : int8[2,6] scale=1.0 zero_point=0 "y"
        return %3
        """,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %3 = relu(%0) @2 : int8[2,6] scale=1.0 zero_point=0 "y"
        return %3
        """,
    )


def test_keeps_a_view_in_the_middle_that_is_read() -> None:
    assert_pass(
        eliminate_views,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %1 = reshape(%0) {shape=(3,4)} @0 : int8[3,4] scale=1.0 zero_point=0 "a"
        %2 = reshape(%1) {shape=(12,)} @1 : int8[12] scale=1.0 zero_point=0 "b"
        %3 = relu(%1) @2 : int8[3,4] scale=1.0 zero_point=0 "y"
        return %3, %2
        """,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %1 = reshape(%0) {shape=(3,4)} @0 : int8[3,4] scale=1.0 zero_point=0 "a"
        %2 = reshape(%0) {shape=(12,)} @1 : int8[12] scale=1.0 zero_point=0 "b"
        %3 = relu(%1) @2 : int8[3,4] scale=1.0 zero_point=0 "y"
        return %3, %2
        """,
    )


def test_an_output_that_is_an_input_under_another_name_stays() -> None:
    assert_unchanged(
        eliminate_views,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %1 = reshape(%0) {shape=(2,6)} @0 : int8[2,6] scale=1.0 zero_point=0 "y"
        return %1
        """,
    )


def test_the_output_of_the_graph_keeps_its_name() -> None:
    assert_pass(
        eliminate_views,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %1 = relu(%0) @0 : int8[2,6] scale=1.0 zero_point=0 "a"
        %2 = reshape(%1) {shape=(2,6)} @1 : int8[2,6] scale=1.0 zero_point=0 "y"
        return %2
        """,
        """
        graph "g"
        %0 = input : int8[2,6] scale=1.0 zero_point=0 "x"
        %2 = relu(%0) @0 : int8[2,6] scale=1.0 zero_point=0 "y"
        return %2
        """,
    )
