# SPDX-License-Identifier: Apache-2.0
"""RESHAPE, SQUEEZE and EXPAND_DIMS: shapes as tflite-micro infers them, bytes as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.frontend.reader import read_model
from netsuke.compiler.oracle import Oracle
from tests.support.host import build_host
from tests.support.op_cases import Case, equals_oracle, ints, problems, t
from tests.support.tflite_builder import OpSpec, TensorSpec, build_model


def case(builtin: str, x: tuple[int, ...], y: tuple[int, ...], *more: TensorSpec) -> Case:
    return Case(builtin, [t(x, 0.03, -7), *more], t(y, 0.03, -7))


CASES = {
    "reshape_flatten": case("RESHAPE", (1, 3, 4, 5), (1, 60), ints(1, 60)),
    "reshape_rest": case("RESHAPE", (1, 3, 4, 5), (12, 5), ints(-1, 5)),
    "reshape_split": case("RESHAPE", (6, 4), (2, 3, 2, 2), ints(2, 3, 2, 2)),
    "reshape_option": Case(
        "RESHAPE", [t((3, 4), 0.5, 1)], t((2, 6), 0.5, 1), {"new_shape": [2, 6]}
    ),
    "squeeze_all": case("SQUEEZE", (1, 3, 1, 5), (3, 5)),
    "squeeze_one": Case(
        "SQUEEZE", [t((1, 3, 1, 5), 0.5, 1)], t((1, 3, 5), 0.5, 1), {"squeeze_dims": [-2]}
    ),
    "expand_first": case("EXPAND_DIMS", (3, 5), (1, 3, 5), ints(0)),
    "expand_last": case("EXPAND_DIMS", (3, 5), (3, 5, 1), ints(-1)),
    "expand_middle": case("EXPAND_DIMS", (3, 5), (3, 1, 5), ints(1)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


REFUSED = {
    "computed_shape": (
        case("RESHAPE", (3, 4), (3, 4), t((2,), dtype="int32")),
        "new shape must be a constant",
    ),
    "elements": (case("RESHAPE", (3, 4), (3, 5), ints(3, 5)), "as many elements as the input"),
    "nothing_to_squeeze": (
        Case("SQUEEZE", [t((1, 3), 0.5)], t((1, 3), 0.5), {"squeeze_dims": [1]}),
        "axes of extent 1",
    ),
    "axis_outside": (case("EXPAND_DIMS", (3, 5), (3, 5, 1), ints(3)), "want -3 to 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_why(name: str) -> None:
    refused, want = REFUSED[name]
    assert want in problems(refused)


def test_rows_pass_through_views_in_generated_c(tmp_path: Path) -> None:
    shapes = [(1, 4, 3, 5), (1, 4, 3, 5), (4, 15), (1, 4, 15), (1, 4, 15)]
    specs = [
        TensorSpec(f"v{i}", s, scale=0.1 + (i > 3), zero_point=3) for i, s in enumerate(shapes)
    ]
    to_rows = TensorSpec("shape", (2,), "int32", data=np.array([4, 15]))
    axis = TensorSpec("axis", (1,), "int32", data=np.array([0]))
    model = build_model(
        [*specs, to_rows, axis],
        [
            OpSpec("RELU", ["v0"], ["v1"]),
            OpSpec("RESHAPE", ["v1", "shape"], ["v2"]),
            OpSpec("EXPAND_DIMS", ["v2", "axis"], ["v3"]),
            OpSpec("QUANTIZE", ["v3"], ["v4"]),
        ],
        ["v0"],
        ["v4"],
    )
    x = np.arange(-30, 30, dtype=np.int8).reshape(shapes[0])
    (want,) = Oracle(model).run([x])
    run = build_host(read_model(model, "net"), tmp_path, observed=False).run([x])
    np.testing.assert_array_equal(run.outputs[0], want.ravel())
