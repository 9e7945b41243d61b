# SPDX-License-Identifier: Apache-2.0
"""The order of the operators: the best of all where they are few, never worse than the file's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.ir import Graph
from netsuke.compiler.ir_text import parse_graph
from netsuke.compiler.order import MORE_STATES, in_order, states_of, storages
from netsuke.compiler.planning import plan
from netsuke.compiler.regions import Planner, least_of_any_order, plan_regions
from netsuke.compiler.schedule import is_view, ops_in_order, storage_root
from netsuke.compiler.verify import verify
from tests.compiler.test_regions import planner_of
from tests.support.random_networks import random_network

SMALL, LARGE = "int8[1,4,4,1]", "int8[1,4,4,16]"
QUANT = "scale=0.5 zero_point=0"


def branches(count: int) -> Graph:
    """Branches that grow sixteenfold and shrink again. The file runs all first halves first, so
    that all wide tensors are alive at once; one branch after another needs one. TRANSPOSE reads
    all of its input for a row, so that nothing streams."""
    lines = ['graph "fan"', f'%0 = input : {SMALL} {QUANT} "x"']
    lines += [f'%1 = constant random(1, -9, 9) : int8[16,1,1,1] {QUANT} "w"']
    lines += [f'%2 = constant random(2, -9, 9) : int8[1,1,1,16] {QUANT} "v"']
    lines += ['%3 = constant [0, 2, 1, 3] : int32[4] "p"']
    for b in range(count):
        t = 10 * (b + 1)
        lines.append(f'%{t} = conv_2d(%0, %1, _) {{}} @{t} : {LARGE} {QUANT} "wide{b}"')
        lines.append(
            f"%{t + 1} = transpose(%{t}, %3) {{order=(0, 2, 1, 3)}} "
            f'@{t + 1} : {LARGE} {QUANT} "turned{b}"'
        )
    for b in range(count):
        t = 10 * (b + 1) + 2
        lines.append(f'%{t} = conv_2d(%{t - 1}, %2, _) {{}} @{t} : {SMALL} {QUANT} "narrow{b}"')
    total = 12
    for b in range(1, count):
        t = 10 * (b + 1) + 3
        lines.append(f'%{t} = add(%{total}, %{t - 1}) @{t} : {SMALL} {QUANT} "sum{b}"')
        total = t
    return parse_graph("\n".join([*lines, f"return %{total}"]))


def file_order(planner: Planner) -> int:
    """The least peak of all cuts of the file's order."""
    count = len(planner.ops)
    best = [0] + [2**62] * count
    for end, first in itertools.product(range(1, count + 1), range(count)):
        segment = planner.segment(first, end, 1) if first < end else None
        if segment is not None:
            best[end] = min(best[end], max(best[first], segment.peak_bytes))
    return best[count]


def test_a_bad_order_is_mended() -> None:
    graph = branches(3)
    planner = planner_of(graph)
    cuts = plan_regions(planner, 0)
    assert planner.states.exact
    # One wide tensor and a row of the next, the image and small results, not three wide ones.
    assert 256 + 64 + 2 * 16 <= cuts.peak_bytes < 400 < 3 * 256 + 16 <= file_order(planner)
    assert (cuts.schedule.exact_order, cuts.schedule.least_peak_bytes) == (True, cuts.peak_bytes)
    order = ops_in_order(cuts.schedule)
    ordered = in_order(graph, order)
    verify(ordered)
    assert [op.index for op in order] != [op.index for op in graph.ops]
    x = np.random.default_rng(0).integers(-128, 128, (1, 4, 4, 1)).astype(np.int8)
    assert evaluate(ordered, [x])[0].tobytes() == evaluate(graph, [x])[0].tobytes()


def test_the_plan_has_the_better_order() -> None:
    planned = plan(branches(3), "portable")
    assert planned.memory.arena_bytes < 400
    assert planned.graph.ops == ops_in_order(planned.schedule)


def test_a_beam_finds_the_order_of_a_graph_with_many_states() -> None:
    graph = branches(8)
    planner = planner_of(graph)
    assert not planner.states.exact
    assert len(planner.states.masks) <= 2 * (len(planner.ops) + 1)
    cuts = plan_regions(planner, 0)
    assert cuts.peak_bytes < 800 < 8 * 256 <= file_order(planner)
    assert not cuts.schedule.exact_order
    assert 256 < cuts.schedule.least_peak_bytes <= cuts.peak_bytes


def test_no_plan_is_below_the_bound_of_any_order() -> None:
    for seed in range(40):
        planner = planner_of(random_network(seed))
        assert 0 < least_of_any_order(planner) <= plan_regions(planner, 0).peak_bytes, seed


def topological_orders(planner: Planner) -> Iterator[tuple[int, ...]]:
    """All orders, each as the states it goes through, by trying every permutation."""
    root = storage_root(planner.graph)
    made = {op.outputs[0]: i for i, op in enumerate(planner.ops)}
    needed = [
        {made[root[t]] for t in planner.graph.activation_inputs(op) if root[t] in made}
        for op in planner.ops
    ]
    for order in itertools.permutations(range(len(planner.ops))):
        if all(needed[i] <= set(order[:n]) for n, i in enumerate(order)):
            yield (0, *itertools.accumulate(1 << i for i in order))


def test_no_order_and_no_cuts_of_it_have_a_lower_peak() -> None:
    tried = 0
    for seed in range(60):
        planner = planner_of(random_network(seed))
        if not 3 <= len(planner.ops) <= 6 or len(planner.states.masks) == len(planner.ops) + 1:
            continue
        tried += 1
        peaks = []
        for path in topological_orders(planner):
            inner = path[1:-1]
            for keep in itertools.product((False, True), repeat=len(inner)):
                stops = [0, *itertools.compress(inner, keep), path[-1]]
                segments = [planner.between(a, b, 1) for a, b in itertools.pairwise(stops)]
                if None not in segments:
                    peaks.append(max(s.peak_bytes for s in segments if s is not None))
        assert plan_regions(planner, 0).peak_bytes == min(peaks), seed
    assert tried >= 5


def test_states_are_closed_under_what_is_read() -> None:
    for seed in range(40):
        graph = random_network(seed)
        ops = tuple(op for op in graph.ops if not is_view(op))
        root = storage_root(graph)
        states = states_of(len(ops), storages(graph, ops, root, keep_input=False))
        made = {op.outputs[0]: i for i, op in enumerate(ops)}
        assert states.masks[0] == 0 and states.masks[-1] == (1 << len(ops)) - 1
        assert len(states.masks) <= len(ops) + 1 + MORE_STATES
        for state in states.masks:
            for i, op in enumerate(ops):
                if state >> i & 1:
                    sources = {root[t] for t in graph.activation_inputs(op)} & made.keys()
                    assert all(state >> made[t] & 1 for t in sources)
