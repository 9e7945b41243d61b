# SPDX-License-Identifier: Apache-2.0
"""What several passes do to a graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any, cast

import numpy as np

from netsuke.compiler.ir import Array, Graph, Op, QuantParams, Tensor, TensorId, constant


def op_at(graph: Graph, index: int) -> Op:
    """The operator with this index as it is by now: earlier steps of a pass may have changed it."""
    return next(op for op in graph.ops if op.index == index)


def redirect(graph: Graph, instead: Mapping[TensorId, TensorId]) -> Graph:
    """Every operator that reads a key of `instead` reads its value; outputs of the graph stay."""
    ops = (
        dataclasses.replace(
            op, inputs=tuple(None if t is None else instead.get(t, t) for t in op.inputs)
        )
        for op in graph.ops
    )
    return graph.replace(ops=ops)


def replace_ops(graph: Graph, new: Mapping[int, Op], dropped: Collection[int] = ()) -> Graph:
    """The operators whose index is a key of `new` are exchanged, those in `dropped` removed."""
    return graph.replace(ops=(new.get(op.index, op) for op in graph.ops if op.index not in dropped))


def bypass(graph: Graph, op: Op) -> Graph | None:
    """`graph` without `op`, whose output has the shape, type and values of its input 0.

    One of the two tensors takes the place of both: the input, or the output where that is an
    output of the graph. None where both must stay, as both are inputs or outputs of the graph.
    """
    source, target = op.inputs[0], op.outputs[0]
    assert source is not None
    if target not in graph.outputs:
        return replace_ops(redirect(graph, {target: source}), {}, {op.index})
    producer = graph.producers().get(source)
    if producer is None or source in graph.outputs:
        return None
    renamed = dataclasses.replace(producer, outputs=(target,))
    without = replace_ops(graph, {producer.index: renamed}, {op.index})
    return redirect(without, {source: target})


def with_activation(op: Op, activation: int) -> Op:
    """`op` with this fused activation; its attributes must have one."""
    attrs = dataclasses.replace(cast(Any, op.attrs), activation=int(activation))
    return dataclasses.replace(op, attrs=attrs)


def reads(graph: Graph, t: TensorId) -> int:
    """How many operators read `t`, one more if it is an output of the graph."""
    return len(graph.consumers()[t]) + (t in graph.outputs)


def exchange_sums(graph: Graph, op: Op, weights: Array, bias: Array) -> Graph:
    """`graph` with other weights and bias in `op`, a sum of products (base.Mixed).

    `weights` has as many elements as before; both are whole numbers of any integer type.
    """
    x, old, *rest = graph.input_tensors(op)
    assert x is not None and old is not None
    fresh = graph.next_tensor_id()
    new = {fresh: constant(old.name, weights.reshape(old.shape).astype(np.int8), old.quant)}
    inputs = [op.inputs[0], fresh]
    before = rest[0] if rest else None
    if before is not None or bias.any():
        name = f"{graph.output(op).name}/bias" if before is None else before.name
        quant = _sum_quant(x, old) if before is None else before.quant
        new[fresh + 1] = constant(name, bias.astype(np.int32), quant)
        inputs.append(fresh + 1)
    exchanged = dataclasses.replace(op, inputs=tuple(inputs))
    ops = (exchanged if o.index == op.index else o for o in graph.ops)
    return graph.replace(ops=ops, tensors={**graph.tensors, **new})


def _sum_quant(x: Tensor, weights: Tensor) -> QuantParams:
    """The quantization of sums of products, as the converter gives it to a bias."""
    scales = tuple(float(np.float32(x.q.scale) * np.float32(s)) for s in weights.q.scales)
    return QuantParams(scales, (0,) * len(scales), None if weights.q.axis is None else 0)
