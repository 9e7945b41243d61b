# SPDX-License-Identifier: Apache-2.0
"""Plans within a budget of memory, or what stands in the way of one."""

from __future__ import annotations

from netsuke.compiler.errors import AnswerNo
from netsuke.compiler.inspection import peak, region_layers
from netsuke.compiler.ir import Graph
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.planning import Planned, Wishes, plan

NAMED = 4
"""Buffers that the answer names; the largest matter."""


def plan_within(graph: Graph, isa: Isa, wishes: Wishes) -> Planned:
    """The plan that `wishes` ask for, in an arena of at most `ram_budget_bytes` if that is not 0.

    Raises AnswerNo where the smallest arena is larger: its size, and what fills it.
    """
    planned, budget = plan(graph, isa, wishes), wishes.ram_budget_bytes
    if budget and planned.memory.arena_bytes > budget:
        raise _over_budget(planned, wishes)
    return planned


def _over_budget(planned: Planned, wishes: Wishes) -> AnswerNo:
    highest = peak(planned)
    layers = region_layers(planned, highest.region)
    running = layers[0] if len(layers) == 1 else f"{layers[0]} to {layers[-1]}"
    shown = [f"{b.name} ({b.size_bytes:,})" for b in highest.buffers[:NAMED]]
    more = len(highest.buffers) - len(shown)
    alive = ", ".join([*shown, *([f"{more} smaller ones"] if more else [])])
    hint = "" if wishes.mac_overhead else "; try --mac-overhead 1.3"
    return AnswerNo(
        f"{planned.graph.name}: --ram-budget",
        f"{planned.memory.arena_bytes:,} bytes as the smallest arena",
        f"at most {wishes.ram_budget_bytes:,}",
        f"alive at the peak, while {running} runs: {alive}{hint}",
    )
