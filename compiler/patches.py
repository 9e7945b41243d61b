# SPDX-License-Identifier: Apache-2.0
"""Operators in a row become one that computes tile by tile (ops/patch.py).

Wide tensors between narrow ones then need no window of whole rows. A tile's edges are computed
twice; so are the rows that two calls of the patch both need.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.patch import Member, PatchAttrs
from netsuke.compiler.verify import broken_constraint

MOST_MEMBERS = 4
"""Operators of one patch: what a tile recomputes grows with their windows."""


def chains(graph: Graph) -> Iterator[tuple[Op, ...]]:
    """Operators in a row that can be a patch: each tensor between them is read by the next alone
    and is no output of the graph."""
    readers, makers = graph.consumers(), graph.producers()
    for last in graph.ops:
        chain = [last]
        while len(chain) < MOST_MEMBERS:
            t = chain[0].inputs[0]
            maker = None if t is None else makers.get(t)
            if maker is None or t is None or t in graph.outputs or len(readers[t]) > 1:
                break
            chain.insert(0, maker)
            if not _is_chain(graph, chain):
                break
            yield tuple(chain)


def _is_chain(graph: Graph, chain: Sequence[Op]) -> bool:
    others = [t for op in chain for t in op.inputs[1:]]
    if any(t is not None and graph.tensors[t].data is None for t in others):
        return False
    candidate = patch_op(graph, chain, 1, max(1, graph.output(chain[-1]).shape[-2:][0]))
    return broken_constraint(graph, candidate) is None


def patch_op(graph: Graph, chain: Sequence[Op], rows: int, columns: int) -> Op:
    """The operator that computes a chain in tiles of `columns`, `rows` output rows in a call."""
    members = tuple(
        Member(op.place, op.attrs, len(op.inputs) - 1, graph.output(op)) for op in chain
    )
    constants = [t for op in chain for t in op.inputs[1:]]
    inputs, last = (chain[0].inputs[0], *constants), chain[-1]
    return Op(last.index, PatchAttrs(members, rows, columns), inputs, last.outputs, last.source)


def with_patch(graph: Graph, chain: Sequence[Op], rows: int, columns: int) -> Graph:
    """`graph` with a patch in place of a chain."""
    patch, inner = patch_op(graph, chain, rows, columns), {op.index for op in chain[:-1]}
    ops = (patch if op.index == patch.index else op for op in graph.ops if op.index not in inner)
    return graph.replace(ops=ops)
