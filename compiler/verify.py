# SPDX-License-Identifier: Apache-2.0
"""The contract of the IR, stated once: every stage relies on it, and every pass is checked for it.

A graph that breaks it is a bug of ours. What a model file may get wrong is the frontend's matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from netsuke.compiler.ir import DType, Graph, Op, QuantParams, Tensor, TensorId
from netsuke.compiler.ops.registry import operator_of, operators


class InvalidGraph(AssertionError):
    """A graph that breaks the contract; `problems` holds everything found."""

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__(f"{name}: " + "; ".join(problems))


def verify(graph: Graph) -> None:
    """Raises InvalidGraph with every broken rule.

    Rules about types need sound references, so they are judged only where references are sound.
    """
    problems = tuple(_references(graph))
    if not problems:
        checks: tuple[Callable[[Graph], Iterator[str]], ...] = (_order, _unused, _tensors, _ops)
        problems = tuple(problem for check in checks for problem in check(graph))
    if problems:
        raise InvalidGraph(graph.name, problems)


def _references(graph: Graph) -> Iterator[str]:
    """Every tensor that is named exists; every operator is known, has one output, its own index."""
    if len({op.index for op in graph.ops}) != len(graph.ops):
        yield "two operators have the same index"
    known = {operator.attrs_type for operator in operators()}
    for op in graph.ops:
        for t in (*op.present_inputs, *op.outputs):
            if t not in graph.tensors:
                yield f"operator {op.index} names tensor {t}, which does not exist"
        if type(op.attrs) not in known:
            yield f"operator {op.index} has attributes {type(op.attrs).__name__} of no operator"
        if len(op.outputs) != 1:
            yield f"operator {op.index} has {len(op.outputs)} outputs, want 1"
    for t in (*graph.inputs, *graph.outputs):
        if t not in graph.tensors:
            yield f"the graph's inputs or outputs name tensor {t}, which does not exist"


def _order(graph: Graph) -> Iterator[str]:
    """Every tensor is written exactly once, before it is read."""
    constants = {t for t, tensor in graph.tensors.items() if tensor.data is not None}
    if len(set(graph.inputs)) != len(graph.inputs):
        yield "an input of the graph is listed twice"
    for t in constants.intersection(graph.inputs):
        yield f"{_name(graph, t)} is an input of the graph and constant"
    written = constants.union(graph.inputs)
    for op in graph.ops:
        for t in op.present_inputs:
            if t not in written:
                yield f"operator {op.index} reads {_name(graph, t)} before it is written"
        for t in op.outputs:
            if t in written:
                yield f"operator {op.index} writes {_name(graph, t)} a second time"
            written.add(t)
    for t in graph.outputs:
        if t not in written:
            yield f"{_name(graph, t)} is an output of the graph and never written"


def _unused(graph: Graph) -> Iterator[str]:
    """Every tensor is used by an operator or is an input or output of the graph."""
    used = {*graph.inputs, *graph.outputs}
    used.update(t for op in graph.ops for t in (*op.present_inputs, *op.outputs))
    for t in graph.tensors.keys() - used:
        yield f"{_name(graph, t)} is used by nothing"


def _tensors(graph: Graph) -> Iterator[str]:
    for t, tensor in graph.tensors.items():
        problems = [*_shape_problems(tensor), *_quant_problems(tensor), *_data_problems(tensor)]
        yield from (f"{_name(graph, t)}: {problem}" for problem in problems)


def _shape_problems(tensor: Tensor) -> Iterator[str]:
    if any(n < 1 for n in tensor.shape):
        yield f"shape {tensor.shape} has a dimension below 1"


def _quant_problems(tensor: Tensor) -> Iterator[str]:
    """Scales are positive float32 numbers, zero points numbers of the tensor's type."""
    quant = tensor.quant
    if quant is None:
        return
    if tensor.dtype is DType.FLOAT32:
        yield "float32 with quantization parameters"
        return
    if len(quant.scales) != _expected_scales(tensor, quant):
        yield f"{len(quant.scales)} scales for shape {tensor.shape}, axis {quant.axis}"
    if len(quant.zero_points) != len(quant.scales):
        yield f"{len(quant.scales)} scales, {len(quant.zero_points)} zero points"
    for scale in quant.scales:
        if not (scale > 0 and math.isfinite(scale) and float(np.float32(scale)) == scale):
            yield f"scale {scale!r} is not a positive float32"
    limits = np.iinfo(tensor.dtype.value)
    for zero_point in quant.zero_points:
        if not limits.min <= zero_point <= limits.max:
            yield f"zero point {zero_point} is not an {tensor.dtype.value}"


def _expected_scales(tensor: Tensor, quant: QuantParams) -> int | None:
    if quant.axis is None:
        return 1
    return tensor.shape[quant.axis] if quant.axis < len(tensor.shape) else None


def _data_problems(tensor: Tensor) -> Iterator[str]:
    """Constants are read-only arrays of the tensor's shape and type, in C order."""
    if tensor.data is None:
        return
    if tensor.data.shape != tensor.shape or tensor.data.dtype != tensor.dtype.value:
        yield f"data is {tensor.data.dtype}{tensor.data.shape}, tensor says otherwise"
    if tensor.data.flags.writeable or not tensor.data.flags.c_contiguous:
        yield "data is writable or not in C order"


def _ops(graph: Graph) -> Iterator[str]:
    """Inputs are as many as the operator takes, its constraints hold, shapes are as inferred."""
    for op in graph.ops:
        problem = _arity_problem(op) or broken_constraint(graph, op) or _shape_problem(graph, op)
        if problem is not None:
            yield f"{operator_of(op.attrs).name} {op.index}: {problem}"


def _arity_problem(op: Op) -> str | None:
    least, most = operator_of(op.attrs).arity
    if least <= len(op.inputs) <= most and None not in op.inputs[:least]:
        return None
    return f"inputs are {op.inputs}, want {least} to {most}"


def broken_constraint(graph: Graph, op: Op) -> str | None:
    """The first constraint that is broken: later ones may rely on it."""
    for constraint in operator_of(op.attrs).constraints:
        found = constraint(graph, op)
        if found is not None:
            return f"want {constraint.__doc__}, found {found}"
    return None


def _shape_problem(graph: Graph, op: Op) -> str | None:
    inferred = operator_of(op.attrs).infer(op.attrs, graph.input_tensors(op))
    out = graph.output(op)
    return None if inferred == out.shape else f"output is {out.shape}, inference says {inferred}"


def _name(graph: Graph, t: TensorId) -> str:
    return f"tensor {t} ({graph.tensors[t].name!r})"
