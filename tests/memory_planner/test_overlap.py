# SPDX-License-Identifier: Apache-2.0
"""Distances worked out by hand and against a simulation byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsuke.memory_planner import minimal_distance

ROW = 10


def test_elementwise_in_place() -> None:
    rows = [(t, ROW) for t in range(8)]
    assert minimal_distance(rows, rows, in_place=True) == 0
    assert minimal_distance(rows, rows) == ROW  # a row is written before the same row is dead


def test_convolution_keeps_the_rows_of_its_kernel() -> None:
    """3 x 3, stride 1, SAME, 8 rows: row t reads t - 1 .. t + 1, so t - 1 dies after it."""
    writes = [(t, ROW) for t in range(8)]
    frees = [(t, ROW) for t in range(1, 7)] + [(7, 2 * ROW)]
    assert minimal_distance(writes, frees) == 2 * ROW


def test_stride_two_falls_behind_its_input() -> None:
    """2 x 2 pooling, stride 2: an output row of half the bytes for every two input rows."""
    writes = [(t, ROW // 2) for t in range(4)]
    frees = [(t, 2 * ROW) for t in range(4)]
    assert minimal_distance(writes, frees) == ROW // 2


def test_output_that_waits_may_start_above_its_input() -> None:
    assert minimal_distance([(9, 4)], [(t, ROW) for t in range(8)]) == 4 - 8 * ROW


def test_wider_output_needs_the_difference() -> None:
    writes, frees = [(t, 30) for t in range(5)], [(t, 10) for t in range(5)]
    assert minimal_distance(writes, frees) == 5 * 30 - 4 * 10
    assert minimal_distance(writes, frees, in_place=True) == 5 * 30 - 5 * 10


def test_wrong_events_are_refused() -> None:
    with pytest.raises(ValueError, match="want a write"):
        minimal_distance([], [(0, 1)])
    with pytest.raises(ValueError, match="negative number of bytes"):
        minimal_distance([(0, 1)], [(0, -1)])


counts = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6)


@given(counts.filter(lambda steps: any(written for written, _ in steps)))
def test_simulated_byte_by_byte(steps: list[tuple[int, int]]) -> None:
    """The least distance from which on no write ever hits a byte that is still to be read."""
    dies = [t for t, (_, freed) in enumerate(steps) for _ in range(freed)]
    dies += [len(steps)] * 30  # the rest of the input outlives the output

    def harmless(distance: int) -> bool:
        address = -distance
        for t, (written, _) in enumerate(steps):
            for byte in range(address, address + written):
                if 0 <= byte < len(dies) and dies[byte] >= t:
                    return False
            address += written
        return True

    least = 20
    while harmless(least - 1) and least > -20:
        least -= 1
    writes = [(t, written) for t, (written, _) in enumerate(steps)]
    frees = [(t, freed) for t, (_, freed) in enumerate(steps)]
    assert minimal_distance(writes, frees) == least


@given(st.integers(1, 4), st.integers(1, 4), st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_in_place_is_safe_element_by_element(read: int, wrote: int, steps: list[int]) -> None:
    """Each element of `read` bytes is read, then its `wrote` bytes are written."""
    elements = sum(steps)
    needed = max((e + 1) * wrote - (e + 1) * read for e in range(elements))
    distance = minimal_distance(
        [(t, n * wrote) for t, n in enumerate(steps)],
        [(t, n * read) for t, n in enumerate(steps)],
        in_place=True,
    )
    assert distance >= needed
    if wrote >= read:
        assert distance == needed
