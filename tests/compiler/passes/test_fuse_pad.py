# SPDX-License-Identifier: Apache-2.0
"""PAD becomes the padding of the convolutions that read it, where all of them can take it."""

from __future__ import annotations

from netsuke.compiler.passes.fuse_pad import fuse_pad
from tests.support.graphs import assert_pass, assert_unchanged

CONSTANTS = """
    %1 = constant splat(0) : int32[4,2] "paddings"
    %2 = constant random(1, -127, 127) : int8[2,3,3,2] scale=(0.01,0.02) zero_point=2*0 axis=0 "w"
    %3 = constant [900, -70] : int32[2] "b"
    %4 = constant random(2, -127, 127) : int8[1,2,2,2] scale=0.03 zero_point=0 "v"
"""
PAD = """
    %5 = pad(%0, %1) {paddings=((0,0),(1,2),(3,0),(0,0))} @0 : int8[1,7,8,2] scale=0.5 \
zero_point=-9 "p"
"""


def test_pads_that_all_readers_take() -> None:
    assert_pass(
        fuse_pad,
        f"""
        graph "g"
        %0 = input : int8[1,4,5,2] scale=0.5 zero_point=-9 "x"
        {CONSTANTS}
        {PAD}
        %6 = conv_2d(%5, %2, %3) {{stride_w=2, pad_left=1}} @1 : int8[1,5,4,2] scale=2.0 \
zero_point=4 "y"
        %7 = depthwise_conv_2d(%5, %4) @2 : int8[1,6,7,2] scale=2.0 zero_point=4 "z"
        return %6, %7
        """,
        f"""
        graph "g"
        %0 = input : int8[1,4,5,2] scale=0.5 zero_point=-9 "x"
        {CONSTANTS.replace('%1 = constant splat(0) : int32[4,2] "paddings"', "")}
        %6 = conv_2d(%0, %2, %3) {{stride_w=2, pad_top=1, pad_bottom=2, pad_left=4}} @1 \
: int8[1,5,4,2] scale=2.0 zero_point=4 "y"
        %7 = depthwise_conv_2d(%0, %4) {{pad_top=1, pad_bottom=2, pad_left=3}} @2 \
: int8[1,6,7,2] scale=2.0 zero_point=4 "z"
        return %6, %7
        """,
    )


def one_reader(pad: str, reader: str) -> str:
    return f"""
        graph "g"
        %0 = input : int8[1,4,5,2] scale=0.5 zero_point=-9 "x"
        %1 = constant splat(0) : int32[4,2] "paddings"
        %4 = constant random(2, -127, 127) : int8[1,2,2,2] scale=0.03 zero_point=0 "v"
        %2 = depthwise_conv_2d(%0, %4) @3 : int8[1,3,4,2] scale=2.0 zero_point=4 "used elsewhere"
        {pad}
        {reader}
        return %7, %2
    """


def test_pooling_counts_the_border() -> None:
    pool = """
        %7 = average_pool_2d(%5) {kernel_h=2, kernel_w=2, stride_h=1, stride_w=1, pad_top=0, \
pad_bottom=0, pad_left=0, pad_right=0} @1 : int8[1,6,7,2] scale=0.5 zero_point=-9 "z"
    """
    assert_unchanged(fuse_pad, one_reader(PAD, pool))


DEPTHWISE = """
        %7 = depthwise_conv_2d(%5, %4) @1 : int8[1,6,7,2] scale=2.0 zero_point=4 "z"
"""


def test_padded_channels_stay() -> None:
    pad = """
        %5 = pad(%0, %1) {paddings=((0,0),(0,0),(0,0),(1,0))} @0 : int8[1,4,5,3] scale=0.5 \
zero_point=-9 "p"
        %8 = constant random(2, -127, 127) : int8[1,2,2,3] scale=0.03 zero_point=0 "v"
    """
    reader = """
        %7 = depthwise_conv_2d(%5, %8) @1 : int8[1,3,4,3] scale=2.0 zero_point=4 "z"
    """
    assert_unchanged(fuse_pad, one_reader(pad, reader))


def padv2(value: int) -> str:
    return f"""
        %8 = constant [{value}] : int8[1] scale=0.5 zero_point=-9 "value"
        %5 = padv2(%0, %1, %8) {{paddings=((0,0),(1,2),(3,0),(0,0)), value={value}}} @0 \
: int8[1,7,8,2] scale=0.5 zero_point=-9 "p"
    """


def test_a_border_that_is_not_the_zero_point_stays() -> None:
    assert_unchanged(fuse_pad, one_reader(padv2(-8), DEPTHWISE))


def test_a_border_that_is_the_zero_point_goes() -> None:
    fused = DEPTHWISE.replace("%5, %4)", "%0, %4) {pad_top=1, pad_bottom=2, pad_left=3}")
    after = one_reader("", fused).replace('%1 = constant splat(0) : int32[4,2] "paddings"', "")
    assert_pass(fuse_pad, one_reader(padv2(-9), DEPTHWISE), after)


def test_a_padded_tensor_that_is_an_output_stays() -> None:
    assert_unchanged(fuse_pad, one_reader(PAD, DEPTHWISE).replace("%7, %2", "%7, %2, %5"))
