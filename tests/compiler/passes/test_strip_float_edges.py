# SPDX-License-Identifier: Apache-2.0
"""float32 inputs and outputs become int8 where one QUANTIZE or DEQUANTIZE stands at the edge."""

from __future__ import annotations

import numpy as np

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.ir_text import format_graph, parse_graph
from netsuke.compiler.passes.strip_float_edges import strip_float_edges

BEFORE = parse_graph("""
    graph "g"
    %0 = input : float32[2,3] "x"
    %1 = quantize(%0) @0 : int8[2,3] scale=0.5 zero_point=3 "x_int8"
    %2 = relu(%1) @1 : int8[2,3] scale=0.5 zero_point=3 "y_int8"
    %3 = dequantize(%2) @2 : float32[2,3] "y"
    return %3, %2
""")
AFTER = parse_graph("""
    graph "g"
    %1 = input : int8[2,3] scale=0.5 zero_point=3 "x_int8"
    %2 = relu(%1) @1 : int8[2,3] scale=0.5 zero_point=3 "y_int8"
    return %2, %2
""")


def test_text() -> None:
    assert format_graph(strip_float_edges(BEFORE)) == format_graph(AFTER)


def test_values_between_the_edges_are_the_same() -> None:
    x = np.array([[-2.0, -0.5, 0.0], [0.3, 5.2, 1000.0]], np.float32)
    x_int8 = np.array([[-1, 2, 3], [4, 13, 127]], np.int8)  # round(x / 0.5) + 3, saturated
    real, quantized = evaluate(BEFORE, [x])
    again, _ = evaluate(AFTER, [x_int8])
    assert quantized.tolist() == again.tolist() == [[3, 3, 3], [4, 13, 127]]
    assert real.tolist() == [[0.0, 0.0, 0.0], [0.5, 5.0, 62.0]]


def test_an_input_that_is_quantized_twice_stays() -> None:
    graph = parse_graph("""
        graph "g"
        %0 = input : float32[2] "x"
        %1 = quantize(%0) @0 : int8[2] scale=0.5 zero_point=3 "a"
        %2 = quantize(%0) @1 : int8[2] scale=0.25 zero_point=3 "b"
        %3 = add(%1, %2) @2 : int8[2] scale=0.5 zero_point=3 "y"
        return %3
    """)
    assert format_graph(strip_float_edges(graph)) == format_graph(graph)


def test_int8_edges_stay() -> None:
    assert strip_float_edges(AFTER) == AFTER
