# SPDX-License-Identifier: Apache-2.0
"""QUANTIZE: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, t

CASES = {
    "finer": Case("QUANTIZE", [t((1, 4, 5, 30), 0.1, 4)], t((1, 4, 5, 30), 0.04, -9)),
    "coarser": Case("QUANTIZE", [t((2, 300), 0.01, 4)], t((2, 300), 0.04, -9)),
    "same_scale": Case("QUANTIZE", [t((2, 300), 0.3, 4)], t((2, 300), 0.3, -90)),
    "much_coarser": Case("QUANTIZE", [t((600,), 1e-5, 4)], t((600,), 9.0, 3)),
}

EDGES = {
    "float_input": Case("QUANTIZE", [t((1, 5, 60), dtype="float32")], t((1, 5, 60), 0.03, -9)),
    "float_saturates": Case("QUANTIZE", [t((1, 90), dtype="float32")], t((1, 90), 1e-4, 9)),
    "float_output": Case("DEQUANTIZE", [t((1, 5, 60), 0.03, 7)], t((1, 5, 60), dtype="float32")),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


@pytest.mark.parametrize("name", EDGES)
def test_float_edges_equal_oracle(name: str) -> None:
    equals_oracle(EDGES[name])
