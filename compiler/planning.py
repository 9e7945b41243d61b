# SPDX-License-Identifier: Apache-2.0
"""From a graph to addresses: schedule, allocation problem, solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from netsuke.compiler.buffers import MemoryPlan, build_problem, memory_plan, region_bytes
from netsuke.compiler.cost import macs, once_macs
from netsuke.compiler.estimates import instructions, prefers_portable
from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.base import Isa, KernelCall
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.order import in_order
from netsuke.compiler.passes.split_attention import head_counts, split_attention
from netsuke.compiler.patch_search import PatchSearch
from netsuke.compiler.regions import Planner, least_peak, plan_regions
from netsuke.compiler.schedule import Schedule, layer_by_layer, ops_in_order
from netsuke.compiler.verify import verify
from netsuke.memory_planner import Memory, Problem, solve, validate


@dataclass(frozen=True, slots=True)
class Planned:
    """A graph with everything that code generation needs."""

    graph: Graph
    schedule: Schedule
    calls: Mapping[int, KernelCall]
    tails: Mapping[int, KernelCall]
    """The last call of operators whose rows their block does not divide, by operator index."""
    problem: Problem
    memory: MemoryPlan


def kernel_call(graph: Graph, op: Op, isa: Isa, block: int) -> KernelCall:
    """The call that computes `block` rows of an operator."""
    return operator_of(op.attrs).kernel(
        op.attrs, graph.input_tensors(op), graph.output(op), isa, block
    )


def kernel_calls(graph: Graph, schedule: Schedule, isa: Isa) -> dict[int, KernelCall]:
    """The kernel call of every operator that runs, by operator index."""
    return {
        op.index: kernel_call(
            graph, op, schedule.isas.get(op.index, isa), schedule.blocks[op.index]
        )
        for op in ops_in_order(schedule)
    }


def tail_calls(graph: Graph, schedule: Schedule, isa: Isa) -> dict[int, KernelCall]:
    """The last, shorter call of every operator whose rows the block does not divide."""
    return {
        op.index: kernel_call(graph, op, schedule.isas.get(op.index, isa), rest)
        for op in ops_in_order(schedule)
        if (rest := graph.output(op).rows % schedule.blocks[op.index])
    }


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants of a plan.

    `streamed`: the caller pushes the input row by row. `keep_input`: the input survives the
    inference. `ram_budget_bytes`: less work is preferred to less memory below it. `lean`: kernels
    that take more instructions are welcome where they take less scratch. `mac_overhead`: how many
    multiply-accumulates may be computed, in relation to those needed once. For comparisons alone:
    without `integration` each operator runs by itself and attention whole, without `overwriting`
    no output takes storage of an input. `memories` take of the arena what fits into them, the
    first one first.
    """

    streamed: bool = False
    keep_input: bool = False
    ram_budget_bytes: int = 0
    time_limit_s: float = 10.0
    lean: bool = False
    mac_overhead: float | None = None
    integration: bool = True
    overwriting: bool = True
    memories: tuple[Memory, ...] = ()


def plan(graph: Graph, isa: Isa, wishes: Wishes = Wishes()) -> Planned:
    """Schedule `graph` and place its buffers; the solution is checked independently.

    Attentions are tried whole and head by head. Patches come last: where nothing else fits the
    budget, and with as few multiply-accumulates as do.
    """
    budget, placed = wishes.ram_budget_bytes, list[tuple[int, Planned]]()
    for variant in _variants(graph, wishes):
        if not placed or _may_beat(placed[0][1], variant, isa, wishes):
            placed.append(_leanest(variant, isa, wishes))
    best = min(placed, key=lambda p: (p[1].memory.arena_bytes, p[0]))[1]
    if not budget and wishes.mac_overhead is None:
        budget = best.memory.arena_bytes
        placed += _as_small(graph, budget, isa, wishes)
    fits = [p for p in placed if p[1].memory.arena_bytes <= budget]
    if fits:
        return min(fits, key=lambda p: (_instructions(*p), p[1].memory.arena_bytes))[1]
    return best if wishes.mac_overhead is None else _patched(best, isa, wishes)


def _as_small(
    graph: Graph, arena_bytes: int, isa: Isa, wishes: Wishes
) -> list[tuple[int, Planned]]:
    """What needs no more memory than the smallest arena, and may take fewer instructions: several
    heads at a time, or attention whole."""
    within, found = replace(wishes, ram_budget_bytes=arena_bytes), []
    for variant in _variants(graph, within)[1:]:
        schedule = layer_by_layer(variant)
        least = dict.fromkeys((op.index for op in variant.ops), LEAST.get(isa, isa))
        calls = kernel_calls(variant, replace(schedule, isas=least), isa)
        if least_peak(_planner(variant, calls, wishes), arena_bytes + 1) <= arena_bytes:
            found.append(_leanest(variant, isa, within))
    return found


