# SPDX-License-Identifier: Apache-2.0
"""The text of a graph: what is written, what is read, and that both are each other's inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsuke.compiler.ir import DType, Graph, Op, Origin, QuantParams, Tensor, constant
from netsuke.compiler.ir_text import IrTextError, format_graph, parse_graph
from netsuke.compiler.ops.add import AddAttrs

CANONICAL = """\
graph "tiny"
%0 = input : int8[1,2,2,3] scale=0.5 zero_point=-3 "image"
%1 = constant splat(7) : int8[2,1,3,3] scale=(0.25,0.1) zero_point=2*0 axis=0 "weights"
%2 = constant [5, -6] : int32[2] "bias"
%4 = conv_2d(%0, %1, %2) {stride_h=1, stride_w=2, dilation_h=1, dilation_w=1, pad_top=0, \
pad_bottom=0, pad_left=0, pad_right=1, activation=RELU6} @3 : int8[1,2,1,2] scale=1.0 \
zero_point=0 "y"
return %4
"""


def test_reads_what_it_says() -> None:
    graph = parse_graph(CANONICAL)
    (op,) = graph.ops
    weights = graph.tensors[1]
    assert (graph.name, graph.inputs, graph.outputs) == ("tiny", (0,), (4,))
    assert (op.index, op.inputs, op.outputs) == (3, (0, 1, 2), (4,))
    assert (op.attrs.stride_w, op.attrs.pad_right, op.attrs.activation) == (2, 1, 3)  # type: ignore[attr-defined]
    assert graph.tensors[0] == Tensor("image", (1, 2, 2, 3), DType.INT8, QuantParams((0.5,), (-3,)))
    assert weights.quant == QuantParams((0.25, float(np.float32(0.1))), (0, 0), 0)
    assert weights.data is not None and (weights.data == 7).all()
    assert not weights.data.flags.writeable
    assert graph.tensors[2].data is not None and graph.tensors[2].data.tolist() == [5, -6]


def test_canonical_text_is_a_fixed_point() -> None:
    assert format_graph(parse_graph(CANONICAL)) == CANONICAL


def test_comments_blank_lines_and_defaults() -> None:
    text = """
        # an image doubled
        graph "g"
        %0 = input : int8[2] scale=1.0 zero_point=0 "x"
        %1 = add(%0, %0) @0 : int8[2] scale=1.0 zero_point=0 "y"
        return %1
    """
    assert parse_graph(text).ops[0].attrs == AddAttrs()


def test_random_constants_are_of_their_range_and_seed() -> None:
    line = 'graph "g"\n%0 = constant random(5, -3, 3) : int8[4,25] "c"\nreturn %0\n'
    first, second = (parse_graph(line).tensors[0].data for _ in range(2))
    assert first is not None and second is not None
    assert np.array_equal(first, second)
    assert (first.min(), first.max(), first.dtype) == (-3, 3, np.int8)


def test_large_constants_become_a_digest_that_cannot_be_read() -> None:
    tensor = constant("c", np.arange(17, dtype=np.int8))
    text = format_graph(Graph("g", {0: tensor}, (), (), (0,)))
    assert "sha256:" in text
    with pytest.raises(IrTextError, match=r"line 2.*cannot be read back"):
        parse_graph(text)


def test_digest_depends_on_the_data() -> None:
    texts = {
        format_graph(Graph("g", {0: constant("c", np.arange(n, n + 17))}, (), (), (0,)))
        for n in (0, 1)
    }
    assert len(texts) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "neither graph"),
        ('%0 = input : int9[1] "x"', "int9"),
        ('%0 = frobnicate() @0 : int8[1] "x"', "frobnicate"),
        ('%0 = add(%1, %1) {shape=3} @0 : int8[1] "x"', "shape"),
        ('%0 = constant [1, 2] : int8[3] "x"', "cannot reshape"),
        ('%0 = constant [1] : int8[1] scale=1 "x"', "not a tensor"),
    ],
)
def test_errors_name_line_and_reason(line: str, reason: str) -> None:
    with pytest.raises(IrTextError, match=f"line 2.*{reason}"):
        parse_graph(f'graph "g"\n{line}\n')


def test_a_tensor_is_defined_once() -> None:
    line = '%0 = input : int8[1] "x"\n'
    with pytest.raises(IrTextError, match=r"line 3.*defined twice"):
        parse_graph(f'graph "g"\n{line}{line}')


_floats = st.floats(width=32, min_value=2.0**-100, max_value=2.0**100)


@given(
    name=st.text(max_size=12),
    scales=st.lists(_floats, min_size=1, max_size=4),
    values=st.lists(st.integers(-128, 127), min_size=1, max_size=16),
    channels=st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
    axes=st.none() | st.permutations(range(3)).map(tuple),
)
def test_round_trip(
    name: str,
    scales: list[float],
    values: list[int],
    channels: tuple[int, int] | None,
    axes: tuple[int, ...] | None,
) -> None:
    quant = QuantParams(tuple(scales), (3,) * len(scales), 0 if len(scales) > 1 else None)
    origin = None if channels is None else Origin(9, channels, axes)
    x = Tensor(name, (1, 2, 3), DType.INT8, quant, None, origin)
    c = constant(name, np.array(values, np.int8), quant)
    op = Op(7, AddAttrs(1), (0, 1), (2,))
    graph = Graph(name, {0: x, 1: c, 2: x}, (op,), (0,), (2,))
    again = parse_graph(format_graph(graph))
    assert (again.name, dict(again.tensors), again.ops) == (name, graph.tensors, (op,))
    assert (again.inputs, again.outputs) == (graph.inputs, graph.outputs)
    data = again.tensors[1].data
    assert data is not None and data.tolist() == values
