# SPDX-License-Identifier: Apache-2.0
"""The passes in order, each followed by verification."""

from __future__ import annotations

from collections.abc import Callable

from netsuke.compiler.ir import Graph
from netsuke.compiler.passes.absorb_edge_views import absorb_edge_views
from netsuke.compiler.passes.drop_clamps import drop_clamps
from netsuke.compiler.passes.drop_dead import drop_dead
from netsuke.compiler.passes.eliminate_identities import eliminate_identities
from netsuke.compiler.passes.eliminate_views import eliminate_views
from netsuke.compiler.passes.fold_constant_channels import fold_constant_channels
from netsuke.compiler.passes.fold_constants import fold_constants
from netsuke.compiler.passes.fuse_activation import fuse_activation
from netsuke.compiler.passes.fuse_lookups import fuse_lookups
from netsuke.compiler.passes.fuse_pad import fuse_pad
from netsuke.compiler.passes.merge_duplicates import merge_duplicates
from netsuke.compiler.passes.merge_tiles import merge_tiles
from netsuke.compiler.passes.prune_channels import prune_channels
from netsuke.compiler.passes.strip_float_edges import strip_float_edges
from netsuke.compiler.verify import verify

Pass = Callable[[Graph], Graph]

Dump = Callable[[str, Graph], None]
"""Given a name such as "03-drop_dead", which sorts in the order of the passes, and a graph."""

PASSES: tuple[Pass, ...] = (
    strip_float_edges,
    fold_constants,
    drop_dead,
    merge_tiles,
    eliminate_identities,
    fuse_pad,
    fuse_activation,
    eliminate_views,
    absorb_edge_views,
    fold_constant_channels,
    merge_duplicates,
    prune_channels,
    drop_clamps,
    fuse_lookups,
)


def run_passes(graph: Graph, dump: Dump | None = None) -> Graph:
    """`graph` after all passes; it computes the same bytes.

    `dump` is given "00-read" with the graph as it came, then "01-<pass>" and so on with the graph
    after each pass, before it is verified. Raises InvalidGraph where a pass has a bug.
    """
    if dump is not None:
        dump("00-read", graph)
    verify(graph)
    for number, step in enumerate(PASSES, start=1):
        graph = step(graph)
        if dump is not None:
            dump(f"{number:02}-{step.__name__}", graph)
        verify(graph)
    return graph
