# SPDX-License-Identifier: Apache-2.0
"""Equal channels: one carries the weights of all, where the sums are int8 weights."""

from __future__ import annotations

from netsuke.compiler.passes.merge_duplicates import merge_duplicates
from tests.support.graphs import assert_pass, assert_unchanged


def text(v: str, a: str, w: str, number: int = 4, scales: str = "0.5") -> str:
    axis = " axis=0" if "(" in scales else ""
    zero_points = "3*0" if axis else "0"
    return f"""
        graph "g"
        %0 = input : int8[1,2,3,2] scale=0.5 zero_point=1 "x"
        %1 = constant {v} : int8[3,1,1,2] scale={scales} zero_point={zero_points}{axis} "v"
        %2 = constant {a} : int32[3] "a"
        %3 = conv_2d(%0, %1, %2) @0 : int8[1,2,3,3] scale=2.0 zero_point=-3 "t"
        %{number} = constant {w} : int8[2,1,1,3] scale=0.25 zero_point=0 "w"
        %5 = conv_2d(%3, %{number}) {{pad_left=1}} @1 : int8[1,2,4,2] scale=1.0 zero_point=5 "y"
        return %5
    """


EQUAL = "[7, -3, 7, -3, 7, -3]"


def test_weights_are_added_up() -> None:
    before = text(EQUAL, "[5, 5, 5]", "[1, 2, 3, 100, -20, 40]")
    after = text(EQUAL, "[5, 5, 5]", "[6, 0, 0, 120, 0, 0]", number=6)
    assert_pass(merge_duplicates, before, after)


def test_a_sum_that_is_no_weight_is_left_out() -> None:
    before = text(EQUAL, "[5, 5, 5]", "[1, 2, 3, 100, 28, 27]")
    after = text(EQUAL, "[5, 5, 5]", "[4, 2, 0, 127, 28, 0]", number=6)
    assert_pass(merge_duplicates, before, after)


def test_other_weights_bias_or_scale_is_another_channel() -> None:
    weights = "[1, 2, 3, 4, 5, 6]"
    assert_unchanged(merge_duplicates, text("[7, -3, -7, 3, 3, 7]", "[5, 5, 5]", weights))
    assert_unchanged(merge_duplicates, text(EQUAL, "[5, 6, 7]", weights))
    assert_unchanged(merge_duplicates, text(EQUAL, "[5, 5, 5]", weights, scales="(0.5,0.25,0.125)"))


def test_equal_through_depthwise_and_addition_and_not_between_pixels() -> None:
    def network(weights: str, number: int) -> str:
        return f"""
        graph "g"
        %0 = input : int8[1,1,2,1] scale=0.5 zero_point=1 "x"
        %1 = constant [9, 9] : int8[2,1,1,1] scale=0.5 zero_point=0 "v"
        %2 = conv_2d(%0, %1) @0 : int8[1,1,2,2] scale=2.0 zero_point=-3 "t"
        %3 = constant [2, 2, 5, 5] : int8[1,1,2,2] scale=0.5 zero_point=0 "d"
        %4 = depthwise_conv_2d(%2, %3) {{pad_left=1}} @1 : int8[1,1,2,2] scale=2.0 zero_point=-3 "u"
        %5 = add(%4, %2) @2 : int8[1,1,2,2] scale=2.0 zero_point=-3 "s"
        %6 = reshape(%5) {{shape=(1,4)}} @3 : int8[1,4] scale=2.0 zero_point=-3 "f"
        %{number} = constant {weights} : int8[1,4] scale=0.25 zero_point=0 "w"
        %8 = fully_connected(%6, %{number}) @4 : int8[1,1] scale=1.0 zero_point=5 "y"
        return %8
        """

    assert_pass(merge_duplicates, network("[1, 2, 10, 20]", 7), network("[3, 0, 30, 0]", 9))
