# SPDX-License-Identifier: Apache-2.0
"""Runs a graph in numpy, operator by operator: what a graph means, byte for byte.

Slow and plain. Passes are proven against it, constants are folded with it, and it is itself
compared with the oracle.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.registry import operator_of


def evaluate(graph: Graph, inputs: Sequence[Array]) -> list[Array]:
    """The outputs of `graph`, in its order.

    `inputs` have the shapes and dtypes of the graph's inputs; anything else is an InputError.
    """
    values = evaluate_all(graph, inputs)
    return [values[t] for t in graph.outputs]


def evaluate_all(graph: Graph, inputs: Sequence[Array]) -> dict[TensorId, Array]:
    """The values of all tensors, constants included; inputs as for `evaluate`."""
    _check_inputs(graph, inputs)
    values = {t: v.data for t, v in graph.tensors.items() if v.data is not None}
    values.update(zip(graph.inputs, inputs, strict=True))
    for op in graph.ops:
        values[op.outputs[0]] = evaluate_op(graph, op, values)
    return values


def evaluate_op(graph: Graph, op: Op, values: dict[TensorId, Array]) -> Array:
    """The output of one operator, given the values of its inputs by tensor."""
    given = [None if t is None else values[t] for t in op.inputs]
    out = graph.output(op)
    result: Array = operator_of(op.attrs).evaluate(op.attrs, graph.input_tensors(op), given, out)
    assert result.shape == out.shape and result.dtype == out.dtype.value, out.name
    return result


def _check_inputs(graph: Graph, inputs: Sequence[Array]) -> None:
    if len(inputs) != len(graph.inputs):
        raise InputError(graph.name, f"{len(inputs)} inputs", str(len(graph.inputs)))
    for t, value in zip(graph.inputs, inputs, strict=True):
        tensor = graph.tensors[t]
        got, want = _describe(value), _describe_tensor(tensor)
        if got != want:
            raise InputError(f"input {tensor.name!r}", got, want)


def _describe(value: Array) -> str:
    return f"{value.dtype}{list(value.shape)}"


def _describe_tensor(tensor: Tensor) -> str:
    return f"{np.dtype(tensor.dtype.value)}{list(tensor.shape)}"
