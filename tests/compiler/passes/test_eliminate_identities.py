# SPDX-License-Identifier: Apache-2.0
"""Operators that copy go, or become a RESHAPE where the shape changes."""

from __future__ import annotations

from netsuke.compiler.passes.eliminate_identities import eliminate_identities
from tests.support.graphs import assert_pass, assert_unchanged


def test_quantize_to_the_same_parameters() -> None:
    assert_pass(
        eliminate_identities,
        """
        graph "g"
        %0 = input : int8[4,64] scale=0.5 zero_point=3 "x"
        %1 = quantize(%0) @0 : int8[4,64] scale=0.5 zero_point=3 "same"
        %2 = quantize(%1) @1 : int8[4,64] scale=0.25 zero_point=3 "finer"
        return %2
        """,
        """
        graph "g"
        %0 = input : int8[4,64] scale=0.5 zero_point=3 "x"
        %2 = quantize(%0) @1 : int8[4,64] scale=0.25 zero_point=3 "finer"
        return %2
        """,
    )


def test_a_relu_that_never_clamps() -> None:
    assert_pass(
        eliminate_identities,
        """
        graph "g"
        %0 = input : int8[4,64] scale=0.5 zero_point=-128 "x"
        %1 = quantize(%0) @0 : int8[4,64] scale=0.25 zero_point=-128 "y"
        %2 = relu(%1) @1 : int8[4,64] scale=0.25 zero_point=-128 "z"
        return %2
        """,
        """
        graph "g"
        %0 = input : int8[4,64] scale=0.5 zero_point=-128 "x"
        %2 = quantize(%0) @0 : int8[4,64] scale=0.25 zero_point=-128 "y"
        return %2
        """.replace('"y"', '"z"'),
    )


def test_a_relu_that_clamps_stays() -> None:
    assert_unchanged(
        eliminate_identities,
        """
        graph "g"
        %0 = input : int8[4,64] scale=0.5 zero_point=-127 "x"
        %1 = relu(%0) @0 : int8[4,64] scale=0.5 zero_point=-127 "y"
        return %1
        """,
    )


def test_a_pad_by_nothing_and_a_concatenation_of_one() -> None:
    assert_pass(
        eliminate_identities,
        """
        graph "g"
        %0 = input : int8[4,64] scale=0.5 zero_point=3 "x"
        %1 = constant [0, 0, 0, 0] : int32[2,2] "paddings"
        %2 = pad(%0, %1) {paddings=((0,0),(0,0))} @0 : int8[4,64] scale=0.5 zero_point=3 "p"
        %3 = concatenation(%2) {axis=1} @1 : int8[4,64] scale=0.5 zero_point=3 "c"
        %4 = logistic(%3) @2 : int8[4,64] scale=0.00390625 zero_point=-128 "y"
        return %4
        """,
        """
        graph "g"
        %0 = input : int8[4,64] scale=0.5 zero_point=3 "x"
        %4 = logistic(%0) @2 : int8[4,64] scale=0.00390625 zero_point=-128 "y"
        return %4
        """,
    )


def test_a_transpose_of_ones_becomes_a_view() -> None:
    assert_pass(
        eliminate_identities,
        """
        graph "g"
        %0 = input : int8[1,4,1,64] scale=0.5 zero_point=3 "x"
        %1 = constant [1, 2, 0, 3] : int32[4] "order"
        %2 = transpose(%0, %1) {order=(1,2,0,3)} @0 : int8[4,1,1,64] scale=0.5 zero_point=3 "t"
        %3 = logistic(%2) @1 : int8[4,1,1,64] scale=0.00390625 zero_point=-128 "y"
        return %3
        """,
        """
        graph "g"
        %0 = input : int8[1,4,1,64] scale=0.5 zero_point=3 "x"
        %2 = reshape(%0) {shape=(4,1,1,64)} @0 : int8[4,1,1,64] scale=0.5 zero_point=3 "t"
        %3 = logistic(%2) @1 : int8[4,1,1,64] scale=0.00390625 zero_point=-128 "y"
        return %3
        """,
    )


def test_a_transpose_that_moves_something_stays() -> None:
    assert_unchanged(
        eliminate_identities,
        """
        graph "g"
        %0 = input : int8[1,4,3,64] scale=0.5 zero_point=3 "x"
        %1 = constant [0, 2, 1, 3] : int32[4] "order"
        %2 = transpose(%0, %1) {order=(0,2,1,3)} @0 : int8[1,3,4,64] scale=0.5 zero_point=3 "t"
        return %2
        """,
    )
