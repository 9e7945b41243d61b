# SPDX-License-Identifier: Apache-2.0
"""Convolutions in groups are read as one for each group, and equal tflite-micro."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.ops.registry import operator_of
from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, graph_of, problems, t


def case(groups: int, depth: int, size: int, bias: bool = True, per_channel: bool = True) -> Case:
    """`groups` of `depth` input and `size` output channels."""
    rng, channels = np.random.default_rng(groups), groups * size
    shape = (channels, 3, 2, depth)
    weights = t(shape, 0.004, data=rng.integers(-127, 128, shape))
    if per_channel:
        weights = replace(weights, scale=[0.001 * (k % 7 + 3) for k in range(channels)])
    given = [t((1, 5, 4, groups * depth), 0.03, -7), weights]
    if bias:
        data = rng.integers(-3000, 3000, channels)
        given.append(t((channels,), 0.001, data=data, dtype="int32"))
    options = {"padding": "SAME", "stride_h": 2, "stride_w": 1}
    options["fused_activation_function"] = "RELU"
    return Case("CONV_2D", given, t((1, 3, 4, channels), 0.07, -100), options)


CASES = {
    "two": case(2, 3, 4),
    "one_output_each": case(3, 4, 1),
    "more_than_can_be_joined": case(23, 2, 3),
    "of_one_channel": case(5, 1, 2),
    "no_bias": case(2, 2, 3, bias=False),
    "one_scale": case(4, 3, 2, per_channel=False),
    "one_scale_of_one_channel": case(4, 1, 3, per_channel=False),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_groups_of_one_channel_are_depthwise() -> None:
    (op,) = graph_of({"case": CASES["of_one_channel"]}).ops
    assert operator_of(op.attrs).name == "depthwise_conv_2d"


def test_each_part_names_the_operator_of_the_file() -> None:
    graph = graph_of({"case": CASES["two"]})
    assert [op.source for op in graph.ops] == [0] * 5
    assert len({op.index for op in graph.ops}) == 5


def test_output_channels_that_groups_do_not_divide() -> None:
    x, w, b = CASES["two"].inputs
    odd = [x, replace(w, shape=(7, 3, 2, 3), data=np.ones((7, 3, 2, 3), np.int8), scale=0.1), b]
    text = problems(Case("CONV_2D", odd, t((1, 3, 4, 7), 0.07, 3), CASES["two"].options))
    assert "The weights must have as many input channels as the input, or as each" in text
