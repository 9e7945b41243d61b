# SPDX-License-Identifier: Apache-2.0
"""How little memory a model can run in for how many multiply-accumulates: the Pareto front.

Memory falls as more is computed again. The front is of the plans that the search for patches comes
by; that there are none between them is not proven.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.saxutils import escape

from netsuke.compiler.cost import mac_overhead, macs
from netsuke.compiler.ir import Graph
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.planning import (
    Planned,
    Wishes,
    most_extra_macs,
    patch_search,
    plan,
    plan_patched,
)
from netsuke.compiler.schedule import ops_in_order

FARTHEST = 4.0
"""Multiply-accumulates in relation to those needed once, beyond which nobody wants to go."""


@dataclass(frozen=True, slots=True)
class Point:
    """One plan of the front. `patches` names the operators that each patch computes together."""

    arena_bytes: int
    macs: int
    mac_overhead: float
    optimal: bool
    patches: tuple[str, ...]


def pareto(graph: Graph, isa: Isa, wishes: Wishes, progress: Callable[[str], None]) -> list[Point]:
    """Points of falling memory and rising work, up to `wishes.mac_overhead` if that is set."""
    base = plan(graph, isa, replace(wishes, mac_overhead=None, ram_budget_bytes=0))
    farthest = wishes.mac_overhead or FARTHEST
    points = [_point(base)]
    front = patch_search(base, isa, wishes).front(most_extra_macs(base.graph, farthest))
    for patched in front:
        points.append(_point(plan_patched(patched.graph, isa, wishes)))
        progress(f"{points[-1].arena_bytes:,} bytes at {points[-1].mac_overhead:.3f}")
    return undominated(points)


def undominated(points: Sequence[Point]) -> list[Point]:
    """Those that no other one equals or beats in both memory and work, by work."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: (p.macs, p.arena_bytes)):
        if not kept or point.arena_bytes < kept[-1].arena_bytes:
            kept.append(point)
    return kept


def _point(planned: Planned) -> Point:
    patches = (
        operator_of(op.attrs).title(op.attrs, op.place)
        for op in ops_in_order(planned.schedule)
        if planned.calls[op.index].patch is not None
    )
    return Point(
        planned.memory.arena_bytes,
        macs(planned.graph),
        mac_overhead(planned.graph),
        planned.memory.solution.optimal,
        tuple(patches),
    )


def report(name: str, points: Sequence[Point]) -> dict[str, Any]:
    """The JSON object of `netsuke inspect --pareto`."""
    front = [
        {
            "arena_bytes": p.arena_bytes,
            "mac_overhead": p.mac_overhead,
            "macs": p.macs,
            "optimal": p.optimal,
            "patches": list(p.patches),
        }
        for p in points
    ]
    return {"model": name, "front": front}


WIDTH, HEIGHT, MARGIN = 640, 400, 60
"""Of the plot, in pixels."""


def plotted(name: str, points: Sequence[Point]) -> str:
    """An SVG document: arena upwards, multiply-accumulates to the right, a step a point."""
    most, farthest = points[0].arena_bytes, max(1.1, points[-1].mac_overhead)
    floor, right = HEIGHT - MARGIN, WIDTH - MARGIN

    def place(p: Point) -> tuple[float, float]:
        across = (p.mac_overhead - 1) / (farthest - 1)
        return MARGIN + across * (right - MARGIN), floor - p.arena_bytes / most * (floor - MARGIN)

    places = [place(p) for p in points]
    line = " ".join(f"H{x:.1f} V{y:.1f}" for x, y in places[1:])
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{MARGIN}" y="24">{escape(name)}: bytes of arena against '
        "multiply-accumulates, in relation to those needed once</text>",
        f'<path d="M{MARGIN} {MARGIN} V{floor} H{right}" fill="none" stroke="#333"/>',
        f'<path d="M{places[0][0]:.1f} {places[0][1]:.1f} {line} H{right}" fill="none" '
        'stroke="#07c" stroke-width="2"/>',
    ]
    for p, (x, y) in zip(points, places, strict=True):
        body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#07c"/>')
        body.append(f'<text x="{x + 5:.1f}" y="{y - 6:.1f}">{p.arena_bytes:,}</text>')
        body.append(
            f'<text x="{x:.1f}" y="{floor + 16}" text-anchor="middle" '
            f'transform="rotate(45 {x:.1f} {floor + 16})">{p.mac_overhead:.2f}</text>'
        )
    return "\n".join([*body, "</svg>"]) + "\n"
