# SPDX-License-Identifier: Apache-2.0
"""Interval analysis: nothing lies outside, and where it can be exact, it is."""

from __future__ import annotations

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate, evaluate_all
from netsuke.compiler.intervals import channel_intervals
from netsuke.compiler.ir_text import parse_graph
from tests.support.dead_work import dead_work
from tests.support.graphs import int8_inputs


@pytest.mark.parametrize("seed", range(30))
def test_contains_every_value(seed: int) -> None:
    graph = dead_work(seed)
    intervals = channel_intervals(graph)
    for inputs in int8_inputs(graph, seed):
        for t, value in evaluate_all(graph, inputs).items():
            if t in intervals and graph.tensors[t].data is None:
                rows = value.reshape(-1, value.shape[-1])
                assert (rows.min(axis=0) >= intervals[t].low).all(), graph.tensors[t].name
                assert (rows.max(axis=0) <= intervals[t].high).all(), graph.tensors[t].name


CONV = parse_graph("""
    graph "g"
    %0 = input : int8[1,2,2,3] scale=0.5 zero_point=10 "x"
    %1 = constant [1,-1,1,-1, 2,2,2,2, -1,-1,-1,2, 0,0,0,0, 1,0,0,0, 0,0,0,1] \
: int8[2,2,2,3] scale=(0.01,0.005) zero_point=2*0 axis=0 "w"
    %2 = constant [70, -90] : int32[2] "b"
    %3 = conv_2d(%0, %1, %2) @0 : int8[1,1,1,2] scale=0.25 zero_point=-7 "y"
    return %3
""")


def test_ends_of_a_convolution_are_reached() -> None:
    interval = channel_intervals(CONV)[3]
    weights = CONV.tensors[1].data
    assert weights is not None
    for channel in range(2):
        for sign, end in ((1, interval.high), (-1, interval.low)):
            worst = np.where(sign * weights[channel] > 0, 127, -128).astype(np.int8)[None]
            assert evaluate(CONV, [worst])[0].ravel()[channel] == end[channel]
    assert (interval.low > -128).any() and (interval.high < 127).any()


def test_multiplication_turns_around() -> None:
    graph = parse_graph("""
        graph "g"
        %0 = input : int8[1,2] scale=0.5 zero_point=-128 "x"
        %1 = constant [-100, 40] : int8[2] scale=0.01 zero_point=0 "c"
        %2 = mul(%0, %1) @0 : int8[1,2] scale=2.0 zero_point=5 "y"
        return %2
    """)
    interval = channel_intervals(graph)[2]
    # x is 0 to 127.5, c is -1 and 0.4: y is -127.5 to 0 and 0 to 51.
    assert interval.low.tolist() == [5 - 64, 5]
    assert interval.high.tolist() == [5, 5 + 26]


def test_nothing_is_known_of_inputs_and_of_foreign_operators() -> None:
    graph = parse_graph("""
        graph "g"
        %0 = input : int8[1,2] scale=0.5 zero_point=0 "x"
        %1 = softmax(%0) {beta=1.0} @0 : int8[1,2] scale=0.00390625 zero_point=-128 "y"
        return %1
    """)
    for interval in channel_intervals(graph).values():
        assert interval.low.tolist() == [-128, -128]
        assert interval.high.tolist() == [127, 127]
