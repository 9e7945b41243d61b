# SPDX-License-Identifier: Apache-2.0
"""From a graph to addresses: schedule, allocation problem, solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netsuke.compiler.buffers import MemoryPlan, build_problem, memory_plan
from netsuke.compiler.ir import Graph
from netsuke.compiler.ops.base import Isa, KernelCall
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.schedule import Schedule, layer_by_layer, ops_in_order
from netsuke.memory_planner import Problem, solve, validate


@dataclass(frozen=True, slots=True)
class Planned:
    """A graph with everything that code generation needs."""

    graph: Graph
    schedule: Schedule
    calls: Mapping[int, KernelCall]
    problem: Problem
    memory: MemoryPlan


def kernel_calls(graph: Graph, schedule: Schedule, isa: Isa) -> dict[int, KernelCall]:
    """The kernel call of every operator that runs, by operator index."""
    return {
        op.index: operator_of(op.attrs).kernel(
            op.attrs, graph.input_tensors(op), graph.output(op), isa, schedule.blocks[op.index]
        )
        for op in ops_in_order(schedule)
    }


def plan(graph: Graph, isa: Isa, time_limit_s: float = 10.0) -> Planned:
    """Schedule `graph` and place its buffers; the solution is checked independently."""
    schedule = layer_by_layer(graph)
    calls = kernel_calls(graph, schedule, isa)
    problem, memories = build_problem(graph, schedule, calls)
    solution = solve(problem, time_limit_s=time_limit_s)
    violations = validate(problem, solution)
    assert not violations, violations
    return Planned(
        graph, schedule, calls, problem, memory_plan(graph, schedule, memories, solution)
    )
