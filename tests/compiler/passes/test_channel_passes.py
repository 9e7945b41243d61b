# SPDX-License-Identifier: Apache-2.0
"""The channel passes together: every byte of what is left is what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.compiler.frontend.load import load
from netsuke.compiler.ir import Graph
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.passes.drop_clamps import drop_clamps
from netsuke.compiler.passes.fold_constant_channels import fold_constant_channels
from netsuke.compiler.passes.merge_duplicates import merge_duplicates
from netsuke.compiler.passes.prune_channels import prune_channels
from netsuke.compiler.verify import verify
from tests.support.dead_work import dead_work
from tests.support.graphs import assert_same_layers, int8_inputs


def pruned(graph: Graph) -> Graph:
    for step in (fold_constant_channels, merge_duplicates, prune_channels, drop_clamps):
        graph = step(graph)
        verify(graph)
    return graph


def macs(graph: Graph) -> int:
    return sum(
        operator_of(op.attrs).macs(op.attrs, graph.input_tensors(op), graph.output(op))
        for op in graph.ops
    )


@pytest.mark.parametrize("seed", range(60))
def test_random_networks(seed: int) -> None:
    before = dead_work(seed)
    after = pruned(before)
    assert macs(after) <= macs(before)
    for inputs in int8_inputs(before, seed):
        assert_same_layers(before, after, inputs)


def test_random_networks_do_lose_work() -> None:
    before, after = zip(
        *((macs(g), macs(pruned(g))) for g in map(dead_work, range(60))), strict=True
    )
    assert sum(after) < 0.7 * sum(before)


def test_visual_wake_words(models_dir: Path) -> None:
    before, _ = load(models_dir / "vww_96_int8.tflite")
    after = pruned(before)
    assert macs(before) == 7_489_664
    assert macs(after) <= 0.51 * macs(before)
    constants = [
        sum(t.size_bytes for t in g.tensors.values() if t.data is not None) for g in (before, after)
    ]
    assert constants[1] <= 0.16 * constants[0]
    for inputs in int8_inputs(before):
        assert_same_layers(before, after, inputs)
