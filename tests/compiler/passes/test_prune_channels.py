# SPDX-License-Identifier: Apache-2.0
"""Channels without readers go with their weights; inputs, outputs and the last channel stay."""

from __future__ import annotations

from netsuke.compiler.passes.prune_channels import prune_channels
from tests.support.graphs import assert_pass, assert_unchanged


def test_through_depthwise_addition_pooling_and_flattening() -> None:
    """Channel 1 of 3 has no weight in the classes; the other input of the addition loses it too."""
    assert_pass(
        prune_channels,
        """
        graph "g"
        %0 = input : int8[1,2,2,2] scale=0.5 zero_point=1 "x"
        %1 = constant [1,2, 3,4, 5,6] : int8[3,1,1,2] scale=(0.1,0.2,0.3) zero_point=3*0 axis=0 "v"
        %2 = constant [10, 20, 30] : int32[3] "a"
        %3 = conv_2d(%0, %1, %2) @0 : int8[1,2,2,3] scale=2.0 zero_point=-3 "t"
        %4 = constant [1, 2, 3, 4, 5, 6] : int8[1,1,2,3] scale=(0.1,0.2,0.3) \
zero_point=3*0 axis=3 "d"
        %5 = depthwise_conv_2d(%3, %4) {pad_left=1} @1 : int8[1,2,2,3] scale=2.0 zero_point=-3 "u"
        %6 = constant [7, 8, 9] : int8[3] scale=1.0 zero_point=0 "c"
        %7 = mul(%5, %6) @2 : int8[1,2,2,3] scale=2.0 zero_point=-3 "m"
        %8 = add(%7, %3) @3 : int8[1,2,2,3] scale=2.0 zero_point=-3 "s"
        %9 = max_pool_2d(%8) {kernel_h=1, kernel_w=2, stride_h=1, stride_w=2, pad_top=0, \
pad_bottom=0, pad_left=0, pad_right=0} @4 : int8[1,2,1,3] scale=2.0 zero_point=-3 "p"
        %10 = reshape(%9) {shape=(1,6)} @5 : int8[1,6] scale=2.0 zero_point=-3 "f"
        %11 = constant [1, 0, 2, 3, 0, 4] : int8[1,6] scale=0.5 zero_point=0 "w"
        %12 = fully_connected(%10, %11) @6 : int8[1,1] scale=1.0 zero_point=5 "y"
        return %12
        """,
        """
        graph "g"
        %0 = input : int8[1,2,2,2] scale=0.5 zero_point=1 "x"
        %19 = constant [1,2, 5,6] : int8[2,1,1,2] scale=(0.1,0.3) zero_point=2*0 axis=0 "v"
        %20 = constant [10, 30] : int32[2] "a"
        %13 = conv_2d(%0, %19, %20) @0 : int8[1,2,2,2] scale=2.0 zero_point=-3 origin=%3[0,2] "t"
        %21 = constant [1, 3, 4, 6] : int8[1,1,2,2] scale=(0.1,0.3) zero_point=2*0 axis=3 "d"
        %14 = depthwise_conv_2d(%13, %21) {pad_left=1} @1 : int8[1,2,2,2] scale=2.0 zero_point=-3 \
origin=%5[0,2] "u"
        %22 = constant [7, 9] : int8[2] scale=1.0 zero_point=0 "c"
        %15 = mul(%14, %22) @2 : int8[1,2,2,2] scale=2.0 zero_point=-3 origin=%7[0,2] "m"
        %16 = add(%15, %13) @3 : int8[1,2,2,2] scale=2.0 zero_point=-3 origin=%8[0,2] "s"
        %17 = max_pool_2d(%16) {kernel_h=1, kernel_w=2, stride_h=1, stride_w=2, pad_top=0, \
pad_bottom=0, pad_left=0, pad_right=0} @4 : int8[1,2,1,2] scale=2.0 zero_point=-3 \
origin=%9[0,2] "p"
        %18 = reshape(%17) {shape=(1,4)} @5 : int8[1,4] scale=2.0 zero_point=-3 \
origin=%10[0,2,3,5] "f"
        %23 = constant [1, 2, 3, 4] : int8[1,4] scale=0.5 zero_point=0 "w"
        %12 = fully_connected(%18, %23) @6 : int8[1,1] scale=1.0 zero_point=5 "y"
        return %12
        """,
    )


