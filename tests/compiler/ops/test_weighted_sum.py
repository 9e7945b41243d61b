# SPDX-License-Identifier: Apache-2.0
"""ADD and SUB as weighted sums: the same for all pairs of numbers, or not used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.ir import Array
from netsuke.compiler.ops.base import KernelCall
from netsuke.compiler.ops.registry import operator_of
from tests.support.op_cases import Case, graph_of, t

SCALES = st.floats(0.001, 0.5)
ZERO_POINTS = st.integers(-128, 127)
NUMBERS = np.arange(-128, 128)


def all_pairs(builtin: str, scales: list[float], zero_points: list[int], activation: str) -> Case:
    """a is a column and b a row of all numbers."""
    a, b, out = (
        t(shape, scale, zero_point)
        for shape, scale, zero_point in zip(
            [(256, 1), (1, 256), (256, 256)], scales, zero_points, strict=True
        )
    )
    return Case(builtin, [a, b], out, {"fused_activation_function": activation})


def call_and_outputs(case: Case) -> tuple[KernelCall, Array]:
    """What the compiler calls for Armv7E-M, and what the layer computes."""
    graph = graph_of({"case": case})
    (op,) = graph.ops
    inputs, out = graph.input_tensors(op), graph.output(op)
    call = operator_of(op.attrs).kernel(op.attrs, inputs, out, "dsp", 1)
    numbers = NUMBERS.astype(np.int8)
    (outputs,) = evaluate(graph, [numbers.reshape(256, 1), numbers.reshape(1, 256)])
    return call, outputs


def formula(call: KernelCall) -> Array:
    """What the header says that the kernel computes."""
    p = {name: value for name, value in call.params if isinstance(value, int)}
    offset = p["offset_high"] * 2**32 + p["offset_low"] % 2**32
    total = NUMBERS[:, None] * p["a_weight"] + NUMBERS * p["b_weight"] + offset
    return np.clip(total // 2**28, p["low"], p["high"])


@pytest.mark.parametrize("builtin", ["ADD", "SUB"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    scales=st.lists(SCALES, min_size=3, max_size=3),
    zero_points=st.lists(ZERO_POINTS, min_size=3, max_size=3),
    activation=st.sampled_from(["NONE", "RELU", "RELU6"]),
)
def test_all_pairs_are_equal(
    builtin: str, scales: list[float], zero_points: list[int], activation: str
) -> None:
    call, outputs = call_and_outputs(all_pairs(builtin, scales, zero_points, activation))
    if call.struct == "nk_weighted_sum_dsp":
        np.testing.assert_array_equal(formula(call), outputs)


def test_usual_scales_have_weights() -> None:
    call, _ = call_and_outputs(all_pairs("ADD", [0.031, 0.047, 0.053], [3, -5, 9], "NONE"))
    assert call.function == "nk_weighted_sum_dsp_row"


def test_ties_have_none() -> None:
    """Halves are rounded away from zero, which no single rounding does."""
    call, _ = call_and_outputs(all_pairs("ADD", [0.25, 0.25, 0.5], [0, 0, 0], "NONE"))
    assert call.function == "nk_add_row"
