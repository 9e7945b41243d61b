# SPDX-License-Identifier: Apache-2.0
"""SPLIT: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(axis: int, x: tuple[int, ...], count: int, y: tuple[int, ...]) -> Case:
    part = t(y, 0.03, -7)
    options = {"num_splits": count}
    inputs = [ints(axis), t(x, 0.03, -7)]
    return Case("SPLIT", inputs, part, options, more_outputs=[part] * (count - 1))


CASES = {
    "features": case(-1, (1, 5, 12), 3, (1, 5, 4)),
    "rows": case(1, (1, 6, 5, 4), 2, (1, 3, 5, 4)),
    "columns": case(2, (1, 3, 6, 5), 3, (1, 3, 2, 5)),
    "batch": case(0, (4, 7), 4, (1, 7)),
    "one": case(1, (1, 7), 1, (1, 7)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_parts_must_be_equal() -> None:
    text = problems(case(1, (1, 7), 2, (1, 3)))
    assert text == "SPLIT 0: num_splits: got 2, want a divisor of 7"


def test_outputs_are_as_many_as_parts() -> None:
    wrong = Case("SPLIT", [ints(1), t((1, 8), 0.03)], t((1, 4), 0.03), {"num_splits": 2})
    assert problems(wrong) == "SPLIT 0: outputs: got 1, want 2"


def test_messages_name_the_operator_of_the_file() -> None:
    wrong = Case(
        "SPLIT",
        [ints(1), t((1, 8), 0.03)],
        t((1, 4), 0.03),
        {"num_splits": 2},
        more_outputs=[t((1, 4), 0.04)],
    )
    assert problems(wrong).startswith("SPLIT 0, output 'out0_1': Inputs and output must have the")
