# SPDX-License-Identifier: Apache-2.0
"""CONCATENATION: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import (
    Case,
    c_equals_oracle,
    equals_oracle,
    problems,
    random_constant,
    t,
)


def case(axis: int, y: tuple[int, ...], *inputs: tuple[int, ...]) -> Case:
    given = [t(x, 0.03, -7) for x in inputs]
    return Case("CONCATENATION", given, t(y, 0.03, -7), {"axis": axis})


CLASS_TOKEN = random_constant((1, 1, 6), 0.03, -7, 5)

CASES = {
    "channels": case(3, (1, 4, 3, 9), (1, 4, 3, 5), (1, 4, 3, 1), (1, 4, 3, 3)),
    "width": case(-2, (1, 4, 5, 6), (1, 4, 3, 6), (1, 4, 2, 6)),
    "rows": case(1, (1, 6, 3, 5), (1, 4, 3, 5), (1, 2, 3, 5)),
    "batch": case(0, (3, 4), (1, 4), (2, 4)),
    "vectors": case(1, (1, 9), (1, 4), (1, 5)),
    "rows_of_height_1": case(1, (1, 2, 3, 5), (1, 1, 3, 5), (1, 1, 3, 5)),
    "inside_rows": case(2, (2, 3, 7, 4), (2, 3, 5, 4), (2, 3, 2, 4)),
    "six_axes": case(3, (1, 2, 3, 7, 2, 4), (1, 2, 3, 5, 2, 4), (1, 2, 3, 2, 2, 4)),
    "one": case(1, (1, 4), (1, 4)),
    "class_token": Case(
        "CONCATENATION",
        [CLASS_TOKEN, t((1, 4, 6), 0.03, -7)],
        t((1, 5, 6), 0.03, -7),
        {"axis": 1},
    ),
    "constants_between": Case(
        "CONCATENATION",
        [
            t((1, 4, 2), 0.03, -7),
            random_constant((1, 4, 3), 0.03, -7, 6),
            t((1, 4, 5), 0.03, -7),
            random_constant((1, 4, 1), 0.03, -7, 7),
        ],
        t((1, 4, 11), 0.03, -7),
        {"axis": 2},
    ),
    "ten": case(1, (1, 55), *((1, n) for n in range(1, 11))),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_scales_must_be_equal() -> None:
    wrong = Case("CONCATENATION", [t((1, 2), 0.1), t((1, 2), 0.2)], t((1, 4), 0.1), {"axis": 1})
    assert "must have the same scale and zero point" in problems(wrong)


def test_activation_is_refused() -> None:
    options = {"axis": 1, "fused_activation_function": "RELU"}
    wrong = Case("CONCATENATION", [t((1, 2), 0.1), t((1, 2), 0.1)], t((1, 4), 0.1), options)
    assert "fused activation: got RELU, want NONE" in problems(wrong)


def test_shapes_must_fit() -> None:
    assert "same shape but for the axis" in problems(case(1, (1, 4), (1, 2), (2, 2)))
