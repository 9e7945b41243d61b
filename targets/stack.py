# SPDX-License-Identifier: Apache-2.0
"""The stack that a function and all that it calls can take, from GCC's call graph files.

GCC writes one `.ci` file beside each object under `-fcallgraph-info=su`: nodes with the bytes of
their frame, edges for calls (GCC manual, "Developer Options").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import networkx as nx

CALL_GRAPH_FLAG = "-fcallgraph-info=su"

LIBRARY_FRAME_BYTES = 32
"""Assumed for functions of the C library, of which GCC knows no frame (memcpy and memset of newlib
push at most 8 registers)."""

ASSEMBLY_FRAME_BYTES = 64
"""At most pushed by the kernels written in assembly (*_armv7em.h), of which GCC says 0."""

_NODE = re.compile(r'node: \{ title: "([^"]+)" label: "([^"]*?)(?:\\n(\d+) bytes \((\w+)[^"]*)?"')
_EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"')


def stack_bytes(call_graphs: Iterable[Path], function: str) -> int | None:
    """Bytes on the deepest path from external `function`, its own frame included.

    None where the depth has no bound: recursion, an indirect call or a frame of variable size.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for path in call_graphs:
        _read(graph, path.read_text())
    if function not in graph:
        return None
    reached = graph.subgraph({function, *nx.descendants(graph, function)})
    unbounded = any(graph.nodes[n].get("kind") == "dynamic" for n in reached)
    if unbounded or "__indirect_call" in reached or not nx.is_directed_acyclic_graph(reached):
        return None
    deepest: dict[str, int] = {}
    for node in reversed(list(nx.topological_sort(reached))):
        below = max((deepest[n] for n in reached.successors(node)), default=0)
        deepest[node] = below + int(graph.nodes[node].get("frame", LIBRARY_FRAME_BYTES))
    return deepest[function]


def _read(graph: nx.DiGraph[str], text: str) -> None:
    for title, place, frame, kind in _NODE.findall(text):
        graph.add_node(title)
        if frame:
            least = ASSEMBLY_FRAME_BYTES if "_armv7em.h:" in place else 0
            graph.nodes[title].update(frame=max(int(frame), least), kind=kind)
    graph.add_edges_from(_EDGE.findall(text))
