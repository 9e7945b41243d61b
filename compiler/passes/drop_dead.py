# SPDX-License-Identifier: Apache-2.0
"""Removes operators whose output reaches no output of the graph."""

from __future__ import annotations

from netsuke.compiler.ir import Graph, Op


def drop_dead(graph: Graph) -> Graph:
    """The inputs of the graph stay, read or not: they are its interface."""
    live = set(graph.outputs)
    kept: list[Op] = []
    for op in reversed(graph.ops):
        if live.intersection(op.outputs):
            kept.append(op)
            live.update(op.present_inputs)
    return graph.replace(ops=reversed(kept))
