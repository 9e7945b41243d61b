# SPDX-License-Identifier: Apache-2.0
"""What several passes do to a graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from netsuke.compiler.ir import Graph, Op, TensorId


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
    return graph.replace(
        ops=(new.get(op.index, op) for op in graph.ops if op.index not in dropped)
    )


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


def reads(graph: Graph, t: TensorId) -> int:
    """How many operators read `t`, one more if it is an output of the graph."""
    return len(graph.consumers()[t]) + (t in graph.outputs)
