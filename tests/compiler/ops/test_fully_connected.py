# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.ops.base import Isa
from tests.support.op_cases import c_equals_oracle, equals_oracle, problems
from tests.support.product_cases import Sums, fully_connected

CASES = {
    "vector": fully_connected((1, 20), 20, (1, 9)),
    "one_step": fully_connected((1, 4), 4, (1, 16)),
    "eights": fully_connected((1, 40), 40, (1, 24), Sums("RELU", (3, -128))),
    "one_less_than_eights": fully_connected((1, 13), 13, (1, 7)),
    "one_unit": fully_connected((1, 21), 21, (1, 1)),
    "vectors": fully_connected((6, 10), 10, (6, 5)),
    "tokens": fully_connected((1, 6, 10), 10, (1, 6, 5), keep=True),
    "tokens_flattened": fully_connected((2, 3, 8), 8, (6, 5)),
    "image": fully_connected((1, 3, 4, 5), 60, (1, 7)),
    "per_tensor": fully_connected((1, 20), 20, (1, 9), Sums(per_channel=False)),
    "no_bias": fully_connected((1, 20), 20, (1, 9), Sums(bias=False)),
    "relu6": fully_connected((1, 20), 20, (1, 9), Sums("RELU6", (5, -9))),
    "least_weights": fully_connected((1, 20), 20, (1, 10), Sums(low=-128)),
    "sums_beyond_23_bits": fully_connected((1, 4000), 4000, (1, 11), Sums("RELU", (1, -128))),
    "sums_beyond_23_bits_signed": fully_connected((1, 4002), 4002, (1, 3), Sums(low=60)),
    "saturating": fully_connected((1, 20), 20, (1, 9), Sums(spread=50.0)),
    "constant_units": fully_connected((1, 20), 20, (1, 9), Sums(ratio=2.0**40)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


@pytest.mark.parametrize("isa", ["portable", "dsp"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path, isa)


def test_depth_must_divide_the_input() -> None:
    given = CASES["vector"]
    weights = replace(given.inputs[1], shape=(9, 7), scale=0.1, data=np.ones((9, 7), np.int8))
    assert "multiple of their depth" in problems(replace(given, inputs=[given.inputs[0], weights]))
