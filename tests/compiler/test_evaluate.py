# SPDX-License-Identifier: Apache-2.0
"""The interpreter: values reach the operators that read them, wrong inputs are refused."""

from __future__ import annotations

import numpy as np
import pytest

from netsuke.compiler.errors import InputError
from netsuke.compiler.evaluate import evaluate, evaluate_all
from netsuke.compiler.ir_text import parse_graph

# y = 2 * (x + c) in numbers of scale 1, z = relu(y); two inputs and two outputs in other orders.
GRAPH = parse_graph("""
    graph "g"
    %4 = input : int8[2,2] scale=1.0 zero_point=0 "b"
    %0 = input : int8[2,2] scale=1.0 zero_point=0 "a"
    %1 = constant [10, -20] : int8[2] scale=1.0 zero_point=0 "c"
    %2 = add(%0, %1) @0 : int8[2,2] scale=0.5 zero_point=0 "y"
    %3 = relu(%2) @1 : int8[2,2] scale=0.5 zero_point=0 "z"
    %5 = add(%3, %4) @2 : int8[2,2] scale=1.0 zero_point=-1 "s"
    return %5, %2
""")
A = np.array([[1, 2], [-30, 40]], np.int8)
B = np.array([[0, 0], [5, 7]], np.int8)


def test_outputs_are_in_the_order_of_the_graph() -> None:
    s, y = evaluate(GRAPH, [B, A])
    assert y.tolist() == [[22, -36], [-40, 40]]
    assert s.tolist() == [[10, -1], [4, 26]]
    assert s.dtype == np.int8


def test_all_tensors() -> None:
    values = evaluate_all(GRAPH, [B, A])
    assert sorted(values) == [0, 1, 2, 3, 4, 5]
    assert values[3].tolist() == [[22, 0], [0, 40]]
    assert values[1].tolist() == [10, -20]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([A], "g: got 1 inputs, want 2"),
        ([A, A.reshape(4)], r"input 'a': got int8\[4\], want int8\[2, 2\]"),
        ([A.astype(np.int32), A], r"input 'b': got int32\[2, 2\], want int8\[2, 2\]"),
    ],
)
def test_wrong_inputs(inputs: list[np.ndarray], message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate(GRAPH, inputs)
