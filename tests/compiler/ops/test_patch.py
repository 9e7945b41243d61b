# SPDX-License-Identifier: Apache-2.0
"""PATCH: what each tile computes, how often, and what of it is alive, counted independently."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from netsuke.compiler.cost import macs, once_macs, op_macs
from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.ir import Array, Graph, Op
from netsuke.compiler.ops.base import Rows
from netsuke.compiler.ops.patch import (
    PatchAttrs,
    Piece,
    layout,
    row_access,
    tiles_of,
    whole_members,
)
from netsuke.compiler.ops.registry import accesses, operator_of
from tests.support.random_networks import random_network
from tests.support.random_patches import patched_network, patches_of

SEEDS = range(42)


def _patched() -> Iterator[tuple[int, Graph, Op, PatchAttrs]]:
    for seed in SEEDS:
        graph = patched_network(seed)
        for op, attrs in patches_of(graph) if graph else ():
            yield seed, graph, op, attrs


PATCHED = list(_patched())


def _input(graph: Graph, op: Op, seed: int) -> Array:
    x = graph.input_tensors(op)[0]
    assert x is not None
    return np.random.default_rng(seed).integers(-128, 128, x.shape).astype(np.int8)


def _run(piece: Piece, value: Array) -> Array:
    rest = [None if t is None else t.data for t in piece.inputs[1:]]
    operator = operator_of(piece.attrs)
    return operator.evaluate(piece.attrs, piece.inputs, (value, *rest), piece.out)


def test_there_are_patches_of_every_kind() -> None:
    assert len(PATCHED) > 30
    assert {len(attrs.members) for *_, attrs in PATCHED} == {2, 3, 4}
    tiles = [len(tiles_of(a, g.input_tensors(op), g.output(op))) for _, g, op, a in PATCHED]
    assert max(tiles) > 3


def test_tiles_side_by_side_are_the_output() -> None:
    for seed, graph, op, attrs in PATCHED:
        inputs, out, x = graph.input_tensors(op), graph.output(op), _input(graph, op, seed)
        made = []
        for tile in tiles_of(attrs, inputs, out):
            source = tile[0].inputs[0]
            assert source is not None
            value = x[:, :, tile[0].start : tile[0].start + source.shape[2]]
            for before, after in itertools.pairwise(tile):
                value = _run(before, value)
                reads = after.inputs[0]
                assert reads is not None and value.shape == reads.shape, "all that is made is read"
            made.append(_run(tile[-1], value))
        whole = x
        for piece in whole_members(attrs, inputs):
            whole = _run(piece, whole)
        np.testing.assert_array_equal(np.concatenate(made, axis=2), whole, err_msg=f"seed {seed}")


def _rows_of_block(
    accesses: Sequence[Rows], heights: Sequence[int], first: int, end: int
) -> tuple[list[int], list[int]]:
    """Runs a block of a tile as generated C does: rows computed, and most rows alive, by member."""
    last = len(heights) - 1
    next_row = [first] * (last + 1)
    for i in range(last - 1, -1, -1):
        next_row[i] = max(0, accesses[i + 1].span(next_row[i + 1])[0])
    counts, alive = [0] * (last + 1), [0] * (last + 1)

    def ready(i: int) -> bool:
        rows = [r for r in accesses[i].span(next_row[i]) if 0 <= r < heights[i - 1]]
        return all(r < next_row[i - 1] for r in rows)

    while next_row[last] < end:
        i = next((i for i in range(last, 0, -1) if ready(i)), 0)
        assert next_row[i] < heights[i], "no row is computed that does not exist"
        next_row[i] += 1
        counts[i] += 1
        if i < last:
            alive[i] = max(alive[i], next_row[i] - max(0, accesses[i + 1].span(next_row[i + 1])[0]))
    return counts, alive


def test_rows_are_counted_and_rings_hold_them() -> None:
    for seed, graph, op, attrs in PATCHED:
        inputs, out = graph.input_tensors(op), graph.output(op)
        tiles = tiles_of(attrs, inputs, out)
        reads = [row_access(piece) for piece in tiles[0]]
        heights = [piece.out.shape[1] for piece in tiles[0]]
        total = 0
        for first in range(0, out.shape[1], attrs.rows):
            end = min(first + attrs.rows, out.shape[1])
            counts, alive = _rows_of_block(reads, heights, first, end)
            rings = layout(tiles).rings
            assert all(a <= r for a, r in zip(alive, rings, strict=False)), f"seed {seed}"
            for tile in tiles:
                for piece, count in zip(tile, counts, strict=True):
                    each = operator_of(piece.attrs).macs(piece.attrs, piece.inputs, piece.out)
                    assert each % piece.out.shape[1] == 0
                    total += each // piece.out.shape[1] * count
        assert op_macs(graph, op) == total, f"seed {seed}"


def test_access_covers_what_a_row_depends_on() -> None:
    """One changed input row changes output rows only where the access pattern says so."""
    for seed, graph, op, attrs in PATCHED[:20]:
        x, out = _input(graph, op, seed), graph.output(op)
        ((_, access),) = accesses(graph, op)
        assert isinstance(access, Rows)
        members = list(whole_members(attrs, graph.input_tensors(op)))
        for row in {0, x.shape[1] // 2, x.shape[1] - 1}:
            other = x.copy()
            other[:, row] = ~other[:, row]
            before, after = x, other
            for piece in members:
                before, after = _run(piece, before), _run(piece, after)
            changed = np.flatnonzero((before != after).any(axis=(0, 2, 3)))
            assert all(row in access.span(int(r)) for r in changed)
        assert out.shape[1] == before.shape[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_patched_graph_computes_the_same(seed: int) -> None:
    graph, plain = patched_network(seed), random_network(seed)
    if graph is None:
        return
    rng = np.random.default_rng(seed)
    given = [rng.integers(-128, 128, graph.tensors[t].shape).astype(np.int8) for t in graph.inputs]
    want, got = evaluate_all(plain, given), evaluate_all(graph, given)
    for op in graph.ops:
        np.testing.assert_array_equal(got[op.outputs[0]], want[op.outputs[0]])
    assert once_macs(graph) == macs(plain)
