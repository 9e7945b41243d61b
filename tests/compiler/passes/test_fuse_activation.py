# SPDX-License-Identifier: Apache-2.0
"""RELU and RELU6 become fused activations where both clamp the same numbers, and only there."""

from __future__ import annotations

import pytest

from netsuke.compiler.ops.common import Activation
from netsuke.compiler.passes.fuse_activation import fuse_activation
from tests.support.graphs import assert_pass, assert_unchanged


def text(activation: str, after: str, scale: str = "0.05", read_twice: bool = False) -> str:
    """An ADD with a fused activation, `after` it another operator, to the given scale."""
    return f"""
        graph "g"
        %0 = input : int8[8,32] scale=0.1 zero_point=-5 "x"
        %1 = add(%0, %0) {{activation={activation}}} @0 : int8[8,32] scale=0.05 zero_point=3 "y"
        %2 = {after}(%1) @1 : int8[8,32] scale={scale} zero_point=3 "z"
        return %2{", %1" if read_twice else ""}
    """


def fused(activation: str) -> str:
    return f"""
        graph "g"
        %0 = input : int8[8,32] scale=0.1 zero_point=-5 "x"
        %2 = add(%0, %0) {{activation={activation}}} @0 : int8[8,32] scale=0.05 zero_point=3 "z"
        return %2
    """


@pytest.mark.parametrize(
    ("first", "then", "both"),
    [
        ("NONE", "relu", "RELU"),
        ("NONE", "relu6", "RELU6"),
        ("RELU", "relu", "RELU"),
        ("RELU6", "relu", "RELU6"),
        ("RELU", "relu6", "RELU6"),
    ],
)
def test_fuses(first: str, then: str, both: str) -> None:
    assert_pass(fuse_activation, text(first, then), fused(both))


def test_leaves_what_no_activation_does() -> None:
    assert Activation.RELU_N1_TO_1 == 2
    assert_unchanged(fuse_activation, text("RELU_N1_TO_1", "relu"))


def test_leaves_an_activation_that_scales() -> None:
    assert_unchanged(fuse_activation, text("NONE", "relu", scale="0.06"))


def test_leaves_a_tensor_that_others_read() -> None:
    assert_unchanged(fuse_activation, text("NONE", "relu", read_twice=True))


def test_fuses_a_chain() -> None:
    assert_pass(
        fuse_activation,
        """
        graph "g"
        %0 = input : int8[8,32] scale=0.1 zero_point=-5 "x"
        %1 = add(%0, %0) @0 : int8[8,32] scale=0.05 zero_point=3 "y"
        %3 = relu6(%1) @1 : int8[8,32] scale=0.05 zero_point=3 "w"
        %2 = relu(%3) @2 : int8[8,32] scale=0.05 zero_point=3 "z"
        return %2
        """,
        fused("RELU6"),
    )
