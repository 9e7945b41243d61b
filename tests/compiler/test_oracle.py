# SPDX-License-Identifier: Apache-2.0
"""The oracle's outputs and layers, on models small enough to compute by hand."""

from __future__ import annotations

import importlib.metadata
import math

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


X = np.array([[[-128, -4, 5], [21, 40, 127]]], dtype=np.int8)


def test_outputs_are_in_the_order_of_the_model() -> None:
    (y,) = Oracle(relu_twice()).run([X])
    assert y.dtype == np.int8
    assert y.tolist() == [[[-3, -3, 5], [21, 40, 127]]]


def test_layers_are_keyed_by_tensor_index_and_survive_the_next_run() -> None:
    oracle = Oracle(relu_twice())
    layers = oracle.run_layers([X])
    oracle.run([np.full_like(X, 7)])
    assert sorted(layers) == [1, 2]
    assert layers[1].tolist() == layers[2].tolist() == [[[-3, -3, 5], [21, 40, 127]]]


def test_name_and_version_say_which_oracle_it_was() -> None:
    oracle = Oracle(relu_twice())
    assert (oracle.name, oracle.version) == (
        "tflite-micro",
        importlib.metadata.version("tflite-micro"),
    )


def with_gelu() -> bytes:
    """y = relu(x) + gelu(relu(x)), and the GELU is an output too."""
    tensors = [TensorSpec(n, (1, 2, 3), scale=1 / 16) for n in ("x", "relu", "gelu", "y")]
    ops = [
        OpSpec("RELU", ["x"], ["relu"]),
        OpSpec("GELU", ["relu"], ["gelu"], {"approximate": False}),
        OpSpec("ADD", ["relu", "gelu"], ["y"]),
    ]
    return build_model(tensors, ops, ["x"], ["y", "gelu"])


def test_gelu_runs_in_litert_and_all_else_in_tflite_micro() -> None:
    oracle = Oracle(with_gelu())
    layers = oracle.run_layers([X])
    relu = np.maximum(X, 0)
    gelu = np.vectorize(lambda n: round(n / 2 * (1 + math.erf(n / 16 * math.sqrt(0.5)))))(relu)
    assert relu.tolist() == layers[1].tolist()
    assert gelu.tolist() == layers[2].tolist()
    assert np.minimum(relu + gelu, 127).tolist() == layers[3].tolist()
    assert [v.tolist() for v in oracle.run([X])] == [layers[3].tolist(), layers[2].tolist()]


def test_each_oracle_is_shown_its_own_operators_alone() -> None:
    """LiteRT's reference kernels have no ELU, tflite-micro no GELU. What ELU reads here is not
    negative, so it changes nothing."""
    tensors = [TensorSpec(n, (1, 2, 3), scale=1 / 16) for n in ("x", "relu", "gelu", "elu")]
    ops = [
        OpSpec("RELU", ["x"], ["relu"]),
        OpSpec("GELU", ["relu"], ["gelu"], {"approximate": False}),
        OpSpec("ELU", ["gelu"], ["elu"]),
    ]
    layers = Oracle(build_model(tensors, ops, ["x"], ["elu"])).run_layers([X])
    assert layers[3].tolist() == layers[2].tolist()


def test_name_and_version_say_that_a_second_oracle_took_part() -> None:
    oracle = Oracle(with_gelu())
    packages = ("tflite-micro", "ai-edge-litert")
    assert oracle.name == "tflite-micro, LiteRT BUILTIN_REF for GELU"
    assert oracle.version == ", ".join(importlib.metadata.version(p) for p in packages)


def test_a_model_that_needs_a_larger_arena_runs() -> None:
    """Two tensors of 3 MB do not fit the first arena."""
    tensors = [TensorSpec(n, (3, 1024, 1024), scale=1.0) for n in ("x", "y")]
    x = np.random.default_rng(1).integers(-128, 128, (3, 1024, 1024)).astype(np.int8)
    (y,) = Oracle(build_model(tensors, [OpSpec("RELU", ["x"], ["y"])], ["x"], ["y"])).run([x])
    assert np.array_equal(y, np.maximum(x, 0))


def test_an_operator_that_the_oracle_lacks_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError) as error:
        Oracle(relu_twice("ATAN2"))
    assert str(error.value) == (
        "oracle: tflite-micro does not run this model: "
        "got Didn't find op for builtin opcode 'ATAN2', want an operator it supports"
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
        "oracle: got no tflite-micro, want it installed "
        "(hint: pip install '.[validate]' in netsuke's folder)"
    )
    assert error.value.exit_status == 3
