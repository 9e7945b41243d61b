# SPDX-License-Identifier: Apache-2.0
"""Regions in motion: the order of calls, rings, distances. Expected figures are counted by hand."""

from __future__ import annotations

from netsuke.compiler.ir import Graph
from netsuke.compiler.ir_text import parse_graph
from netsuke.compiler.rings import region_memory
from netsuke.compiler.schedule import Region, Schedule
from netsuke.compiler.timetable import Simulation, tasks_of

IMAGE = "int8[1,8,4,2] scale=0.5 zero_point=0"
CONV3 = '%{w} = constant random({w}, -9, 9) : int8[2,3,3,2] scale=0.25 zero_point=0 "w"'


def conv3(out: int, source: int, op: int) -> str:
    """A 3x3 convolution that keeps an 8x4x2 image's size."""
    pads = "pad_top=1, pad_bottom=1, pad_left=1, pad_right=1"
    weights = CONV3.format(w=out + 100)
    call = f"%{out} = conv_2d(%{source}, %{out + 100}, _) {{{pads}}}"
    return f'{weights}\n{call} @{op} : {IMAGE} "c{op}"'


def add(out: int, a: int, b: int, op: int) -> str:
    return f'%{out} = add(%{a}, %{b}) @{op} : {IMAGE} "a{op}"'


def graph_of(*lines: str, result: str) -> Graph:
    return parse_graph("\n".join(['graph "g"', f'%0 = input : {IMAGE} "x"', *lines, result]))


def whole_region(graph: Graph, **blocks: int) -> tuple[Region, Schedule]:
    """All operators in one region; rows of a call are 1 but for `op<index>=rows`."""
    region = Region(graph.ops)
    rows = {op.index: blocks.get(f"op{op.index}", 1) for op in graph.ops}
    return region, Schedule((region,), rows)


def order(graph: Graph, **blocks: int) -> str:
    """The operators in the order of their calls, a digit each."""
    region, schedule = whole_region(graph, **blocks)
    tasks = tasks_of(graph, region, schedule.blocks, {t: t for t in graph.tensors})
    return "".join(str(i) for i in Simulation(tasks).run())


TWO_CONVS = graph_of(conv3(1, 0, 0), conv3(2, 1, 1), result="return %2")


def test_the_last_operator_that_can_run_runs() -> None:
    # Row r of the second needs rows up to r + 1 of the first, the last row none beyond the edge.
    assert order(TWO_CONVS) == "00" + "10" * 6 + "11"


def test_a_window_holds_the_rows_that_its_reader_still_needs() -> None:
    region, schedule = whole_region(TWO_CONVS)
    memory = region_memory(TWO_CONVS, schedule, region, frozenset({1}), frozenset({0}))
    assert memory.rings == {1: 3}


def test_the_output_leads_the_input_by_what_is_written_before_it_dies() -> None:
    # Row r is written when the first convolution has made row r + 1 and will next read from row
    # r + 1 on: rows 0 .. r of the input are dead by then, as many as are written.
    region, schedule = whole_region(TWO_CONVS)
    memory = region_memory(TWO_CONVS, schedule, region, frozenset({1}), frozenset({0}))
    assert memory.distances == {(2, 0): 0}


def test_a_convolution_alone_leads_by_two_rows() -> None:
    # While row r is written, rows from r - 1 on are read: r + 1 rows written, r - 1 dead.
    graph = graph_of(conv3(1, 0, 0), result="return %1")
    region, schedule = whole_region(graph)
    memory = region_memory(graph, schedule, region, frozenset(), frozenset({0}))
    assert memory.distances == {(1, 0): 2 * 8}


def test_a_sum_is_in_place_unless_it_reads_one_tensor_twice() -> None:
    for second, distance in ((9, 0), (0, 8)):
        other = f'%9 = constant splat(1) : {IMAGE} "k"'
        graph = graph_of(other, add(1, 0, second, 0), result="return %1")
        region, schedule = whole_region(graph)
        memory = region_memory(graph, schedule, region, frozenset(), frozenset({0}))
        assert memory.distances == {(1, 0): distance}


RESIDUAL = graph_of(
    conv3(1, 0, 0), conv3(2, 1, 1), conv3(3, 2, 2), add(4, 1, 3, 3), result="return %4"
)


def test_a_residual_waits_in_its_window_for_the_branch() -> None:
    # Row r of the sum needs row r + 1 of the branch's first convolution, and that row r + 2 of the
    # trunk: rows r .. r + 2 of the trunk wait.
    region, schedule = whole_region(RESIDUAL)
    memory = region_memory(RESIDUAL, schedule, region, frozenset({1, 2, 3}), frozenset({0}))
    assert memory.rings == {1: 3, 2: 3}
    # The sum writes each row over the branch's, which it alone reads.
    assert memory.shared == {3: 4}
    apart = region_memory(
        RESIDUAL, schedule, region, frozenset({1, 2, 3}), frozenset({0}), overwriting=False
    )
    assert (apart.rings, apart.shared) == ({1: 3, 2: 3, 3: 1}, {})


def test_blocks_of_rows_never_wrap_around_a_ring() -> None:
    # Two rows a call of the sum: its windows hold a multiple of two rows.
    region, schedule = whole_region(RESIDUAL, op3=2)
    memory = region_memory(RESIDUAL, schedule, region, frozenset({1, 2, 3}), frozenset({0}))
    assert memory.rings[1] % 2 == 0, memory.rings


def test_a_block_that_does_not_divide_the_rows_ends_with_a_shorter_call() -> None:
    region, schedule = whole_region(RESIDUAL, op3=3)
    tasks = tasks_of(RESIDUAL, region, schedule.blocks, {t: t for t in RESIDUAL.tensors})
    assert tasks[3].written == (0, 24, 48, 64)
    assert tasks[3].reads[0].need == (24, 48, 64)
    assert order(RESIDUAL, op3=3).count("3") == 3


MEAN = graph_of(
    conv3(1, 0, 0),
    '%8 = constant [1, 2] : int32[2] "axes"',
    '%2 = mean(%1, %8) {axes=(1, 2), keep_dims=True} @1 : int8[1,1,1,2] scale=0.5 zero_point=0 "m"',
    result="return %2",
)


def test_a_reduction_takes_a_row_at_a_time_and_writes_with_the_last() -> None:
    region = Region(MEAN.ops, reduced=frozenset({1}))
    schedule = Schedule((region,), {0: 1, 1: 1})
    tasks = tasks_of(MEAN, region, schedule.blocks, {t: t for t in MEAN.tensors})
    assert tasks[1].written == (*[0] * 8, 2)
    memory = region_memory(MEAN, schedule, region, frozenset({1}), frozenset({0}))
    assert memory.rings == {1: 1}


def test_without_the_reduction_the_whole_input_is_waited_for() -> None:
    region, schedule = whole_region(MEAN)
    memory = region_memory(MEAN, schedule, region, frozenset({1}), frozenset({0}))
    assert memory.rings == {1: 8}


def test_a_pushed_input_is_a_window_like_others() -> None:
    region = Region(TWO_CONVS.ops, stream=0)
    schedule = Schedule((region,), {0: 1, 1: 1})
    memory = region_memory(TWO_CONVS, schedule, region, frozenset({0, 1}), frozenset())
    assert memory.rings == {0: 3, 1: 3}
    assert memory.distances == {}
