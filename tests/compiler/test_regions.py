# SPDX-License-Identifier: Apache-2.0
"""Cutting graphs into regions: least memory first, then least work, and what cannot be one."""

from __future__ import annotations

import itertools

import pytest

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Graph
from netsuke.compiler.ir_text import parse_graph
from netsuke.compiler.order import States, in_order
from netsuke.compiler.planning import kernel_calls
from netsuke.compiler.regions import Planner, plan_regions
from netsuke.compiler.schedule import layer_by_layer
from netsuke.compiler.verify import verify
from tests.compiler.test_timetable import MEAN, RESIDUAL, TWO_CONVS
from tests.support.random_networks import random_network


def planner_of(graph: Graph, *, streamed: bool = False, keep_input: bool = False) -> Planner:
    calls = kernel_calls(graph, layer_by_layer(graph), "portable")
    return Planner(graph, calls, streamed, keep_input)


def test_least_peak_of_all_cuts() -> None:
    """The dynamic programme finds what trying every way to cut finds."""
    for seed in range(12):
        planner = planner_of(random_network(seed))
        count = len(planner.ops)
        if count > 9:
            continue
        peaks = []
        for cuts in itertools.product((False, True), repeat=count - 1):
            edges = [0, *(i + 1 for i, cut in enumerate(cuts) if cut), count]
            segments = [planner.segment(a, b, 1) for a, b in itertools.pairwise(edges)]
            if None not in segments:
                peaks.append(max(s.peak_bytes for s in segments if s is not None))
        assert plan_regions(planner, 0).peak_bytes <= min(peaks), seed
        chain = tuple((1 << n) - 1 for n in range(count + 1))
        object.__setattr__(planner, "states", States(chain, exact=False))
        assert plan_regions(planner, 0).peak_bytes == min(peaks), seed


def test_more_memory_is_never_more_work() -> None:
    planner = planner_of(RESIDUAL)
    least = plan_regions(planner, 0)
    work = [plan_regions(planner, least.peak_bytes + more).work for more in (0, 50, 100, 500)]
    assert work == sorted(work, reverse=True) and work[0] <= least.work
    assert work[-1] < work[0]


def test_every_operator_runs_once_after_what_it_reads() -> None:
    for seed in range(20):
        graph = random_network(seed)
        planner = planner_of(graph)
        schedule = plan_regions(planner, 0).schedule
        order = [op for region in schedule.regions for op in region.ops]
        assert sorted(order, key=lambda op: op.index) == list(planner.ops)
        verify(in_order(graph, order))
        assert sorted(schedule.blocks) == sorted(op.index for op in planner.ops)


def test_a_kept_input_is_alive_throughout() -> None:
    kept = planner_of(TWO_CONVS, keep_input=True).segment(0, 2, 1)
    given = planner_of(TWO_CONVS).segment(0, 2, 1)
    assert kept is not None and given is not None
    # 64 bytes of input, the same of output, three rows of 8 bytes; in place when it may die.
    assert (kept.peak_bytes, given.peak_bytes) == (64 + 64 + 24, 64 + 24)


def test_a_pushed_input_takes_its_rows_only() -> None:
    pushed = planner_of(TWO_CONVS, streamed=True).segment(0, 2, 1)
    assert pushed is not None and pushed.region.stream == 0
    assert pushed.peak_bytes == 64 + 24 + 24


def test_a_reduction_streams_where_its_input_is_made() -> None:
    planner = planner_of(MEAN)
    both, alone = planner.segment(0, 2, 1), planner.segment(1, 2, 1)
    assert both is not None and both.region.reduced == {1}
    assert alone is not None and alone.region.reduced == frozenset()


TURNED = """
    graph "turned"
    %0 = input : int8[1,6,4,2] scale=0.5 zero_point=0 "x"
    %1 = reshape(%0) {shape=(1,4,6,2)} @0 : int8[1,4,6,2] scale=0.5 zero_point=0 "v"
    %2 = add(%1, %1) @1 : int8[1,4,6,2] scale=0.5 zero_point=0 "y"
    return %2
"""


def test_rows_of_another_shape_cannot_be_pushed() -> None:
    graph = parse_graph(TURNED)
    with pytest.raises(InputError) as caught:
        plan_regions(planner_of(graph, streamed=True), 0)
    assert str(caught.value) == (
        "turned: streamed input: got an input that is reshaped before it is read "
        "(hint: keep it resident)"
    )
    assert plan_regions(planner_of(graph), 0).schedule.regions[0].stream is None


def test_two_inputs_cannot_be_pushed() -> None:
    graph = parse_graph(
        """
        graph "two"
        %0 = input : int8[1,6,4,2] scale=0.5 zero_point=0 "x"
        %1 = input : int8[1,6,4,2] scale=0.5 zero_point=0 "y"
        %2 = add(%0, %1) @0 : int8[1,6,4,2] scale=0.5 zero_point=0 "z"
        return %2
        """
    )
    with pytest.raises(InputError, match="two: streamed input: got 2 inputs, want one input"):
        plan_regions(planner_of(graph, streamed=True), 0)


def test_a_region_does_not_span_a_view_that_joins_rows() -> None:
    graph = parse_graph(
        """
        graph "joined"
        %0 = input : int8[1,6,4,2] scale=0.5 zero_point=0 "x"
        %1 = add(%0, %0) @0 : int8[1,6,4,2] scale=0.5 zero_point=0 "a"
        %2 = reshape(%1) {shape=(1,24,1,2)} @1 : int8[1,24,1,2] scale=0.5 zero_point=0 "v"
        %3 = add(%2, %2) @2 : int8[1,24,1,2] scale=0.5 zero_point=0 "y"
        return %3
        """
    )
    planner = planner_of(graph)
    assert planner.segment(0, 2, 1) is None
    assert len(plan_regions(planner, 0).schedule.regions) == 2
