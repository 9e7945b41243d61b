# SPDX-License-Identifier: Apache-2.0
"""SOFTMAX: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate
from tests.support.host import build_host
from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, graph_of, t


def case(shape: tuple[int, ...], scale: float, zero_point: int, beta: float = 1.0) -> Case:
    out = t(shape, 1 / 256, -128)
    return Case("SOFTMAX", [t(shape, scale, zero_point)], out, {"beta": beta})


CASES = {
    "classes": case((1, 10), 0.17, 8),
    "two_classes": case((1, 2), 0.05, -3),
    "one_class": case((1, 1), 0.05, -3),
    "fine_scale": case((1, 12), 0.004, 22),
    "coarse_scale": case((1, 12), 1.9, -9),
    "beta": case((2, 12), 0.11, -9, 0.7),
    "attention": case((1, 3, 7, 9), 0.09, 14),
    "tokens": case((1, 36, 36), 0.07, -1),
    "pixels": case((1, 4, 3, 5), 0.3, 6),
    "long": case((1, 1000), 0.08, 6),
    "huge_scale": case((2, 9), 40.0, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


@pytest.mark.parametrize("depth", [511, 512, 600, 4095])
def test_many_equal_numbers(depth: int, tmp_path: Path) -> None:
    """tflite-micro's debug build stops at 512 and more: the exact result rounds to 0."""
    cases = {"equal": case((1, depth), 0.08, 6)}
    given = np.full((1, depth), -17, np.int8)
    graph = graph_of(cases)
    run = build_host(graph, tmp_path, observed=False).run([given.ravel()])
    np.testing.assert_array_equal(run.outputs[0], evaluate(graph, [given])[0].ravel())