def _instructions(work: int, planned: Planned) -> float:
    """An estimate, for comparisons of one network's plans."""
    isas = planned.schedule.isas
    return work + sum(
        _layer_instructions(planned, op) * SLOWER.get(isas.get(op.index, "dsp"), 1)
        for op in ops_in_order(planned.schedule)
    )


def _layer_instructions(planned: Planned, op: Op) -> int:
    """Of a kernel that is not lean."""
    block = planned.schedule.blocks[op.index]
    return instructions(planned.graph, op, planned.calls[op.index], block)


def _may_beat(best: Planned, graph: Graph, isa: Isa, wishes: Wishes) -> bool:
    """Whether `graph` is worth all the effort: always where work counts, or kernels may change."""
    if wishes.ram_budget_bytes or wishes.lean:
        return True
    planner = _planner(graph, kernel_calls(graph, layer_by_layer(graph), isa), wishes)
    return least_peak(planner, best.memory.arena_bytes) < best.memory.arena_bytes


def _patched(best: Planned, isa: Isa, wishes: Wishes) -> Planned:
    """`best` with patches: the plan of fewest multiply-accumulates that fits the budget, else the
    smallest found."""
    budget, most = wishes.ram_budget_bytes, most_extra_macs(best.graph, wishes.mac_overhead or 1)
    search, limit = patch_search(best, isa, wishes), budget
    for _ in range(MOST_TRIES if budget else 0):
        patched = search.within(limit, most)
        if patched is None:
            break
        planned = plan_patched(patched.graph, isa, wishes)
        over = planned.memory.arena_bytes - budget
        if over <= 0:
            return planned
        limit = min(limit, patched.peak_bytes) - over
    patched = search.least(most)
    if patched is None:
        return best
    tried = (best, plan_patched(patched.graph, isa, wishes))
    return min(tried, key=lambda p: p.memory.arena_bytes)


def plan_patched(graph: Graph, isa: Isa, wishes: Wishes) -> Planned:
    """The plan of a graph whose patches are set; no more are added."""
    return _leanest(graph, isa, wishes)[1]


def most_extra_macs(graph: Graph, mac_overhead: float) -> int:
    """Multiply-accumulates that may be computed again under a bound, besides those that are."""
    return int(mac_overhead * once_macs(graph)) - macs(graph)


def patch_search(planned: Planned, isa: Isa, wishes: Wishes) -> PatchSearch:
    """Searches patches of a planned graph without any."""
    graph, isas = planned.graph, planned.schedule.isas
    calls = kernel_calls(graph, replace(layer_by_layer(graph), isas=isas), isa)
    return PatchSearch(_planner(graph, calls, wishes), isa)


LEANER: Mapping[Isa, Isa] = {"dsp": "dsp_lean", "dsp_lean": "dsp_least"}
"""Kernels to fall back on where scratch stands in the way of a smaller arena."""

LEAST: Mapping[Isa, Isa] = {"dsp": "dsp_least"}
"""Those of least scratch."""

DEARER: Mapping[Isa, float] = {"dsp_lean": 0.1, "dsp_least": 0.4}
"""Instructions that a leaner kernel takes more than the one before it, as a share of the first
one's; rounded up from what convolutions of two pixels and of one take in the emulator."""

SLOWER: Mapping[Isa, float] = {
    "dsp_lean": 1 + DEARER["dsp_lean"],
    "dsp_least": 1 + DEARER["dsp_lean"] + DEARER["dsp_least"],
}
"""Instructions of leaner kernels, relative to those that estimates are fitted to."""

WORTH_IT = 0.995
"""What an arena must shrink to for scratch to be looked at."""

MOST_LEANER = 12
"""Kernels exchanged one after another."""

WEIGHT, LEAN_WEIGHT = 0.5, 0.1
"""What a share of instructions weighs beside the same share of memory, which is scarcer; and where
leaner kernels are welcome."""


def _leanest(graph: Graph, isa: Isa, wishes: Wishes) -> tuple[int, Planned]:
    """As `_fitting`, with leaner kernels where they save a larger share of the arena than they take
    more instructions, or make it fit: one after another for the operator of most scratch in the
    fullest region."""
    work, first = _fitting(graph, isa, wishes, _portable(graph, isa))
    weight = LEAN_WEIGHT if wishes.lean else WEIGHT
    best, least, dearer = first, 1.0, 0.0
    planned: Planned | None = first
    for _ in range(MOST_LEANER):
        if planned is None or best.memory.arena_bytes <= wishes.ram_budget_bytes:
            break
        planned, more = _leaner(planned, isa, wishes)
        dearer += more
        if planned is not None:
            cost = planned.memory.arena_bytes / first.memory.arena_bytes + weight * dearer
            if cost < least or planned.memory.arena_bytes <= wishes.ram_budget_bytes:
                best, least = planned, cost
    if best is first:
        return work, first
    again = _fitting(graph, isa, wishes, best.schedule.isas)
    return min(again, (work, best), (work, first), key=lambda p: p[1].memory.arena_bytes)


