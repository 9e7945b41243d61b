# SPDX-License-Identifier: Apache-2.0
"""The graph as SVG: layers from top to bottom in the order of execution, one node each.

Edges to the next layer are straight; all others run to the right of the nodes, each in a lane that
no other edge uses over its length. Layers that run row by row together have a bracket at the left.
Colours come from the page's style sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from netsuke.compiler.planning import Planned
from netsuke.compiler.schedule import ops_in_order, storage_root

_LEFT, _NODE_WIDTH, _NODE_HEIGHT, _STEP = 26, 300, 30, 46
_LANE, _FIRST_LANE, _MARGIN = 12, 18, 8
_LETTERS = 27


@dataclass(frozen=True, slots=True)
class _Edge:
    """From node `start` down to node `end`; lane None: straight."""

    start: int
    end: int
    lane: int | None


def graph_svg(planned: Planned, layers: Sequence[dict[str, Any]]) -> str:
    """The SVG of a planned graph; `layers` are those of its profile."""
    inputs = [planned.graph.tensors[t] for t in planned.graph.inputs]
    names = [("input", _shape(t.shape), 0.0, "input") for t in inputs]
    names += [(n["name"], _shape(n["output"]), n["share"], n["bound"]) for n in layers]
    edges = _lanes(_links(planned))
    lanes = 1 + max((e.lane for e in edges if e.lane is not None), default=-1)
    width = _LEFT + _NODE_WIDTH + (_FIRST_LANE + lanes * _LANE if lanes else 0) + _MARGIN
    height = len(names) * _STEP - (_STEP - _NODE_HEIGHT) + 2 * _MARGIN
    largest = max((n["share"] for n in layers), default=0) or 1
    parts = [
        f'<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-label="Graph of the layers">',
        *_brackets(planned, len(inputs)),
        *(_path(edge) for edge in edges),
        *(_node(i, *name, largest) for i, name in enumerate(names)),
        "</svg>",
    ]
    return "\n".join(parts)


def _links(planned: Planned) -> list[tuple[int, int]]:
    """(writer, reader) of each activation, as places in the column of nodes; inputs come first."""
    graph, root = planned.graph, storage_root(planned.graph)
    place = {root[t]: i for i, t in enumerate(graph.inputs)}
    links = []
    for i, op in enumerate(ops_in_order(planned.schedule), len(graph.inputs)):
        readings = dict.fromkeys(place[root[t]] for t in graph.activation_inputs(op))
        links += [(writer, i) for writer in readings]
        place[root[op.outputs[0]]] = i
    return links


def _lanes(links: Sequence[tuple[int, int]]) -> list[_Edge]:
    """Each edge with the innermost lane that is free over its length, short edges first."""
    taken: list[list[tuple[int, int]]] = []
    edges = []
    for start, end in sorted(links, key=lambda link: (link[1] - link[0], link)):
        if end == start + 1:
            edges.append(_Edge(start, end, None))
            continue
        free = (n for n, used in enumerate(taken) if all(end <= a or b <= start for a, b in used))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((start, end))
        edges.append(_Edge(start, end, lane))
    return edges


def _top(node: int) -> int:
    return _MARGIN + node * _STEP


def _path(edge: _Edge) -> str:
    if edge.lane is None:
        x, y = _LEFT + _NODE_WIDTH // 2, _top(edge.start) + _NODE_HEIGHT
        return f'<path class="edge" d="M{x} {y}V{_top(edge.end) - 5}" marker-end="url(#tip)"/>'
    right, turn = _LEFT + _NODE_WIDTH, 8
    x = right + _FIRST_LANE + edge.lane * _LANE
    y0, y1 = _top(edge.start) + _NODE_HEIGHT - 9, _top(edge.end) + 9
    return (
        f'<path class="edge skip" d="M{right} {y0}H{x - turn}q{turn} 0 {turn} {turn}V{y1 - turn}'
        f'q0 {turn} {-turn} {turn}H{right + 5}" marker-end="url(#tip)"/>'
    )


def _node(i: int, name: str, shape: str, share: float, bound: str, largest: float) -> str:
    y, width = _top(i), (_NODE_WIDTH - 2) * share / largest
    return (
        f'<g class="node {bound}"><title>{escape(name)}: {share:.1%}</title>'
        f'<rect class="box" x="{_LEFT}" y="{y}" width="{_NODE_WIDTH}" height="{_NODE_HEIGHT}" '
        f'rx="6"/><rect class="load" x="{_LEFT + 1}" y="{y + _NODE_HEIGHT - 4}" '
        f'width="{width:.1f}" height="3" rx="1.5"/>'
        f'<text x="{_LEFT + 12}" y="{y + 19}">{escape(_cut(name))}</text>'
        f'<text class="shape" x="{_LEFT + _NODE_WIDTH - 12}" y="{y + 19}">{shape}</text></g>'
    )


def _cut(name: str) -> str:
    """What fits beside a shape; the whole name is in the node's title."""
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"


def _brackets(planned: Planned, first: int) -> Iterator[str]:
    yield (
        '<defs><marker id="tip" viewBox="0 0 6 6" refX="3" refY="3" markerWidth="6" '
        'markerHeight="6" orient="auto"><path class="tip" d="M0 0L6 3L0 6z"/></marker></defs>'
    )
    at = first
    for r, region in enumerate(planned.schedule.regions):
        end = at + len(region.ops)
        if len(region.ops) > 1:
            y0, y1, x = _top(at), _top(end - 1) + _NODE_HEIGHT, _LEFT - 10
            yield (
                f'<path class="bracket" d="M{x + 5} {y0}H{x}V{y1}H{x + 5}">'
                f"<title>region {r}: row by row, together</title></path>"
            )
        at = end


def _shape(shape: Sequence[int]) -> str:
    """Without the ones in front, which are batches."""
    kept = list(shape)
    while len(kept) > 1 and kept[0] == 1:
        kept.pop(0)
    return "×".join(map(str, kept))
