# SPDX-License-Identifier: Apache-2.0
"""Whole plans: calls with their last, shorter ones, addresses, budgets."""

from __future__ import annotations

import dataclasses

import pytest

from netsuke.compiler.budget import plan_within
from netsuke.compiler.errors import AnswerNo
from netsuke.compiler.planning import Wishes, place, plan
from netsuke.compiler.schedule import Region, Schedule
from netsuke.memory_planner import validate
from tests.compiler.test_timetable import RESIDUAL, TWO_CONVS
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
        "the peak, while 0 conv_2d runs: 0 conv_2d (64), input x, 3 of 8 rows (24))"
    )
