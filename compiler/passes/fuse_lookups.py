# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators that only one int8 tensor enters become one table of 256 numbers.

x * sigmoid(1.702 x), epsilon and square root of a norm, a scaling, and the float32 operators that
a converter leaves between DEQUANTIZE and QUANTIZE: each output element is a function of one int8
number, and its table is what the operators compute for all 256, so nothing changes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, DType, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.lookup import LookupAttrs
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.passes.drop_dead import drop_dead

_ALL = np.arange(-128, 128, dtype=np.int8)


@dataclass(frozen=True, slots=True)
class _Function:
    """A tensor as a function of int8 tensor `source` of the same shape: its values for _ALL."""

    source: TensorId
    values: Array


def fuse_lookups(graph: Graph) -> Graph:
    """`graph` with a LOOKUP for every int8 tensor that is a function of another, where that is
    not one table already; what nothing reads any more is dropped."""
    found: dict[TensorId, _Function] = {}
    ops = []
    for op in graph.ops:
        function = _function(graph, op, found)
        if function is not None:
            found[op.outputs[0]] = function
        ops.append(op if function is None else _lookup(graph, op, function))
    return drop_dead(graph.replace(ops=ops))


def _lookup(graph: Graph, op: Op, function: _Function) -> Op:
    """The LOOKUP that computes the output of `op`, or `op` where that is a float32 tensor."""
    if graph.output(op).dtype is not DType.INT8:
        return op
    attrs = LookupAttrs(tuple(int(v) for v in function.values))
    return dataclasses.replace(op, attrs=attrs, inputs=(function.source,))


def _function(graph: Graph, op: Op, found: Mapping[TensorId, _Function]) -> _Function | None:
    """The output of `op` as a function of one int8 tensor, None where it is not."""
    operator, out = operator_of(op.attrs), graph.output(op)
    computed = graph.activation_inputs(op)
    if not operator.elementwise or not computed or None in op.inputs:
        return None
    functions = [found.get(t) or _identity(graph, t) for t in computed]
    sources = {f.source for f in functions if f is not None}
    if None in functions or len(sources) != 1:
        return None
    (source,) = sources
    if graph.tensors[source].shape != out.shape or not _scalars(graph, op):
        return None
    by_tensor = {t: f.values for t, f in zip(computed, functions, strict=True) if f is not None}
    inputs = [graph.tensors[t] for t in op.present_inputs]
    values = [
        by_tensor[i] if t.data is None else t.data.reshape(1)
        for i, t in zip(op.present_inputs, inputs, strict=True)
    ]
    shaped = [_vector(t) for t in inputs]
    return _Function(source, operator.evaluate(op.attrs, shaped, values, _vector(out)))


def _identity(graph: Graph, t: TensorId) -> _Function | None:
    return _Function(t, _ALL) if graph.tensors[t].dtype is DType.INT8 else None


def _scalars(graph: Graph, op: Op) -> bool:
    """Whether every constant input is one number."""
    constants = (graph.tensors[t] for t in op.present_inputs)
    return all(t.elements == 1 for t in constants if t.data is not None)


def _vector(tensor: Tensor) -> Tensor:
    """The tensor as one of 256 elements, or of one where it is a constant."""
    return dataclasses.replace(tensor, shape=_ALL.shape if tensor.data is None else (1,))
