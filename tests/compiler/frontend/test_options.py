# SPDX-License-Identifier: Apache-2.0
"""Options tables, field by field."""

from __future__ import annotations

import math
from typing import Any

import pytest
import tflite

from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend.options import TfliteOptions, expected_table
from netsuke.compiler.ops.registry import by_builtin
from tests.support.tflite_builder import OPTIONS, OpSpec, TensorSpec, build_model


def reader(builtin: str, options: dict[str, Any], table: str | None = None) -> TfliteOptions:
    tensors = [TensorSpec(n, (1,)) for n in ("x", "y")]
    op = OpSpec(builtin, ["x"], ["y"], options, options_type=table)
    data = build_model(tensors, [op], ["x"], ["y"])
    return TfliteOptions(tflite.Model.GetRootAs(data, 0).Subgraphs(0).Operators(0), builtin)


def refused(read: Any, field: str) -> str:
    with pytest.raises(InputError) as error:
        read(field)
    return str(error.value)


def test_fields_by_their_schema_names() -> None:
    options = reader(
        "DEPTHWISE_CONV_2D",
        {"padding": "VALID", "stride_w": 2, "stride_h": 3, "depth_multiplier": 5},
    )
    assert options.kind == "DepthwiseConv2DOptions"
    names = ("padding", "stride_w", "stride_h", "depth_multiplier")
    assert [options.int(name) for name in names] == [1, 2, 3, 5]


def test_a_field_left_out_has_the_default_of_the_schema() -> None:
    options = reader("CONV_2D", {})
    assert [options.int(name) for name in ("stride_w", "dilation_w_factor")] == [0, 1]


def test_bool_float_and_vector() -> None:
    assert reader("MEAN", {"keep_dims": True}).bool("keep_dims") is True
    assert reader("SOFTMAX", {"beta": 0.5}).float("beta") == 0.5
    assert reader("SQUEEZE", {"squeeze_dims": [0, -1]}).ints("squeeze_dims") == (0, -1)
    assert reader("SQUEEZE", {}).ints("squeeze_dims") == ()


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_floats_are_finite(value: float) -> None:
    text = f"beta: got {value}, want a finite number"
    assert refused(reader("SOFTMAX", {"beta": value}).float, "beta") == text


def test_enumerations_have_known_values() -> None:
    options = reader("ADD", {"fused_activation_function": 77})
    assert refused(options.int, "fused_activation_function") == (
        "fused_activation_function: got 77, want a value of ActivationFunctionType"
    )


def test_vectors_are_short() -> None:
    options = reader("SQUEEZE", {"squeeze_dims": [0] * 9})
    assert refused(options.ints, "squeeze_dims") == "squeeze_dims: got 9 numbers, want at most 8"


def test_a_missing_or_foreign_table_is_an_error_only_when_it_is_read() -> None:
    """MUL's table has the same field as ADD's, and still is not ADD's."""
    foreign = reader("ADD", {"fused_activation_function": 1}, "MulOptions")
    missing = reader("ADD", {}, "")
    assert (foreign.kind, missing.kind) == ("MulOptions", "")
    field = "fused_activation_function"
    assert refused(foreign.int, field) == "options: got MulOptions, want AddOptions"
    assert refused(missing.int, field) == "options: got none, want AddOptions"


@pytest.mark.parametrize("builtin", sorted(OPTIONS))
def test_tables_are_found_by_the_names_of_operators(builtin: str) -> None:
    assert expected_table(builtin) == OPTIONS[builtin]


@pytest.mark.parametrize("operator", by_builtin().values(), ids=lambda o: o.name)
def test_builder_and_reader_agree_on_every_operator(operator: Any) -> None:
    table = expected_table(operator.builtin)
    assert OPTIONS.get(operator.builtin, "") in ("", table)
