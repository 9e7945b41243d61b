# SPDX-License-Identifier: Apache-2.0
"""BATCH_MATMUL: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.compiler.ops.base import Isa
from tests.support.op_cases import (
    Case,
    c_equals_oracle,
    equals_oracle,
    problems,
    random_constant,
    t,
)


def case(
    x: tuple[int, ...],
    y: tuple[int, ...],
    out: tuple[int, ...],
    adj_x: bool = False,
    adj_y: bool = False,
) -> Case:
    options = {"adj_x": adj_x, "adj_y": adj_y}
    return Case("BATCH_MATMUL", [t(x, 0.03, -7), t(y, 0.05, 11)], t(out, 0.21, 4), options)


CASES = {
    "heads": case((1, 3, 7, 5), (1, 3, 5, 6), (1, 3, 7, 6)),
    "keys_not_transposed": case((1, 3, 7, 5), (1, 3, 6, 5), (1, 3, 7, 6), False, True),
    "adj_x": case((1, 3, 5, 7), (1, 3, 5, 6), (1, 3, 7, 6), True, False),
    "adj_x_of_one_row": case((1, 9), (5, 1), (9, 5), True, True),
    "both": case((1, 3, 5, 7), (1, 3, 6, 5), (1, 3, 7, 6), True, True),
    "matrices": case((7, 5), (5, 6), (7, 6)),
    "tokens": case((1, 7, 5), (1, 5, 6), (1, 7, 6)),
    "tokens_adj_x": case((1, 5, 7), (1, 5, 6), (1, 7, 6), True),
    "one_row": case((1, 1, 5), (1, 5, 6), (1, 1, 6)),
    "one_row_of_heads": case((1, 3, 1, 5), (1, 3, 5, 6), (1, 3, 1, 6)),
    "y_for_all_heads": case((1, 3, 7, 5), (1, 1, 5, 6), (1, 3, 7, 6)),
    "x_for_all_heads": case((1, 1, 7, 5), (1, 3, 5, 6), (1, 3, 7, 6)),
    "lower_rank": case((2, 3, 7, 5), (5, 6), (2, 3, 7, 6)),
    "two_batch_axes": case((2, 1, 7, 5), (2, 3, 5, 6), (2, 3, 7, 6)),
    "five": case((2, 3, 1, 4, 5), (2, 1, 2, 5, 6), (2, 3, 2, 4, 6)),
    "constant_y": Case(
        "BATCH_MATMUL",
        [t((1, 7, 5), 0.03, -7), random_constant((5, 6), 0.05, 11, 4)],
        t((1, 7, 6), 0.21, 4),
        {"adj_x": False, "adj_y": False},
    ),
    "constant_x": Case(
        "BATCH_MATMUL",
        [random_constant((1, 7, 5), 0.05, 11, 4), t((1, 5, 6), 0.03, -7)],
        t((1, 7, 6), 0.21, 4),
        {"adj_x": False, "adj_y": False},
    ),
    "scores": case((1, 3, 36, 32), (1, 3, 36, 32), (1, 3, 36, 36), False, True),
    "context": case((1, 3, 37, 35), (1, 3, 35, 33), (1, 3, 37, 33)),
    "short": case((1, 3, 5, 1), (1, 3, 1, 6), (1, 3, 5, 6)),
    "vector_of_heads": case((1, 3, 7, 5), (1, 3, 5, 1), (1, 3, 7, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


@pytest.mark.parametrize("isa", ["portable", "dsp"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path, isa)


def test_depths_must_be_equal() -> None:
    assert "depths are equal" in problems(case((7, 5), (4, 6), (7, 6)))
