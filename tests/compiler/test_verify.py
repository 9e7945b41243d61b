# SPDX-License-Identifier: Apache-2.0
"""Every rule of the IR, broken once: the message names it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from netsuke.compiler.ir import Attrs, Graph, QuantParams, Tensor
from netsuke.compiler.ir_text import parse_graph
from netsuke.compiler.verify import InvalidGraph, verify

GRAPH = parse_graph("""
    graph "g"
    %0 = input : int8[2,3] scale=0.5 zero_point=1 "x"
    %1 = constant [1, 2, 3] : int8[3] scale=0.25 zero_point=0 "c"
    %2 = add(%0, %1) @0 : int8[2,3] scale=1.0 zero_point=0 "y"
    %3 = relu(%2) @1 : int8[2,3] scale=1.0 zero_point=0 "z"
    return %3
""")


class ForeignAttrs(Attrs):
    """Attributes of no operator."""


def tensor(t: int, **changes: object) -> Callable[[Graph], Graph]:
    """The graph with fields of one tensor exchanged."""

    def change(graph: Graph) -> Graph:
        new = dataclasses.replace(graph.tensors[t], **changes)  # type: ignore[arg-type]
        return dataclasses.replace(graph, tensors={**graph.tensors, t: new})

    return change


def op(place: int, /, **changes: object) -> Callable[[Graph], Graph]:
    """The graph with fields of one operator exchanged."""

    def change(graph: Graph) -> Graph:
        new = dataclasses.replace(graph.ops[place], **changes)  # type: ignore[arg-type]
        ops = (*graph.ops[:place], new, *graph.ops[place + 1 :])
        return dataclasses.replace(graph, ops=ops)

    return change


def graph(**changes: object) -> Callable[[Graph], Graph]:
    """The graph with fields of its own exchanged."""
    return lambda g: dataclasses.replace(g, **changes)  # type: ignore[arg-type]


def quant(*scales: float, zero_points: tuple[int, ...] = (0,), axis: int | None = None) -> object:
    return QuantParams(scales, zero_points, axis)


RULES: dict[str, tuple[Callable[[Graph], Graph], str]] = {
    "missing input": (op(0, inputs=(0, 9)), "operator 0 names tensor 9, which does not exist"),
    "missing output": (graph(outputs=(9,)), "inputs or outputs name tensor 9"),
    "foreign attributes": (op(0, attrs=ForeignAttrs()), "attributes ForeignAttrs of no operator"),
    "two outputs": (op(0, outputs=(2, 3)), "operator 0 has 2 outputs, want 1"),
    "same index": (op(1, index=0), "two operators have the same index"),
    "order": (graph(ops=GRAPH.ops[::-1]), r"operator 1 reads tensor 2 \('y'\) before it is"),
    "single assignment": (op(1, outputs=(2,)), r"operator 1 writes tensor 2 \('y'\) a second time"),
    "writes a constant": (op(1, outputs=(1,)), r"operator 1 writes tensor 1 \('c'\) a second time"),
    "constant input": (graph(inputs=(0, 1)), r"tensor 1 \('c'\) is an input of the graph and con"),
    "input twice": (graph(inputs=(0, 0)), "an input of the graph is listed twice"),
    "never written": (graph(ops=GRAPH.ops[:1]), r"tensor 3 \('z'\) is an output .* never written"),
    "dead tensor": (
        graph(tensors={**GRAPH.tensors, 7: Tensor("dead", (1,), GRAPH.tensors[0].dtype)}),
        r"tensor 7 \('dead'\) is used by nothing",
    ),
    "empty shape": (tensor(0, shape=(2, 0)), "has a dimension below 1"),
    "no scale": (tensor(0, quant=quant(0.0)), "scale 0.0 is not a positive float32"),
    "infinite scale": (tensor(0, quant=quant(float("inf"))), "scale inf is not a positive"),
    "double scale": (tensor(0, quant=quant(0.1)), "scale 0.1 is not a positive float32"),
    "zero point": (tensor(0, quant=quant(1.0, zero_points=(128,))), "zero point 128 is not"),
    "zero points": (tensor(0, quant=quant(1.0, zero_points=(1, 2))), "1 scales, 2 zero points"),
    "scales of an axis": (tensor(0, quant=quant(1.0, axis=1)), "1 scales for shape"),
    "axis": (tensor(0, quant=quant(1.0, axis=2)), "1 scales for shape"),
    "data type": (tensor(1, data=np.zeros(3, np.int32)), "data is int32"),
    "data shape": (tensor(1, data=np.zeros(4, np.int8)), "tensor says otherwise"),
    "writable": (tensor(1, data=np.zeros(3, np.int8)), "data is writable"),
    "inference": (tensor(3, shape=(3, 2)), r"relu 1: output is \(3, 2\), inference says \(2, 3\)"),
    "arity": (op(0, inputs=(0,)), r"add 0: inputs are \(0,\), want 2 to 2"),
    "absent input": (op(0, inputs=(0, None)), r"add 0: inputs are \(0, None\)"),
    "constraint": (tensor(0, quant=None), "add 0: want .*, found"),
}


def test_accepts_what_is_right() -> None:
    verify(GRAPH)


@pytest.mark.parametrize("rule", RULES)
def test_refuses(rule: str) -> None:
    change, message = RULES[rule]
    with pytest.raises(InvalidGraph, match=message):
        verify(change(GRAPH))


def test_lists_every_problem() -> None:
    broken = tensor(3, shape=(3, 2))(tensor(0, quant=quant(0.1))(GRAPH))
    with pytest.raises(InvalidGraph) as caught:
        verify(broken)
    assert len(caught.value.problems) == 2
