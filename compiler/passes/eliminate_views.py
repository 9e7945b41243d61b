# SPDX-License-Identifier: Apache-2.0
"""Collapses chains of RESHAPE, SQUEEZE and EXPAND_DIMS into one RESHAPE, or into none.

The views that remain share the storage of their input: nothing runs for them.
"""

from __future__ import annotations

import dataclasses

from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.passes.drop_dead import drop_dead
from netsuke.compiler.passes.eliminate_identities import eliminate_identities


def eliminate_views(graph: Graph) -> Graph:
    source: dict[TensorId, TensorId] = {}
    ops: list[Op] = []
    for op in graph.ops:
        first = op.inputs[0]
        if operator_of(op.attrs).is_view and first is not None:
            root = source.get(first, first)
            source[op.outputs[0]] = root
            attrs = ReshapeAttrs(graph.output(op).shape)
            op = dataclasses.replace(op, attrs=attrs, inputs=(root,))
        ops.append(op)
    return eliminate_identities(drop_dead(graph.replace(ops=ops)))
