# SPDX-License-Identifier: Apache-2.0
"""Constant channels go into the bias; with padding only where they are the zero point."""

from __future__ import annotations

import pytest

from netsuke.compiler.passes.fold_constant_channels import fold_constant_channels
from tests.support.graphs import assert_pass, assert_unchanged


def text(weights: str, bias: str, attrs: str = "", zero_point: int = -3) -> str:
    """Channels of t: anything, always 37, always the zero point; then a convolution."""
    return f"""
        graph "g"
        %0 = input : int8[1,2,3,1] scale=0.5 zero_point=0 "x"
        %1 = constant [4, 0, 0] : int8[3,1,1,1] scale=0.5 zero_point=0 "v"
        %2 = constant [0, 160, 0] : int32[3] "a"
        %3 = conv_2d(%0, %1, %2) @0 : int8[1,2,3,3] scale=1.0 zero_point={zero_point} "t"
        %4 = constant {weights} : int8[2,1,1,3] scale=0.25 zero_point=0 "w"
        %5 = constant {bias} : int32[2] "b"
        %6 = conv_2d(%3, %4, %5){attrs} @1 : int8[1,{"4,3" if attrs else "2,3"},2] scale=1.0 \
zero_point=5 "y"
        return %6
    """


def folded(before: str, weights: str, bias: str) -> str:
    """`before` with the second convolution's constants exchanged, which get new numbers."""
    lines = [line for line in before.splitlines() if "%4 = " not in line and "%5 = " not in line]
    constants = f"""
        %7 = constant {weights} : int8[2,1,1,3] scale=0.25 zero_point=0 "w"
        %8 = constant {bias} : int32[2] "b"
    """
    return "\n".join(lines).replace("%3, %4, %5", "%3, %7, %8") + constants


def test_without_padding_all_constants_are_folded() -> None:
    before = text("[1, 2, 3, -4, 5, 6]", "[100, 200]")
    # 160 * 0.25 = 40 above the zero point: 2 * 40 and 5 * 40 go into the bias.
    after = folded(before, "[1, 0, 0, -4, 0, 0]", "[180, 400]")
    assert_pass(fold_constant_channels, before, after)


def test_with_padding_only_the_zero_point_is_folded() -> None:
    before = text("[1, 2, 3, -4, 5, 6]", "[100, 200]", " {pad_top=1, pad_bottom=1}")
    after = folded(before, "[1, 2, 0, -4, 5, 0]", "[100, 200]")
    assert_pass(fold_constant_channels, before, after)


def test_a_bias_beyond_32_bits_is_left_alone() -> None:
    before = text("[0, 2, 0, 0, 5, 0]", "[2147483647, 2147483640]")
    assert_unchanged(fold_constant_channels, before)


def test_a_constant_output_keeps_a_bias_that_gives_it() -> None:
    before = text("[1, 0, 0, -1, 0, 0]", "[-90000, 5]")
    # Without bias the first sum is at least -128 * 4 * 0.25 = -128, clamped to -125 above -3.
    after = folded(before, "[0, 0, 0, -1, 0, 0]", "[-90125, 5]")
    assert_pass(fold_constant_channels, before, after)


@pytest.mark.parametrize("zero_point", [-128, 0, 127])
def test_where_nothing_is_constant_nothing_changes(zero_point: int) -> None:
    assert_unchanged(
        fold_constant_channels, text("[1, 0, 0, -4, 0, 0]", "[1, 2]", zero_point=zero_point)
    )


def test_a_missing_bias_is_made() -> None:
    assert_pass(
        fold_constant_channels,
        """
        graph "g"
        %0 = input : int8[1,4] scale=0.5 zero_point=-128 "x"
        %1 = constant [0, 0, 0, 0, 1, 1, 1, 1] : int8[2,4] scale=0.5 zero_point=0 "v"
        %2 = constant [40, 0] : int32[2] "a"
        %3 = fully_connected(%0, %1, %2) @0 : int8[1,2] scale=1.0 zero_point=0 "t"
        %4 = constant [3, 1] : int8[1,2] scale=0.25 zero_point=0 "w"
        %5 = fully_connected(%3, %4) @1 : int8[1,1] scale=1.0 zero_point=0 "y"
        return %5
        """,
        """
        graph "g"
        %0 = input : int8[1,4] scale=0.5 zero_point=-128 "x"
        %1 = constant [0, 0, 0, 0, 1, 1, 1, 1] : int8[2,4] scale=0.5 zero_point=0 "v"
        %2 = constant [40, 0] : int32[2] "a"
        %3 = fully_connected(%0, %1, %2) @0 : int8[1,2] scale=1.0 zero_point=0 "t"
        %6 = constant [0, 1] : int8[1,2] scale=0.25 zero_point=0 "w"
        %7 = constant [30] : int32[1] scale=0.25 zero_point=0 "y/bias"
        %5 = fully_connected(%3, %6, %7) @1 : int8[1,1] scale=1.0 zero_point=0 "y"
        return %5
        """,
    )
