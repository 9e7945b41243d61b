# SPDX-License-Identifier: Apache-2.0
"""Random patches over random networks: any chain, in tiles of any width, any rows in a call."""

from __future__ import annotations

import numpy as np

from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.patch import PatchAttrs
from netsuke.compiler.patches import chains, patch_op, with_patch
from netsuke.compiler.verify import broken_constraint, verify
from tests.support.random_networks import random_network


def patched_network(seed: int) -> Graph | None:
    """The random network of `seed` with as many patches as find room, None where none does."""
    rng = np.random.default_rng(seed)
    graph, count = random_network(seed), 0
    while found := list(chains(graph)):
        longest = max(found, key=len)
        chain = longest if rng.random() < 0.5 else found[int(rng.integers(len(found)))]
        out = graph.output(chain[-1])
        rows, columns = int(rng.integers(1, 5)), int(rng.integers(1, out.shape[2] + 1))
        if broken_constraint(graph, patch_op(graph, chain, rows, columns)) is not None:
            columns = out.shape[2]  # one tile: what `chains` has tried
        graph = with_patch(graph, chain, rows, columns)
        verify(graph)
        count += 1
    return graph if count else None


def patches_of(graph: Graph) -> list[tuple[Op, PatchAttrs]]:
    """The patches of a graph with their attributes."""
    return [(op, op.attrs) for op in graph.ops if isinstance(op.attrs, PatchAttrs)]
