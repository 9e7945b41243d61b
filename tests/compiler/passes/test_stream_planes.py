# SPDX-License-Identifier: Apache-2.0
"""A planar image becomes rows of planes, which is what its origin says; other inputs stay."""

from __future__ import annotations

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.ir_text import format_graph, parse_graph
from netsuke.compiler.passes.stream_planes import stream_planes
from netsuke.compiler.verify import verify
from tests.support.graphs import assert_unchanged, int8_inputs

TAIL = """
        %4 = constant [4, -3, 2, 1] : int8[1,1,1,4] scale=0.5 zero_point=0 "f"
        %3 = mul(%2, %4) @1 : int8[1,2,3,4] scale=0.5 zero_point=1 "y"
        return %3
"""

PLANES = """
        graph "g"
        %0 = input : int8[1,4,2,3] scale=0.5 zero_point=3 "x"
        %1 = constant [0, 2, 3, 1] : int32[4] "order"
        %2 = transpose(%0, %1) {order=(0,2,3,1)} @0 : int8[1,2,3,4] scale=0.5 zero_point=3 "t"
"""

ROWS = """
        graph "g"
        %5 = input : int8[1,2,4,3] scale=0.5 zero_point=3 origin=%0(0,2,1,3)[0,1,2] "x by rows"
        %1 = constant [0, 2, 3, 1] : int32[4] "order"
        %2 = transpose(%5, %1) {order=(0,1,3,2)} @0 : int8[1,2,3,4] scale=0.5 zero_point=3 "t"
"""


def test_planes_become_rows() -> None:
    before, want = parse_graph(PLANES + TAIL), parse_graph(ROWS + TAIL)
    after = stream_planes(before)
    verify(after)
    assert format_graph(after) == format_graph(want)
    (t,) = after.inputs
    origin = after.tensors[t].origin
    assert origin is not None
    for (image,) in int8_inputs(before):
        pushed = np.stack([image[:, :, row] for row in range(2)], axis=1)
        np.testing.assert_array_equal(origin.of(image), pushed)
        (a,), (b,) = evaluate(before, [image]), evaluate(after, [pushed])
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLANES + TAIL.replace("return %3", "return %3, %0"), id="input returned"),
        pytest.param(
            PLANES
            + '%6 = relu(%0) @7 : int8[1,4,2,3] scale=0.5 zero_point=3 "r"'
            + TAIL.replace("return %3", "return %3, %6"),
            id="two readers",
        ),
        pytest.param(
            PLANES
            + '%6 = input : int8[1,2,3,4] scale=0.5 zero_point=3 "z"'
            + TAIL.replace("mul(%2, %4)", "mul(%2, %6)").replace("%4 = constant", "#"),
            id="two inputs",
        ),
        pytest.param(
            PLANES.replace("[1,4,2,3]", "[1,2,4,3]").replace("(0,2,3,1)", "(0,1,3,2)") + TAIL,
            id="rows already",
        ),
    ],
)
def test_other_inputs_stay(text: str) -> None:
    assert_unchanged(stream_planes, text)
