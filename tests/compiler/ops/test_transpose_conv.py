# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE_CONV: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.ops.base import Rows
from netsuke.compiler.ops.registry import accesses
from tests.support.op_cases import (
    Case,
    c_equals_oracle,
    equals_oracle,
    graph_of,
    ints,
    problems,
    t,
)

Size = tuple[int, int]


def case(
    x: Size,
    kernel: Size,
    stride: Size,
    y: Size,
    padding: str = "SAME",
    channels: Size = (3, 5),
    activation: str = "NONE",
    bias: bool = True,
) -> Case:
    """From x to y pixels with `channels` in and out."""
    rng = np.random.default_rng(sum(x) + 7 * sum(kernel) + 31 * sum(y))
    (ic, oc), shape = channels, (channels[1], *kernel, channels[0])
    scales = [0.002 * (k + 3) for k in range(oc)]
    weights = t(shape, data=rng.integers(-127, 128, shape))
    object.__setattr__(weights, "scale", scales)
    given = [ints(1, *y, oc), weights, t((1, *x, ic), 0.03, -7)]
    if bias:
        given.append(t((oc,), 0.001, data=rng.integers(-3000, 3000, oc), dtype="int32"))
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    options["fused_activation_function"] = activation
    return Case("TRANSPOSE_CONV", given, t((1, *y, oc), 0.07, 11), options)


CASES = {
    "twice": case((4, 5), (3, 3), (2, 2), (8, 10)),
    "even_kernel": case((4, 5), (4, 2), (2, 2), (8, 10)),
    "kernel_is_stride": case((3, 5), (2, 3), (2, 3), (6, 15)),
    "smaller_than_stride": case((3, 4), (1, 2), (3, 3), (9, 12)),
    "valid": case((4, 3), (3, 5), (2, 1), (9, 7), "VALID"),
    "valid_longer": case((4, 3), (3, 4), (2, 3), (10, 11), "VALID"),
    "no_stride": case((5, 4), (3, 5), (1, 1), (5, 4)),
    "odd_output": case((4, 5), (5, 4), (2, 2), (7, 9)),
    "no_bias": case((4, 5), (3, 4), (2, 3), (8, 15), bias=False),
    "relu": case((4, 5), (3, 3), (2, 2), (8, 10), activation="RELU"),
    "one_channel": case((4, 5), (3, 3), (2, 2), (8, 10), channels=(7, 1)),
    "from_pixel": case((1, 1), (4, 3), (1, 1), (4, 3), "VALID"),
    "from_height_1": case((1, 6), (4, 3), (4, 2), (4, 12)),
    "height_1": case((1, 6), (1, 5), (1, 3), (1, 18)),
    "to_height_1": case((4, 3), (3, 3), (2, 2), (1, 6)),
    "width_1": case((6, 1), (5, 1), (3, 1), (18, 1)),
    "large_kernel": case((2, 3), (9, 8), (2, 2), (4, 6)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_strides_have_an_end() -> None:
    assert "16384 at most" in problems(case((4, 5), (3, 3), (2**30, 2), (8, 10)))
    graph = graph_of({"long": case((4, 5), (3, 3), (2**14, 2), (8, 10))})
    ((_, rows),) = accesses(graph, graph.ops[0])
    assert isinstance(rows, Rows) and rows.den == 2**14


def test_shape_must_be_constant() -> None:
    shape, *others = CASES["twice"].inputs
    computed = Case(
        "TRANSPOSE_CONV",
        [t(shape.shape, dtype="int32"), *others],
        CASES["twice"].output,
        CASES["twice"].options,
    )
    assert "four constants from 1" in problems(computed)


def test_weights_of_other_channels() -> None:
    shape, weights, _, bias = CASES["twice"].inputs
    other = Case(
        "TRANSPOSE_CONV",
        [shape, weights, t((1, 4, 5, 2), 0.03, -7), bias],
        CASES["twice"].output,
        CASES["twice"].options,
    )
    assert "must be [output channels, height, width, input channels]" in problems(other)
