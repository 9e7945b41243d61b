# SPDX-License-Identifier: Apache-2.0
"""MAX_POOL_2D: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t


def case(
    x: tuple[int, ...],
    y: tuple[int, ...],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: str = "VALID",
    activation: str = "NONE",
) -> Case:
    options = {
        "filter_height": kernel[0],
        "filter_width": kernel[1],
        "stride_h": stride[0],
        "stride_w": stride[1],
        "padding": padding,
        "fused_activation_function": activation,
    }
    return Case("MAX_POOL_2D", [t(x, 0.03, -7)], t(y, 0.03, -7), options)


CASES = {
    "window": case((1, 9, 8, 3), (1, 4, 2, 3), (3, 4), (2, 3)),
    "same": case((1, 9, 8, 3), (1, 5, 3, 3), (3, 4), (2, 3), "SAME"),
    "same_larger_than_image": case((1, 2, 3, 4), (1, 2, 3, 4), (5, 7), (1, 1), "SAME"),
    "global": case((1, 6, 5, 7), (1, 1, 1, 7), (6, 5), (1, 1)),
    "relu": case((1, 6, 5, 2), (1, 5, 3, 2), (2, 3), (1, 1), "VALID", "RELU"),
    "relu6": case((1, 6, 5, 2), (1, 5, 3, 2), (2, 3), (1, 1), "VALID", "RELU6"),
    "stride_past_kernel": case((1, 9, 9, 2), (1, 3, 2, 2), (1, 2), (3, 5)),
    "height_1": case((1, 1, 12, 3), (1, 1, 4, 3), (1, 5), (1, 3), "SAME"),
    "width_1": case((1, 12, 1, 3), (1, 4, 1, 3), (5, 1), (3, 1), "SAME"),
    "one_row_of_pixels": case((1, 5, 8, 3), (1, 1, 3, 3), (5, 4), (1, 2)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_scale_must_stay() -> None:
    options = CASES["global"].options
    changed = Case("MAX_POOL_2D", [t((1, 6, 5, 7), 0.1)], t((1, 1, 1, 7), 0.2), options)
    assert "scales that differ by at most 1e-6" in problems(changed)


def test_batch_must_be_1() -> None:
    assert "batch, the first dimension, must be 1" in problems(
        case((2, 6, 5, 7), (2, 1, 1, 7), (6, 5), (1, 1))
    )
