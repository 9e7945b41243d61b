# SPDX-License-Identifier: Apache-2.0
"""Views at the edges of the graph: the inputs and outputs take the shape that the inside uses.

The bytes are the same. A pushed input thereby has the rows that its first operator reads.
"""

from __future__ import annotations

import dataclasses

from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.ops.registry import operator_of


def absorb_edge_views(graph: Graph) -> Graph:
    """`graph` without views of inputs that nothing else reads, and without views as outputs that
    nothing reads."""
    while (view := _edge_view(graph)) is not None:
        source, out = view.inputs[0], view.outputs[0]
        assert source is not None
        graph = _without(graph, view, source, out)
    return graph


def _edge_view(graph: Graph) -> Op | None:
    readers = graph.consumers()
    made = graph.producers()
    for op in graph.ops:
        source = op.inputs[0]
        if not operator_of(op.attrs).is_view or source is None:
            continue
        alone = readers[source] == (op,) and source not in graph.outputs
        if source in graph.inputs and alone and op.outputs[0] not in graph.outputs:
            return op
        unread = not readers[op.outputs[0]]
        if op.outputs[0] in graph.outputs and alone and unread and source in made:
            return op
    return None


def _without(graph: Graph, view: Op, source: TensorId, out: TensorId) -> Graph:
    """An input's view keeps the view's tensor, an output's view keeps the computed one."""
    gone, kept = (source, out) if source in graph.inputs else (out, source)
    ops = (
        dataclasses.replace(op, inputs=tuple(kept if t == gone else t for t in op.inputs))
        for op in graph.ops
        if op is not view
    )
    return graph.replace(
        ops=ops,
        inputs=tuple(kept if t == gone else t for t in graph.inputs),
        outputs=tuple(kept if t == gone else t for t in graph.outputs),
    )