def _portable(graph: Graph, isa: Isa) -> dict[int, Isa]:
    """Operators that are better off without the kernels of `isa`, by index."""
    schedule = layer_by_layer(graph)
    return {
        op.index: "portable"
        for op in ops_in_order(schedule)
        if isa != "portable" and prefers_portable(graph, op, isa, schedule.blocks[op.index])
    }


def _leaner(planned: Planned, isa: Isa, wishes: Wishes) -> tuple[Planned | None, float]:
    """The plan with one leaner kernel, None where none has less scratch; and the share of
    instructions that it takes more."""
    graph, schedule = planned.graph, planned.schedule
    used = region_bytes(planned.problem, planned.memory.solution, len(schedule.regions))
    ops = schedule.regions[used.index(max(used))].ops
    op = max(ops, key=lambda op: planned.calls[op.index].scratch_bytes)
    leaner = LEANER.get(schedule.isas.get(op.index, isa))
    if leaner is None:
        return None, 0.0
    call = kernel_call(graph, op, leaner, schedule.blocks[op.index])
    saved = planned.calls[op.index].scratch_bytes - call.scratch_bytes
    if saved <= planned.memory.arena_bytes * (1 - WORTH_IT):
        return None, 0.0
    isas = {**schedule.isas, op.index: leaner}
    share = _layer_instructions(planned, op) / sum(
        _layer_instructions(planned, other) for other in ops_in_order(schedule)
    )
    quick = replace(wishes, time_limit_s=wishes.time_limit_s / MOST_LEANER)
    return place(graph, replace(schedule, isas=isas), isa, quick), DEARER[leaner] * share


MOST_TRIES = 8
"""Schedules placed in search of one that fits a budget."""


def _fitting(
    graph: Graph, isa: Isa, wishes: Wishes, isas: Mapping[int, Isa]
) -> tuple[int, Planned]:
    """The extra work and the plan of least work that fits the budget, else the smallest found.

    Bytes alive at once can be fewer than an arena needs, because each output that overwrites its
    input leads it a little; where a placed plan is over the budget, one with a lower peak is tried.
    """
    calls = kernel_calls(graph, replace(layer_by_layer(graph), isas=isas), isa)
    planner = _planner(graph, calls, wishes)
    limit, tried = wishes.ram_budget_bytes, []
    for _ in range(MOST_TRIES):
        cuts = plan_regions(planner, limit)
        schedule = replace(cuts.schedule, isas=isas)
        ordered = in_order(graph, ops_in_order(schedule))
        verify(ordered)
        tried.append((cuts.work, place(ordered, schedule, isa, wishes)))
        over = tried[-1][1].memory.arena_bytes > wishes.ram_budget_bytes
        if not over or cuts.peak_bytes > limit:
            break
        limit = cuts.peak_bytes - 1
    if not over:
        return tried[-1]
    return min(tried, key=lambda t: (t[1].memory.arena_bytes, t[0]))


def _planner(graph: Graph, calls: Mapping[int, KernelCall], wishes: Wishes) -> Planner:
    return Planner(
        graph,
        calls,
        wishes.streamed,
        wishes.keep_input,
        integration=wishes.integration,
        overwriting=wishes.overwriting,
    )


def _variants(graph: Graph, wishes: Wishes) -> list[Graph]:
    """`graph`, and with its attentions split. Keys and values of one head at a time take the least
    memory; more at a time are less work, which matters where a budget allows it. Where products may
    be computed again, those that make keys and values of factorised projections may be, too."""
    heads = max(head_counts(graph), default=1) if wishes.integration else 1
    groups = range(1, heads + 1) if wishes.ram_budget_bytes else (1,)
    split = [split_attention(graph, g) for g in groups if heads > 1 and heads % g == 0]
    if heads > 1 and wishes.mac_overhead is not None:
        again = split_attention(graph, 1, again=True)
        if macs(graph) < macs(again) <= wishes.mac_overhead * once_macs(graph):
            split.append(again)
    for variant in split:
        verify(variant)
    return [*split, graph]


def place(graph: Graph, schedule: Schedule, isa: Isa, wishes: Wishes = Wishes()) -> Planned:
    """Kernels and addresses of a given schedule."""
    tails = tail_calls(graph, schedule, isa)
    calls = {
        index: replace(call, scratch_bytes=max(call.scratch_bytes, _scratch(tails.get(index))))
        for index, call in kernel_calls(graph, schedule, isa).items()
    }
    problem, memories = build_problem(
        graph,
        schedule,
        calls,
        keep_input=wishes.keep_input,
        overwriting=wishes.overwriting,
        memories=wishes.memories,
    )
    solution = solve(problem, time_limit_s=wishes.time_limit_s)
    violations = validate(problem, solution)
    assert not violations, violations
    return Planned(
        graph, schedule, calls, tails, problem, memory_plan(graph, schedule, memories, solution)
    )


def _scratch(tail: KernelCall | None) -> int:
    return 0 if tail is None else tail.scratch_bytes
