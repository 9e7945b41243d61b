# SPDX-License-Identifier: Apache-2.0
"""The oracle's outputs and layers, on models small enough to compute by hand."""

from __future__ import annotations

import importlib.metadata

import numpy as np
import pytest

from netsuke.compiler.errors import InputError, ToolError
from netsuke.compiler.oracle import Oracle
from tests.support.tflite_builder import OpSpec, TensorSpec, build_model


def relu_twice(builtin: str = "RELU") -> bytes:
    """RELU keeps zero points, so its output is max(x, zero point)."""
    return build_model(
        [TensorSpec(n, (1, 2, 3), scale=0.5, zero_point=-3) for n in ("x", "middle", "y")],
        [OpSpec("RELU", ["x"], ["middle"]), OpSpec(builtin, ["middle"], ["y"])],
        ["x"],
        ["y"],
    )


X = np.array([[[-128, -4, -3], [-2, 0, 127]]], dtype=np.int8)


def test_outputs_are_in_the_order_of_the_model() -> None:
    (y,) = Oracle(relu_twice()).run([X])
    assert y.dtype == np.int8
    assert y.tolist() == [[[-3, -3, -3], [-2, 0, 127]]]


def test_layers_are_keyed_by_tensor_index_and_survive_the_next_run() -> None:
    oracle = Oracle(relu_twice())
    layers = oracle.run_layers([X])
    oracle.run([np.full_like(X, 7)])
    assert sorted(layers) == [1, 2]
    assert layers[1].tolist() == layers[2].tolist() == [[[-3, -3, -3], [-2, 0, 127]]]


def test_name_and_version_say_which_oracle_it_was() -> None:
    oracle = Oracle(relu_twice())
    assert (oracle.name, oracle.version) == (
        "tflite-micro",
        importlib.metadata.version("tflite-micro"),
    )


def test_a_model_that_needs_a_larger_arena_runs() -> None:
    """Two tensors of 3 MB do not fit the first arena."""
    tensors = [TensorSpec(n, (3, 1024, 1024), scale=1.0) for n in ("x", "y")]
    x = np.random.default_rng(1).integers(-128, 128, (3, 1024, 1024)).astype(np.int8)
    (y,) = Oracle(build_model(tensors, [OpSpec("RELU", ["x"], ["y"])], ["x"], ["y"])).run([x])
    assert np.array_equal(y, np.maximum(x, 0))


def test_an_operator_that_the_oracle_lacks_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError) as error:
        Oracle(relu_twice("GELU"))
    assert str(error.value) == (
        "oracle: tflite-micro does not run this model: "
        "got Didn't find op for builtin opcode 'GELU', want an operator it supports"
    )
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ([], "oracle: got 0 inputs, want 1"),
        ([X[0]], "oracle: input 0: got int8[2, 3], want int8[1, 2, 3]"),
        ([X.astype(np.int32)], "oracle: input 0: got int32[1, 2, 3], want int8[1, 2, 3]"),
    ],
)
def test_wrong_inputs_are_refused(inputs: list[np.ndarray], text: str) -> None:
    with pytest.raises(InputError) as error:
        Oracle(relu_twice()).run(inputs)
    assert str(error.value) == text


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(ToolError) as error:
        Oracle(relu_twice())
    assert str(error.value) == (
        "oracle: got no tflite-micro, want it installed (hint: pip install 'netsuke[validate]')"
    )
    assert error.value.exit_status == 3
