# SPDX-License-Identifier: Apache-2.0
"""Patches are found where a wide tensor between narrow ones decides the peak, and cost little."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from netsuke.compiler.budget import plan_within
from netsuke.compiler.cost import mac_overhead, macs
from netsuke.compiler.errors import AnswerNo
from netsuke.compiler.ir import DType, Graph, Op, QuantParams, Tensor, constant
from netsuke.compiler.ir_text import parse_graph
from netsuke.compiler.ops.conv_2d import Conv2DAttrs
from netsuke.compiler.ops.depthwise_conv_2d import DepthwiseConv2DAttrs
from netsuke.compiler.ops.transpose import TransposeAttrs
from netsuke.compiler.pareto import Point, pareto, plotted, undominated
from netsuke.compiler.patches import chains
from netsuke.compiler.planning import Planned, Wishes, patch_search, plan
from netsuke.compiler.verify import verify
from tests.support.random_networks import IMAGE
from tests.support.random_patches import patches_of

WISHES = Wishes(streamed=True, time_limit_s=0.3)
SIZE, NARROW, WIDE = 16, 2, 24


def _bottleneck(residuals: int = 1) -> Graph:
    """Expand, depthwise 3 x 3, project: 16 x 16 pixels of 2, 24 and 2 channels."""
    rng = np.random.default_rng(1)
    tensors: dict[int, Tensor] = {}
    ops: list[Op] = []

    def add(tensor: Tensor) -> int:
        tensors[len(tensors)] = tensor
        return len(tensors) - 1

    def image(channels: int) -> int:
        return add(Tensor(f"t{len(tensors)}", (1, SIZE, SIZE, channels), DType.INT8, IMAGE))

    def layer(attrs: Conv2DAttrs | DepthwiseConv2DAttrs, x: int, shape: tuple[int, ...]) -> int:
        axis = 0 if isinstance(attrs, Conv2DAttrs) else 3
        count = shape[axis]
        quant = QuantParams((0.0078125,) * count, (0,) * count, axis)
        w = add(constant("w", rng.integers(-127, 128, shape).astype(np.int8), quant))
        b = add(constant("b", rng.integers(-900, 900, count).astype(np.int32)))
        out = image(count)
        ops.append(Op(len(ops), attrs, (x, w, b), (out,)))
        return out

    first = x = image(NARROW)
    for _ in range(residuals):
        x = layer(Conv2DAttrs(), x, (WIDE, 1, 1, NARROW))
        x = layer(
            DepthwiseConv2DAttrs(pad_top=1, pad_bottom=1, pad_left=1, pad_right=1),
            x,
            (1, 3, 3, WIDE),
        )
        x = layer(Conv2DAttrs(), x, (NARROW, 1, 1, WIDE))
    graph = Graph("bottleneck", tensors, tuple(ops), (first,), (x,)).replace()
    verify(graph)
    return graph


BOTTLENECK = _bottleneck()


def _with_overhead(overhead: float | None, budget: int = 0) -> Planned:
    wishes = dataclasses.replace(WISHES, mac_overhead=overhead, ram_budget_bytes=budget)
    return plan_within(BOTTLENECK, "portable", wishes)


def test_chains_of_a_bottleneck() -> None:
    found = [tuple(op.index for op in chain) for chain in chains(BOTTLENECK)]
    assert found == [(0, 1), (1, 2), (0, 1, 2)]


def test_what_two_operators_read_is_no_part_of_a_chain() -> None:
    middle = BOTTLENECK.output(BOTTLENECK.ops[0])
    (t,) = (t for t, tensor in BOTTLENECK.tensors.items() if tensor is middle)
    seen = BOTTLENECK.replace(outputs=(t, *BOTTLENECK.outputs))
    assert [tuple(op.index for op in chain) for chain in chains(seen)] == [(1, 2)]


def _from_planes() -> Graph:
    """The bottleneck, whose image comes as a row of each plane at a time."""
    (pixels,), planes, order = BOTTLENECK.inputs, len(BOTTLENECK.tensors), np.array((0, 1, 3, 2))
    by_rows = Tensor("planes", (1, SIZE, NARROW, SIZE), DType.INT8, IMAGE)
    axes = constant("order", order.astype(np.int32))
    tensors = {**BOTTLENECK.tensors, planes: by_rows, planes + 1: axes}
    reader = Op(-1, TransposeAttrs((0, 1, 3, 2)), (planes, planes + 1), (pixels,))
    ops = [dataclasses.replace(op, index=i) for i, op in enumerate((reader, *BOTTLENECK.ops))]
    graph = Graph("planes", tensors, tuple(ops), (planes,), BOTTLENECK.outputs)
    verify(graph)
    return graph


def test_columns_of_pixels_are_no_columns_of_planes() -> None:
    """A tile of a planar row is a piece of each plane: not what kernels of tiles read."""
    found = [tuple(op.index for op in chain) for chain in chains(_from_planes())]
    assert found == [(1, 2), (2, 3), (1, 2, 3)]


def test_memory_falls_as_more_may_be_computed_again() -> None:
    arenas = []
    for overhead in (None, 1.0, 1.2, 1.5, 3.0):
        planned = _with_overhead(overhead)
        assert 1 <= mac_overhead(planned.graph) <= (overhead or 1)
        assert bool(patches_of(planned.graph)) == (overhead is not None)
        arenas.append(planned.memory.arena_bytes)
    assert arenas == sorted(arenas, reverse=True) and arenas[-1] < 0.6 * arenas[0]


def test_nothing_is_computed_again_for_a_budget_that_is_met_without() -> None:
    arena = plan(BOTTLENECK, "portable", WISHES).memory.arena_bytes
    assert not patches_of(_with_overhead(4.0, arena).graph)


def test_a_budget_costs_no_more_than_it_has_to() -> None:
    base = plan(BOTTLENECK, "portable", WISHES)
    some, more = (_with_overhead(4.0, int(base.memory.arena_bytes * f)) for f in (0.9, 0.65))
    assert patches_of(some.graph) and macs(base.graph) == macs(some.graph) < macs(more.graph)
    assert more.memory.arena_bytes <= 0.65 * base.memory.arena_bytes


def test_a_budget_that_nothing_meets_says_what_would_help() -> None:
    with pytest.raises(AnswerNo, match="try --mac-overhead"):
        _with_overhead(None, 200)
    with pytest.raises(AnswerNo) as error:
        _with_overhead(3.0, 200)
    assert "--mac-overhead" not in str(error.value)


def test_a_peak_that_cannot_be_reached_is_not() -> None:
    search = patch_search(plan(BOTTLENECK, "portable", WISHES), "portable", WISHES)
    assert search.within(100, 10**9) is None


def test_the_search_ends_at_peaks_of_few_bytes() -> None:
    """Where a step is less than one byte."""
    graph = parse_graph(
        """
        graph "g"
        %0 = input : int8[1,150] scale=0.5 zero_point=-9 "x"
        %1 = abs(%0) @0 : int8[1,150] scale=0.5 zero_point=-9 "y"
        return %1
        """
    )
    planned = plan(graph, "dsp", dataclasses.replace(WISHES, mac_overhead=1.3))
    assert planned.memory.arena_bytes < 200


def test_the_front_has_no_point_that_another_beats() -> None:
    points = pareto(_bottleneck(2), "portable", WISHES, lambda line: None)
    assert len(points) > 2 and points[0].mac_overhead == 1 and points[-1].patches
    for a, b in itertools.pairwise(points):
        assert a.arena_bytes > b.arena_bytes and a.macs < b.macs
    assert points[-1].arena_bytes < points[0].arena_bytes * 0.6
    picture = plotted("bottleneck", points)
    assert picture.count("<circle") == len(points) and f"{points[0].arena_bytes:,}" in picture


def test_beaten_points_are_dropped() -> None:
    points = [Point(a, m, m / 10, True, ()) for a, m in ((9, 10), (8, 12), (8, 11), (9, 13))]
    assert [(p.arena_bytes, p.macs) for p in undominated(points)] == [(9, 10), (8, 11)]
