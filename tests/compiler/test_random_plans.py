# SPDX-License-Identifier: Apache-2.0
"""Random networks under every kind of plan, run on the host: each byte of each layer is right.

The arena is filled with 0xA5 before each inference, so a plan that reads what was not written, or
what another buffer has overwritten, gives itself away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.errors import InputError
from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.ir import Array, Graph
from netsuke.compiler.planning import Planned, Wishes, kernel_calls, place, plan
from netsuke.compiler.regions import Planner
from netsuke.compiler.schedule import Schedule, layer_by_layer, ops_in_order
from tests.support.host_batch import Kernels, as_bytes, run_batch
from tests.support.random_networks import random_network

BATCH = 20
"""Networks in one program."""

VECTORS = 3
TIME_LIMIT_S = 0.3
NONE = np.zeros(0, np.int8)
PIXELS = (1, 2, 4, 8, 16)


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return Kernels(tmp_path_factory.mktemp("kernels"))


def random_schedule(graph: Graph, rng: np.random.Generator, *, streamed: bool) -> Schedule:
    """Any cuts into regions, with blocks of any size: what a planner may choose, and more."""
    planner = Planner(
        graph, kernel_calls(graph, layer_by_layer(graph), "portable"), streamed, keep_input=False
    )
    segments, first = [], 0
    while first < len(planner.ops):
        ends = np.arange(first + 1, len(planner.ops) + 1)
        tries = (
            planner.segment(first, int(e), int(rng.choice(PIXELS))) for e in rng.permutation(ends)
        )
        segments.append(next(s for s in tries if s is not None))
        first += len(segments[-1].region.ops)
    blocks = {index: block for s in segments for index, block in s.blocks.items()}
    return Schedule(tuple(s.region for s in segments), blocks)


def plans_of(graph: Graph, seed: int) -> Iterator[Planned]:
    """The network layer by layer, as planned, and cut at random; its input resident or pushed."""
    rng = np.random.default_rng(seed)
    budget = int(rng.choice([0, 0, 1000]))
    keep = Wishes(keep_input=bool(rng.random() < 0.3), time_limit_s=TIME_LIMIT_S)
    yield place(graph, layer_by_layer(graph), "portable", keep)
    yield plan(graph, "portable", Wishes(False, keep.keep_input, budget, TIME_LIMIT_S))
    wishes = Wishes(time_limit_s=TIME_LIMIT_S)
    yield place(graph, random_schedule(graph, rng, streamed=False), "portable", wishes)
    streamed = Wishes(streamed=True, time_limit_s=TIME_LIMIT_S)
    try:
        pushed = plan(graph, "portable", streamed)
    except InputError:  # two inputs, or one that is reshaped first: test_regions
        return
    yield pushed
    yield place(graph, random_schedule(graph, rng, streamed=True), "portable", streamed)


def vectors_of(graph: Graph, seed: int) -> list[list[Array]]:
    rng = np.random.default_rng(seed)
    shapes = [graph.tensors[t].shape for t in graph.inputs]
    return [[rng.integers(-128, 128, s).astype(np.int8) for s in shapes] for _ in range(VECTORS)]


def assert_batch(first_seed: int, count: int, directory: Path, kernels: Kernels) -> None:
    """Every byte of every layer and output equals numpy's; the arena is used to its last byte."""
    jobs = [
        (seed, planned)
        for seed in range(first_seed, first_seed + count)
        for planned in plans_of(random_network(seed), seed)
    ]
    vectors = [vectors_of(planned.graph, seed) for seed, planned in jobs]
    data = [[as_bytes(v) for v in each] for each in vectors]
    runs = run_batch([planned for _, planned in jobs], data, directory, kernels)
    for (seed, planned), each, run in zip(jobs, vectors, runs, strict=True):
        where = f"seed {seed}, {len(planned.schedule.regions)} regions"
        graph = planned.graph
        for vector, output, layers in zip(each, run.outputs, run.layers, strict=True):
            want = evaluate_all(graph, vector)
            for i, op in enumerate(ops_in_order(planned.schedule)):
                assert layers.get(i, NONE).tobytes() == want[op.outputs[0]].tobytes(), (
                    f"{where}, layer {i}"
                )
            expected = b"".join(want[t].tobytes() for t in graph.outputs)
            assert output.tobytes() == expected, f"{where}, output"
        assert run.watermark_bytes == planned.memory.arena_bytes, where


@pytest.mark.parametrize("first_seed", range(0, 40, BATCH))
def test_random_plans(first_seed: int, tmp_path: Path, kernels: Kernels) -> None:
    assert_batch(first_seed, BATCH, tmp_path, kernels)


@pytest.mark.slow
@pytest.mark.parametrize("first_seed", range(1000, 2000, BATCH))
def test_thousand_random_plans(first_seed: int, tmp_path: Path, kernels: Kernels) -> None:
    assert_batch(first_seed, BATCH, tmp_path, kernels)
