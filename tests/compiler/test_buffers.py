# SPDX-License-Identifier: Apache-2.0
"""From schedules to buffers: lifetimes, windows, overlaps, and addresses of views."""

from __future__ import annotations

from netsuke.compiler.buffers import build_problem, lifetimes, windows_of
from netsuke.compiler.ir import Graph
from netsuke.compiler.ir_text import parse_graph
from netsuke.compiler.planning import kernel_calls, place
from netsuke.compiler.schedule import Region, Schedule, layer_by_layer
from netsuke.memory_planner import Problem
from tests.compiler.test_timetable import MEAN, TWO_CONVS


def one_region(graph: Graph, **region: object) -> Schedule:
    ops = tuple(op for op in graph.ops if op.outputs[0] not in VIEWS)
    return Schedule((Region(ops, **region),), {op.index: 1 for op in ops})  # type: ignore[arg-type]


VIEWS = frozenset({5})
VIEWED = parse_graph(
    """
    graph "viewed"
    %0 = input : int8[1,6,4,2] scale=0.5 zero_point=0 "x"
    %1 = add(%0, %0) @0 : int8[1,6,4,2] scale=0.5 zero_point=0 "a"
    %5 = reshape(%1) {shape=(1,48)} @1 : int8[1,48] scale=0.5 zero_point=0 "flat"
    %3 = add(%1, %1) @2 : int8[1,6,4,2] scale=0.5 zero_point=0 "y"
    return %5, %3
    """
)


def problem_of(graph: Graph, schedule: Schedule, *, keep_input: bool = False) -> Problem:
    calls = kernel_calls(graph, schedule, "portable")
    return build_problem(graph, schedule, calls, keep_input=keep_input)[0]


def test_tensors_live_from_their_writer_to_their_last_reader() -> None:
    life = lifetimes(TWO_CONVS, layer_by_layer(TWO_CONVS), keep_input=False)
    assert (life.start, life.end) == ({0: 0, 1: 0, 2: 1}, {0: 1, 1: 2, 2: 2})
    kept = lifetimes(TWO_CONVS, layer_by_layer(TWO_CONVS), keep_input=True)
    assert kept.end == {0: 2, 1: 2, 2: 2}


def test_layer_by_layer_there_are_no_windows() -> None:
    problem = problem_of(TWO_CONVS, layer_by_layer(TWO_CONVS))
    assert {b.name: b.size_bytes for b in problem.buffers} == {"t0": 64, "t1": 64, "t2": 64}
    assert [(o.output, o.input, o.distance) for o in problem.overlaps] == [
        ("t1", "t0", 16),
        ("t2", "t1", 16),
    ]


def test_a_kept_input_is_overwritten_by_nothing() -> None:
    problem = problem_of(TWO_CONVS, layer_by_layer(TWO_CONVS), keep_input=True)
    assert [(o.output, o.input) for o in problem.overlaps] == [("t2", "t1")]


def test_inside_a_region_a_tensor_is_a_ring() -> None:
    problem = problem_of(TWO_CONVS, one_region(TWO_CONVS))
    assert {b.name: b.size_bytes for b in problem.buffers} == {"t0": 64, "t1": 24, "t2": 64}


def test_sums_of_a_reduction_are_a_buffer() -> None:
    problem = problem_of(MEAN, one_region(MEAN, reduced=frozenset({1})))
    sizes = {b.name: b.size_bytes for b in problem.buffers}
    assert sizes == {"t0": 64, "t1": 8, "t2": 2, "acc1": 2 * 4}


def test_a_tensor_that_an_output_is_a_view_of_is_no_window() -> None:
    schedule = one_region(VIEWED)
    life = lifetimes(VIEWED, schedule, keep_input=False)
    assert windows_of(VIEWED, schedule.regions[0], life, 0) == frozenset()
    sizes = {b.name: b.size_bytes for b in problem_of(VIEWED, schedule).buffers}
    assert sizes == {"t0": 48, "t1": 48, "t3": 48}


def test_views_lie_where_their_tensor_lies() -> None:
    storage = place(VIEWED, one_region(VIEWED), "portable").memory.storage
    assert storage[5].offset == storage[1].offset
    assert (storage[1].row_bytes, storage[1].ring) == (8, 6)
    assert (storage[5].row_bytes, storage[5].ring) == (48, 1)