def test_one_channel_stays() -> None:
    """The second convolution reads nothing; its input keeps a channel, as no tensor is empty."""
    assert_pass(
        prune_channels,
        """
        graph "g"
        %0 = input : int8[1,2,2,1] scale=0.5 zero_point=1 "x"
        %1 = constant [1, 2] : int8[2,1,1,1] scale=0.5 zero_point=0 "v"
        %2 = conv_2d(%0, %1) @0 : int8[1,2,2,2] scale=2.0 zero_point=-3 "t"
        %3 = constant [0, 0] : int8[1,1,1,2] scale=0.5 zero_point=0 "w"
        %4 = conv_2d(%2, %3) @1 : int8[1,2,2,1] scale=1.0 zero_point=5 "y"
        return %4
        """,
        """
        graph "g"
        %0 = input : int8[1,2,2,1] scale=0.5 zero_point=1 "x"
        %6 = constant [1] : int8[1,1,1,1] scale=0.5 zero_point=0 "v"
        %5 = conv_2d(%0, %6) @0 : int8[1,2,2,1] scale=2.0 zero_point=-3 origin=%2[0] "t"
        %7 = constant [0] : int8[1,1,1,1] scale=0.5 zero_point=0 "w"
        %4 = conv_2d(%5, %7) @1 : int8[1,2,2,1] scale=1.0 zero_point=5 "y"
        return %4
        """,
    )


def test_what_an_operator_reads_whole_stays() -> None:
    assert_unchanged(
        prune_channels,
        """
        graph "g"
        %0 = input : int8[1,1,2,1] scale=0.5 zero_point=1 "x"
        %1 = constant [1, 2] : int8[2,1,1,1] scale=0.5 zero_point=0 "v"
        %2 = conv_2d(%0, %1) @0 : int8[1,1,2,2] scale=2.0 zero_point=-3 "t"
        %3 = softmax(%2) {beta=1.0} @1 : int8[1,1,2,2] scale=0.00390625 zero_point=-128 "s"
        %4 = constant [0, 3] : int8[1,1,1,2] scale=0.5 zero_point=0 "w"
        %5 = conv_2d(%3, %4) @2 : int8[1,1,2,1] scale=1.0 zero_point=5 "y"
        return %5
        """,
    )


def test_origins_are_those_of_the_file() -> None:
    """A tensor that had lost a channel already loses another."""
    assert_pass(
        prune_channels,
        """
        graph "g"
        %0 = input : int8[1,1,1,1] scale=0.5 zero_point=1 "x"
        %1 = constant [1, 2] : int8[2,1,1,1] scale=0.5 zero_point=0 "v"
        %2 = conv_2d(%0, %1) @0 : int8[1,1,1,2] scale=2.0 zero_point=-3 origin=%50[4,7] "t"
        %3 = constant [0, 3] : int8[1,1,1,2] scale=0.5 zero_point=0 "w"
        %4 = conv_2d(%2, %3) @1 : int8[1,1,1,1] scale=1.0 zero_point=5 "y"
        return %4
        """,
        """
        graph "g"
        %0 = input : int8[1,1,1,1] scale=0.5 zero_point=1 "x"
        %6 = constant [2] : int8[1,1,1,1] scale=0.5 zero_point=0 "v"
        %5 = conv_2d(%0, %6) @0 : int8[1,1,1,1] scale=2.0 zero_point=-3 origin=%50[7] "t"
        %7 = constant [3] : int8[1,1,1,1] scale=0.5 zero_point=0 "w"
        %4 = conv_2d(%5, %7) @1 : int8[1,1,1,1] scale=1.0 zero_point=5 "y"
        return %4
        """,
    )
