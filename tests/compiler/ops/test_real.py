# SPDX-License-Identifier: Apache-2.0
"""float32 operators between DEQUANTIZE and QUANTIZE: the model as read and the table that passes
make of it equal tflite-micro for every int8 number."""

from __future__ import annotations

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.frontend.reader import check, read_model
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.passes.pipeline import run_passes
from tests.support.tflite_builder import OpSpec, TensorSpec, build_model

ALL = np.arange(-128, 128, dtype=np.int8).reshape(1, 256)


def chain(builtin: str, x: tuple[float, int], y: tuple[float, int]) -> bytes:
    """A model of one float32 operator between quantized tensors."""
    tensors = [
        TensorSpec("x", ALL.shape, "int8", *x),
        TensorSpec("real", ALL.shape, "float32"),
        TensorSpec("result", ALL.shape, "float32"),
        TensorSpec("y", ALL.shape, "int8", *y),
    ]
    ops = [
        OpSpec("DEQUANTIZE", ["x"], ["real"]),
        OpSpec(builtin, ["real"], ["result"]),
        OpSpec("QUANTIZE", ["result"], ["y"]),
    ]
    return build_model(tensors, ops, ["x"], ["y"])


CHAINS = {
    "square": chain("SQUARE", (0.037, 5), (0.083, -128)),
    "square_saturates": chain("SQUARE", (0.3, -128), (0.7, -100)),
    "square_fine": chain("SQUARE", (0.0021, 17), (0.0003, -127)),
    "elu": chain("ELU", (0.043, -3), (0.029, -91)),
    "elu_coarse": chain("ELU", (0.7, 9), (0.41, -120)),
    "elu_fine": chain("ELU", (0.0017, -9), (0.0011, 3)),
}


@pytest.mark.parametrize("name", CHAINS)
def test_model_and_table_equal_oracle(name: str) -> None:
    graph = read_model(CHAINS[name], name)
    (want,) = Oracle(CHAINS[name]).run([ALL])
    table = run_passes(graph)
    assert len(table.ops) == 1
    for made in (graph, table):
        np.testing.assert_array_equal(evaluate(made, [ALL])[0], want)


def test_no_int8_square() -> None:
    tensors = [TensorSpec(name, (1, 9), "int8", 0.1, 3) for name in "xy"]
    model = build_model(tensors, [OpSpec("SQUARE", ["x"], ["y"])], ["x"], ["y"])
    (problem,) = check(model)
    assert "must be float32 between a DEQUANTIZE and a QUANTIZE; got int8 'x'" in problem
