# SPDX-License-Identifier: Apache-2.0
"""A TRANSPOSE of matrices that only products read becomes adj_x or adj_y and a view."""

from __future__ import annotations

import itertools
import math

import pytest

from netsuke.compiler.ir_text import parse_graph
from netsuke.compiler.ops.batch_matmul import BatchMatmulAttrs
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.passes.absorb_transposes import absorb_transposes
from tests.support.graphs import assert_pass, assert_same_outputs, assert_unchanged

HEAD = """
        graph "g"
        %0 = input : int8[1,2,5,3] scale=0.5 zero_point=3 "q"
        %1 = input : int8[1,2,4,3] scale=0.25 zero_point=-7 "k"
        %2 = constant [0, 1, 3, 2] : int32[4] "order"
"""


def product(x: str, y: str, adj_x: bool, adj_y: bool) -> str:
    return f"""
        %4 = batch_matmul({x}, {y}) {{adj_x={adj_x}, adj_y={adj_y}}} @1 \
: int8[1,2,5,4] scale=4.0 zero_point=5 "y"
        return %4
    """


@pytest.mark.parametrize("adjoint", [False, True])
def test_of_the_second_operand(adjoint: bool) -> None:
    """A transposed product of transposed keys is a plain one."""
    keys = HEAD.replace("[1,2,4,3]", "[1,2,3,4]") if adjoint else HEAD
    turned = "[1,2,4,3]" if adjoint else "[1,2,3,4]"
    same = "[1,2,3,4]" if adjoint else "[1,2,4,3]"
    shape = same[1:-1]
    assert_pass(
        absorb_transposes,
        keys
        + f"%3 = transpose(%1, %2) {{order=(0,1,3,2)}} @0 : int8{turned}"
        + ' scale=0.25 zero_point=-7 "t"'
        + product("%0", "%3", False, adjoint),
        keys.replace('%2 = constant [0, 1, 3, 2] : int32[4] "order"', "")
        + f'%3 = reshape(%1) {{shape=({shape})}} @0 : int8{same} scale=0.25 zero_point=-7 "t"'
        + product("%0", "%3", False, not adjoint),
    )


def test_of_the_first_operand() -> None:
    head = HEAD.replace("[1,2,5,3]", "[1,2,3,5]")
    assert_pass(
        absorb_transposes,
        head
        + '%3 = transpose(%0, %2) {order=(0,1,3,2)} @0 : int8[1,2,5,3] scale=0.5 zero_point=3 "t"'
        + product("%3", "%1", False, True),
        head.replace('%2 = constant [0, 1, 3, 2] : int32[4] "order"', "")
        + '%3 = reshape(%0) {shape=(1,2,3,5)} @0 : int8[1,2,3,5] scale=0.5 zero_point=3 "t"'
        + product("%3", "%1", True, True),
    )


def test_of_both_operands_at_once() -> None:
    """One transposed matrix, multiplied by itself."""
    assert_pass(
        absorb_transposes,
        """
        graph "g"
        %0 = input : int8[1,3,5] scale=0.5 zero_point=3 "x"
        %2 = constant [0, 2, 1] : int32[3] "order"
        %3 = transpose(%0, %2) {order=(0,2,1)} @0 : int8[1,5,3] scale=0.5 zero_point=3 "t"
        %4 = batch_matmul(%3, %3) {adj_x=False, adj_y=True} @1 : int8[1,5,5] scale=4.0 \
zero_point=5 "y"
        return %4
        """,
        """
        graph "g"
        %0 = input : int8[1,3,5] scale=0.5 zero_point=3 "x"
        %3 = reshape(%0) {shape=(1,3,5)} @0 : int8[1,3,5] scale=0.5 zero_point=3 "t"
        %4 = batch_matmul(%3, %3) {adj_x=True, adj_y=False} @1 : int8[1,5,5] scale=4.0 \
zero_point=5 "y"
        return %4
        """,
    )


@pytest.mark.parametrize("reader", ["relu", "output"])
def test_read_by_others_too_it_stays(reader: str) -> None:
    text = (
        HEAD
        + '%3 = transpose(%1, %2) {order=(0,1,3,2)} @0 : int8[1,2,3,4] scale=0.25 zero_point=-7 "t"'
        + product("%0", "%3", False, False)
    )
    if reader == "relu":
        relu = '%5 = relu(%3) @2 : int8[1,2,3,4] scale=0.25 zero_point=-7 "r"\n return'
        text = text.replace("return", relu).replace("return %4", "return %4, %5")
    else:
        text = text.replace("return %4", "return %4, %3")
    assert_unchanged(absorb_transposes, text)


ORDERS = sorted(itertools.permutations(range(4)))


@pytest.mark.parametrize("shape", [(1, 2, 3, 4), (2, 3, 1, 4), (2, 1, 3, 1), (2, 2, 2, 2)])
@pytest.mark.parametrize("place", ["x", "y"])
def test_any_order_of_axes_keeps_every_byte(shape: tuple[int, ...], place: str) -> None:
    """Whatever is transposed, on either side of the product."""
    absorbed = 0
    for order in ORDERS:
        turned = tuple(shape[a] for a in order)
        *batch, rows, columns = turned
        other = (*batch, columns, 2) if place == "x" else (*batch, 2, rows)
        out = (*batch, rows, 2) if place == "x" else (*batch, 2, columns)
        operands = "%3, %1" if place == "x" else "%1, %3"
        graph = parse_graph(f"""
            graph "g"
            %0 = input : int8[{_text(shape)}] scale=0.5 zero_point=3 "a"
            %1 = input : int8[{_text(other)}] scale=0.25 zero_point=-7 "b"
            %2 = constant {list(order)} : int32[4] "order"
            %3 = transpose(%0, %2) {{order=({_text(order)})}} @0 : int8[{_text(turned)}] \
scale=0.5 zero_point=3 "t"
            %4 = batch_matmul({operands}) {{adj_x=False, adj_y=False}} @1 : int8[{_text(out)}] \
scale=1.0 zero_point=5 "y"
            return %4
        """)
        after = absorb_transposes(graph)
        assert_same_outputs(graph, after)
        attrs = after.ops[-1].attrs
        assert isinstance(attrs, BatchMatmulAttrs)
        viewed = operator_of(after.ops[0].attrs).is_view
        assert viewed == (attrs.adj_x if place == "x" else attrs.adj_y)
        absorbed += viewed
    assert 0 < absorbed < math.factorial(4)


def _text(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
