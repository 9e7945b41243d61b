# SPDX-License-Identifier: Apache-2.0
"""PAD: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(x: tuple[int, ...], y: tuple[int, ...], *paddings: int) -> Case:
    pairs = t((len(x), 2), data=paddings, dtype="int32")
    return Case("PAD", [t(x, 0.03, -7), pairs], t(y, 0.03, -7))


def case_v2(value: int, x: tuple[int, ...], y: tuple[int, ...], *paddings: int) -> Case:
    plain = case(x, y, *paddings)
    constant = t((), 0.03, -7, data=value)
    return Case("PADV2", [*plain.inputs, constant], plain.output)


CASES = {
    "image": case((1, 4, 3, 5), (1, 7, 10, 5), 0, 0, 1, 2, 3, 4, 0, 0),
    "rows_only": case((1, 4, 3, 5), (1, 9, 3, 5), 0, 0, 3, 2, 0, 0, 0, 0),
    "channels": case((1, 4, 3, 5), (1, 4, 3, 8), 0, 0, 0, 0, 0, 0, 1, 2),
    "all": case((2, 4, 3, 5), (5, 7, 10, 14), 1, 2, 1, 2, 3, 4, 4, 5),
    "height_1": case((1, 1, 3, 5), (1, 4, 5, 5), 0, 0, 1, 2, 2, 0, 0, 0),
    "stays_height_1": case((1, 1, 3, 5), (1, 1, 8, 5), 0, 0, 0, 0, 2, 3, 0, 0),
    "pixel": case((1, 1, 1, 5), (1, 3, 4, 7), 0, 0, 0, 2, 1, 2, 1, 1),
    "batch": case((1, 4, 5), (3, 4, 6), 1, 1, 0, 0, 1, 0),
    "vector": case((1, 9), (1, 14), 0, 0, 3, 2),
    "nothing": case((1, 4, 9), (1, 4, 9), 0, 0, 0, 0, 0, 0),
    "five": case((1, 2, 3, 4, 5), (1, 4, 4, 5, 6), 0, 0, 1, 1, 0, 1, 1, 0, 1, 0),
    "padv2_image": case_v2(-77, (1, 4, 3, 5), (1, 7, 10, 5), 0, 0, 1, 2, 3, 4, 0, 0),
    "padv2_vector": case_v2(33, (1, 9), (1, 14), 0, 0, 3, 2),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_negative_padding_is_refused() -> None:
    assert "want 0 to" in problems(case((1, 9), (1, 8), 0, 0, -1, 0))


def test_paddings_must_fit_the_rank() -> None:
    wrong = Case("PAD", [t((3, 4), 0.5), ints(1, 1)], t((3, 4), 0.5))
    assert "4 constant numbers" in problems(wrong)
