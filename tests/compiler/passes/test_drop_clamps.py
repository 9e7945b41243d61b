# SPDX-License-Identifier: Apache-2.0
"""A clamp that never acts goes; one that acts at one end keeps that end."""

from __future__ import annotations

import pytest

from netsuke.compiler.passes.drop_clamps import drop_clamps
from tests.support.graphs import assert_pass


def text(activation: str, scale: float, zero_point: int, bias: int) -> str:
    """x is 0 to 127.5, so the sums are `bias` to `bias` + 255, all of scale 0.5."""
    return f"""
        graph "g"
        %0 = input : int8[1,2,2,1] scale=0.5 zero_point=-128 "x"
        %1 = constant [1] : int8[1,1,1,1] scale=1.0 zero_point=0 "w"
        %2 = constant [{bias}] : int32[1] "b"
        %3 = conv_2d(%0, %1, %2) {{activation={activation}}} @0 : int8[1,2,2,1] \
scale={scale} zero_point={zero_point} "y"
        return %3
    """


@pytest.mark.parametrize(
    ("activation", "scale", "zero_point", "bias", "weaker"),
    [
        ("RELU", 0.5, -100, -256, "RELU"),
        ("RELU", 0.5, -100, 0, "NONE"),
        ("RELU", 0.5, -128, -256, "NONE"),
        ("RELU6", 0.5, -100, 0, "RELU6"),
        ("RELU6", 0.5, -100, -243, "RELU"),
        ("RELU6", 0.5, -100, -242, "RELU6"),
        ("RELU6", 0.015625, -128, -256, "NONE"),
        ("RELU_N1_TO_1", 0.5, 0, -1, "RELU_N1_TO_1"),
        ("RELU_N1_TO_1", 0.5, 0, -254, "RELU_N1_TO_1"),
        ("RELU_N1_TO_1", 64.0, 0, 0, "RELU_N1_TO_1"),
        ("RELU_N1_TO_1", 128.0, 0, -127, "RELU_N1_TO_1"),
        ("RELU_N1_TO_1", 512.0, 0, -127, "NONE"),
    ],
)
def test_keeps_what_acts(
    activation: str, scale: float, zero_point: int, bias: int, weaker: str
) -> None:
    before = text(activation, scale, zero_point, bias)
    assert_pass(drop_clamps, before, text(weaker, scale, zero_point, bias))
