# SPDX-License-Identifier: Apache-2.0
"""Whole plans: calls with their last, shorter ones, addresses, budgets."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.budget import plan_within
from netsuke.compiler.errors import AnswerNo
from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.ir import DType, Graph, Op, QuantParams, Tensor, constant
from netsuke.compiler.ops.conv_2d import Conv2DAttrs
from netsuke.compiler.ops.fully_connected import FullyConnectedAttrs
from netsuke.compiler.planning import Wishes, place, plan
from netsuke.compiler.schedule import Region, Schedule
from netsuke.memory_planner import validate
from tests.compiler.test_timetable import RESIDUAL, TWO_CONVS
from tests.support.host import build_host
from tests.support.random_networks import random_network

WISHES = Wishes(time_limit_s=0.3)


def test_tails_are_the_rows_that_a_block_leaves() -> None:
    schedule = Schedule((Region(RESIDUAL.ops),), {0: 1, 1: 1, 2: 1, 3: 3})
    planned = place(RESIDUAL, schedule, "portable", WISHES)
    assert list(planned.tails) == [3]
    even = dataclasses.replace(schedule, blocks={0: 1, 1: 1, 2: 1, 3: 4})
    assert not place(RESIDUAL, even, "portable", WISHES).tails


def test_the_arena_ends_where_its_last_buffer_ends() -> None:
    for seed in range(10):
        planned = plan(random_network(seed), "portable", WISHES)
        offsets = planned.memory.solution.offsets
        ends = [offsets[b.name][1] + b.size_bytes for b in planned.problem.buffers]
        assert planned.memory.arena_bytes == max(ends)
        assert validate(planned.problem, planned.memory.solution) == []


def test_equal_graphs_have_equal_plans() -> None:
    first, second = (plan(random_network(5), "portable", WISHES) for _ in range(2))
    assert first.memory == second.memory and first.schedule == second.schedule


def test_wishes_cost_what_they_cost() -> None:
    sizes = {
        name: plan(TWO_CONVS, "portable", wishes).memory.arena_bytes
        for name, wishes in {
            "resident": WISHES,
            "streamed": dataclasses.replace(WISHES, streamed=True),
            "kept": dataclasses.replace(WISHES, keep_input=True),
        }.items()
    }
    # Each image of 64 bytes starts two rows of 8 before the one it overwrites; three rows of the
    # pushed input are a ring.
    assert sizes == {"resident": 64 + 2 * 16, "streamed": 64 + 24, "kept": 64 + 64 + 16}


def test_a_budget_that_is_enough_is_kept() -> None:
    for budget in (96, 100, 200, 1000):
        wishes = dataclasses.replace(WISHES, ram_budget_bytes=budget)
        assert plan_within(TWO_CONVS, "portable", wishes).memory.arena_bytes <= budget


def test_a_budget_that_is_too_small_is_answered_with_what_fills_the_arena() -> None:
    wishes = dataclasses.replace(WISHES, streamed=True, ram_budget_bytes=80)
    with pytest.raises(AnswerNo) as caught:
        plan_within(TWO_CONVS, "portable", wishes)
    assert caught.value.exit_status == 1
    assert str(caught.value) == (
        "g: --ram-budget: got 88 bytes as the smallest arena, want at most 80 (hint: alive at "
        "the peak, while 0 conv_2d runs: 0 conv_2d (64), input x, 3 of 8 rows (24); try "
        "--mac-overhead 1.3)"
    )


def test_a_last_block_of_one_row_may_take_another_kernel(tmp_path: Path) -> None:
    """Seventeen tokens in blocks of sixteen: the last is a single vector, which has a kernel, a
    struct and scratch of its own."""
    rng = np.random.default_rng(3)
    quant = QuantParams((0.5,), (3,))
    weights = rng.integers(-127, 128, (12, 20)).astype(np.int8)
    graph = Graph(
        "net",
        {
            0: Tensor("x", (1, 17, 20), DType.INT8, quant),
            1: constant("w", weights, QuantParams((0.01,), (0,))),
            2: Tensor("y", (1, 17, 12), DType.INT8, quant),
        },
        (Op(0, FullyConnectedAttrs(True, 0), (0, 1, None), (2,)),),
        (0,),
        (2,),
    )
    planned = place(graph, Schedule((Region(graph.ops),), {0: 16}), "dsp", WISHES)
    assert planned.tails[0].struct != planned.calls[0].struct
    x = rng.integers(-128, 128, (1, 17, 20)).astype(np.int8)
    run = build_host(graph, tmp_path, isa="dsp", planned=planned).run([x])
    (expected,) = evaluate(graph, [x])
    assert run.outputs[0].tobytes() == expected.tobytes()


def test_a_budget_that_only_leaner_kernels_fit_is_kept() -> None:
    """A patch embedding: the scratch of its kernel is all that is left to save."""
    rng = np.random.default_rng(4)
    quant = QuantParams((0.5,), (3,))
    weights = rng.integers(-127, 128, (8, 16, 16, 3)).astype(np.int8)
    graph = Graph(
        "net",
        {
            0: Tensor("x", (1, 48, 48, 3), DType.INT8, quant),
            1: constant("w", weights, QuantParams((1 / 128,), (0,))),
            2: Tensor("y", (1, 3, 3, 8), DType.INT8, quant),
        },
        (Op(0, Conv2DAttrs(16, 16), (0, 1, None), (2,)),),
        (0,),
        (2,),
    )
    smallest = plan(graph, "dsp", dataclasses.replace(WISHES, lean=True)).memory.arena_bytes
    assert smallest < plan(graph, "dsp", WISHES).memory.arena_bytes
    tight = dataclasses.replace(WISHES, ram_budget_bytes=smallest)
    assert plan_within(graph, "dsp", tight).memory.arena_bytes == smallest
