# SPDX-License-Identifier: Apache-2.0
"""Replaces operators that read constants only by the constant they compute."""

from __future__ import annotations

import dataclasses

import numpy as np

from netsuke.compiler.evaluate import evaluate_op
from netsuke.compiler.ir import Graph, Op


def fold_constants(graph: Graph) -> Graph:
    """An operator that writes an output of the graph stays: outputs are computed, not constant."""
    tensors = dict(graph.tensors)
    values = {t: v.data for t, v in tensors.items() if v.data is not None}
    kept: list[Op] = []
    for op in graph.ops:
        out = op.outputs[0]
        if out in graph.outputs or not all(t in values for t in op.present_inputs):
            kept.append(op)
            continue
        data = np.ascontiguousarray(evaluate_op(graph, op, values))
        data.setflags(write=False)
        values[out] = data
        tensors[out] = dataclasses.replace(tensors[out], data=data)
    return graph.replace(ops=kept, tensors=tensors)
