# SPDX-License-Identifier: Apache-2.0
"""An operator that computes a part of its output alone computes the bytes of the whole."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate_all, evaluate_op
from netsuke.compiler.ir import Array, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Cut, Part
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.verify import broken_constraint
from tests.support.op_cases import Case, graph_of, vectors

MODULES = [
    p.stem for p in sorted(Path(__file__).parent.glob("test_*.py")) if "traits" not in p.stem
]

CAN = {"add", "batch_matmul", "fully_connected", "logistic", "mul", "reshape", "softmax", "sub"}
"""Operators of an attention: these must be able to compute parts."""


def _cases(module: str) -> Mapping[str, Case]:
    cases: Mapping[str, Case] = getattr(
        importlib.import_module(f"tests.compiler.ops.{module}"), "CASES", {}
    )
    return cases


def _cuts(shape: tuple[int, ...]) -> Iterator[Cut]:
    """Along every axis: both ends, all of it, and any index or pair of the first few."""
    for axis, extent in enumerate(shape):
        starts = {*range(min(extent, 5)), extent - 1}
        sizes = {1, 2, extent // 2, extent}
        pairs = ((start, size) for start in sorted(starts) for size in sorted(sizes))
        yield from (Cut(axis, a, n) for a, n in pairs if n and a + n <= extent)


def _taken(cut: Cut) -> tuple[slice, ...]:
    return (*(slice(None),) * cut.axis, slice(cut.start, cut.start + cut.size))


def _cut_tensor(tensor: Tensor, cut: Cut) -> Tensor:
    """Written apart from the pass: numpy's indexing of shape, data and quantization."""
    shape = np.empty(tensor.shape, np.int8)[_taken(cut)].shape
    quant, data = tensor.quant, tensor.data
    if quant is not None and quant.axis == cut.axis:
        taken = slice(cut.start, cut.start + cut.size)
        quant = dataclasses.replace(
            quant, scales=quant.scales[taken], zero_points=quant.zero_points[taken]
        )
    cut_data = None if data is None else np.ascontiguousarray(data[_taken(cut)])
    return dataclasses.replace(tensor, shape=shape, quant=quant, data=cut_data)


def _part_graph(graph: Graph, op: Op, part: Part, cut: Cut) -> tuple[Graph, Op]:
    """The operator alone, on cut inputs. An input may be read twice, with a cut each."""
    first = graph.next_tensor_id()
    inputs: list[TensorId | None] = []
    tensors: dict[TensorId, Tensor] = {}
    for place, (t, wanted) in enumerate(zip(op.inputs, part.inputs, strict=True)):
        if t is not None:
            whole = graph.tensors[t]
            tensors[first + place] = whole if wanted is None else _cut_tensor(whole, wanted)
        inputs.append(None if t is None else first + place)
    out = first + len(op.inputs)
    tensors[out] = dataclasses.replace(graph.output(op), shape=cut.shape(graph.output(op).shape))
    new = dataclasses.replace(op, attrs=part.attrs, inputs=tuple(inputs), outputs=(out,))
    fed = tuple(t for t in new.present_inputs if tensors[t].data is None)
    return Graph(graph.name, tensors, (new,), fed, (out,)), new


def _equals(graph: Graph, op: Op, part: Part, cut: Cut, values: Mapping[TensorId, Array]) -> None:
    cut_graph, new = _part_graph(graph, op, part, cut)
    given = {
        new_t: values[t] if wanted is None else np.ascontiguousarray(values[t][_taken(wanted)])
        for t, new_t, wanted in zip(op.inputs, new.inputs, part.inputs, strict=True)
        if t is not None and new_t is not None
    }
    assert broken_constraint(cut_graph, new) is None, cut
    assert operator_of(new.attrs).infer(new.attrs, cut_graph.input_tensors(new)) == cut.shape(
        graph.output(op).shape
    )
    want = values[op.outputs[0]][_taken(cut)]
    np.testing.assert_array_equal(evaluate_op(cut_graph, new, given), want, err_msg=str(cut))


def _parts(graph: Graph, op: Op) -> Iterator[tuple[Cut, Part]]:
    operator, out = operator_of(op.attrs), graph.output(op)
    for cut in _cuts(out.shape):
        part = operator.part(op.attrs, graph.input_tensors(op), out, cut)
        if part is not None:
            yield cut, part


@pytest.mark.parametrize("module", MODULES)
def test_a_part_is_what_the_whole_holds_there(module: str) -> None:
    for case in _cases(module).values():
        graph, (inputs,) = graph_of({"case": case}), vectors({"case": case}, 1)
        values = evaluate_all(graph, inputs)
        for op in graph.ops:
            for cut, part in _parts(graph, op):
                _equals(graph, op, part, cut, values)


@pytest.mark.parametrize("name", sorted(CAN))
def test_operators_of_an_attention_have_parts(name: str) -> None:
    module = "test_views" if name == "reshape" else f"test_{name}"
    graphs = [graph_of({"case": case}) for case in _cases(module).values()]
    ops = [(g, op) for g in graphs for op in g.ops if operator_of(op.attrs).name == name]
    assert any(next(_parts(g, op), None) for g, op in ops)


@pytest.mark.parametrize("module", MODULES)
def test_what_is_taken_is_the_output(module: str) -> None:
    for case in _cases(module).values():
        graph, (inputs,) = graph_of({"case": case}), vectors({"case": case}, 1)
        values = evaluate_all(graph, inputs)
        for op in graph.ops:
            source, out = op.inputs[0], graph.output(op)
            cut = operator_of(op.attrs).taken(op.attrs, graph.input_tensors(op), out)
            if cut is not None and source is not None:
                want = values[source][_taken(cut)]
                np.testing.assert_array_equal(values[op.outputs[0]].ravel(), want.ravel())


@pytest.mark.parametrize("name", ["gather", "slice", "split", "strided_slice", "unpack"])
def test_operators_that_cut_say_what_they_take(name: str) -> None:
    graphs = [graph_of({"case": case}) for case in _cases(f"test_{name}").values()]
    ops = [(g, op) for g in graphs for op in g.ops]
    cuts = [
        operator_of(op.attrs).taken(op.attrs, g.input_tensors(op), g.output(op)) for g, op in ops
    ]
    assert any(cuts)
