# SPDX-License-Identifier: Apache-2.0
"""Functions of one int8 tensor become one LOOKUP each, of the values that the operators compute."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.ir import Graph
from netsuke.compiler.ir_text import format_graph, parse_graph
from netsuke.compiler.ops.lookup import LookupAttrs
from netsuke.compiler.passes.fuse_lookups import fuse_lookups
from tests.support.graphs import assert_pass, assert_same_outputs, assert_unchanged

ALL = np.arange(-128, 128)


def test_a_chain_is_one_table() -> None:
    """Halving the scale doubles the distance from the zero point, and numbers saturate."""
    middle = np.clip(2 * (ALL - 3) + 3, -128, 127)
    table = tuple(int(v) for v in np.clip(2 * (middle - 3) + 1, -128, 127))
    assert_pass(
        fuse_lookups,
        """
        graph "g"
        %0 = input : int8[16,16] scale=0.5 zero_point=3 "x"
        %1 = quantize(%0) @0 : int8[16,16] scale=0.25 zero_point=3 "a"
        %2 = quantize(%1) @1 : int8[16,16] scale=0.125 zero_point=1 "y"
        return %2
        """,
        f"""
        graph "g"
        %0 = input : int8[16,16] scale=0.5 zero_point=3 "x"
        %2 = lookup(%0) {{table={table}}} @1 : int8[16,16] scale=0.125 zero_point=1 "y"
        return %2
        """,
    )


def test_a_tensor_and_a_function_of_it() -> None:
    """x * sigmoid(1.75 x), as the operators compute it for all 256 numbers."""
    before = parse_graph("""
        graph "g"
        %0 = input : int8[16,16] scale=0.03125 zero_point=3 "x"
        %5 = constant [56] : int8[1] scale=0.03125 zero_point=0 "slope"
        %1 = mul(%0, %5) @0 : int8[16,16] scale=0.0625 zero_point=3 "s"
        %2 = logistic(%1) @1 : int8[16,16] scale=0.00390625 zero_point=-128 "g"
        %3 = mul(%0, %2) @2 : int8[16,16] scale=0.03125 zero_point=-100 "y"
        return %3
    """)
    after = fuse_lookups(before)
    (lookup,) = after.ops
    assert isinstance(lookup.attrs, LookupAttrs)
    (want,) = evaluate(before, [ALL.astype(np.int8).reshape(16, 16)])
    assert lookup.attrs.table == tuple(int(v) for v in want.ravel())
    assert (lookup.index, lookup.inputs) == (2, (0,))
    assert_same_outputs(before, after)


def test_float32_between_int8_vanishes() -> None:
    assert_pass(
        fuse_lookups,
        """
        graph "g"
        %0 = input : int8[16,16] scale=0.5 zero_point=0 "x"
        %1 = dequantize(%0) @0 : float32[16,16] "f"
        %2 = neg(%1) @1 : float32[16,16] "n"
        %3 = quantize(%2) @2 : int8[16,16] scale=0.5 zero_point=0 "y"
        return %3
        """,
        f"""
        graph "g"
        %0 = input : int8[16,16] scale=0.5 zero_point=0 "x"
        %3 = lookup(%0) {{table={tuple(min(127, int(-v)) for v in ALL)}}} @2 \
: int8[16,16] scale=0.5 zero_point=0 "y"
        return %3
        """,
    )


@pytest.mark.parametrize(
    "op",
    [
        pytest.param("add(%0, %1)", id="two tensors"),
        pytest.param("mul(%0, %2)", id="a constant of several numbers"),
        pytest.param("softmax(%0) {beta=1.0}", id="not elementwise"),
    ],
)
def test_other_operators_stay(op: str) -> None:
    """Two tensors, a number for each channel, and neighbours that matter."""
    other = '%1 = input : int8[2,3] scale=0.5 zero_point=-3 "z"' if "%1" in op else ""
    factors = '%2 = constant [1, 2, 3] : int8[3] scale=0.5 zero_point=0 "f"' if "%2" in op else ""
    quant = "scale=0.00390625 zero_point=-128" if "softmax" in op else "scale=0.25 zero_point=1"
    assert_unchanged(
        fuse_lookups,
        f"""
        graph "g"
        %0 = input : int8[2,3] scale=0.5 zero_point=3 "x"
        {other}
        {factors}
        %4 = {op} @0 : int8[2,3] {quant} "y"
        return %4
        """,
    )


def test_a_broadcast_of_a_function_stays() -> None:
    """One number for each row, added to the row that it is of: not elementwise in x."""
    before = parse_graph("""
        graph "g"
        %0 = input : int8[4,1] scale=0.5 zero_point=3 "x"
        %2 = constant [1, 2, 3] : int8[1,3] scale=0.5 zero_point=0 "f"
        %3 = add(%0, %2) @0 : int8[4,3] scale=0.5 zero_point=1 "a"
        %4 = add(%0, %3) @1 : int8[4,3] scale=0.5 zero_point=1 "y"
        return %4
    """)
    assert format_graph(fuse_lookups(before)) == format_graph(before)


def test_a_middle_that_is_read_has_a_table_of_its_own() -> None:
    before = parse_graph("""
        graph "g"
        %0 = input : int8[2,3] scale=0.0625 zero_point=3 "x"
        %1 = logistic(%0) @0 : int8[2,3] scale=0.00390625 zero_point=-128 "a"
        %2 = mul(%0, %1) @1 : int8[2,3] scale=0.0625 zero_point=-100 "b"
        %3 = softmax(%1) {beta=1.0} @2 : int8[2,3] scale=0.00390625 zero_point=-128 "y"
        return %2, %3
    """)
    after = fuse_lookups(before)
    assert [op.inputs for op in after.ops] == [(0,), (0,), (1,)]
    assert_same_outputs(before, after)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["relu", "logistic", "tanh", "abs", "quantize", "add", "mul", "sub", "own"]
        ),
        st.integers(0, 30),
        st.integers(-128, 127),
    ),
    min_size=1,
    max_size=7,
)


def _network(steps: list[tuple[str, int, int]]) -> Graph:
    """Each step reads the one before, and, where it takes two, a random earlier one or a number."""
    lines = ['graph "g"', '%0 = input : int8[16,17] scale=0.0625 zero_point=3 "x"']
    quants = {0: "scale=0.0625 zero_point=3"}
    for i, (kind, pick, number) in enumerate(steps, start=1):
        quant = f"scale={2.0 ** (pick % 4 - 5)} zero_point={number}"
        arguments = f"%{i - 1}"
        if kind == "own":
            kind, arguments = "mul", f"%{i - 1}, %{pick % i}"
        elif kind in ("add", "mul", "sub"):
            constant = f"scale=0.125 zero_point={-number - 1}"
            lines.append(f'%{100 + i} = constant [{number}] : int8[1] {constant} "c"')
            arguments += f", %{100 + i}"
        fixed = {
            "logistic": "scale=0.00390625 zero_point=-128",
            "tanh": "scale=0.0078125 zero_point=0",
        }
        quants[i] = fixed.get(kind, quant)
        lines.append(f'%{i} = {kind}({arguments}) @{i} : int8[16,17] {quants[i]} "t{i}"')
    return parse_graph("\n".join([*lines, f"return %{len(steps)}"]))


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_any_function_of_one_tensor_is_one_table(steps: list[tuple[str, int, int]]) -> None:
    before = _network(steps)
    after = fuse_lookups(before)
    assert [op.inputs for op in after.ops] == [(0,)]
    assert_same_outputs(before, after)
