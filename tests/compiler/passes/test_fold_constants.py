# SPDX-License-Identifier: Apache-2.0
"""Operators on constants become constants; one that writes an output of the graph stays."""

from __future__ import annotations

from netsuke.compiler.passes.fold_constants import fold_constants
from tests.support.graphs import assert_pass, assert_unchanged


def test_folds_a_chain() -> None:
    assert_pass(
        fold_constants,
        """
        graph "g"
        %0 = input : int8[3] scale=1.0 zero_point=0 "x"
        %1 = constant [1, -2, 3] : int8[3] scale=1.0 zero_point=0 "a"
        %2 = constant [10] : int8[1] scale=1.0 zero_point=0 "b"
        %3 = add(%1, %2) @0 : int8[3] scale=1.0 zero_point=0 "a + b"
        %4 = add(%3, %3) @1 : int8[3] scale=0.5 zero_point=-1 "twice"
        %5 = add(%0, %4) @2 : int8[3] scale=1.0 zero_point=0 "y"
        return %5
        """,
        """
        graph "g"
        %0 = input : int8[3] scale=1.0 zero_point=0 "x"
        %4 = constant [43, 31, 51] : int8[3] scale=0.5 zero_point=-1 "twice"
        %5 = add(%0, %4) @2 : int8[3] scale=1.0 zero_point=0 "y"
        return %5
        """,
    )


def test_leaves_outputs() -> None:
    assert_unchanged(
        fold_constants,
        """
        graph "g"
        %0 = input : int8[3] scale=1.0 zero_point=0 "x"
        %1 = constant [1, -2, 3] : int8[3] scale=1.0 zero_point=0 "a"
        %2 = relu(%1) @0 : int8[3] scale=1.0 zero_point=0 "y"
        return %2
        """,
    )
