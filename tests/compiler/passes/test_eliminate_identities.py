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
