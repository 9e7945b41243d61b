# SPDX-License-Identifier: Apache-2.0
"""Random networks with random patches, run on the host: each byte of each layer is right.

As in test_random_plans, the arena is filled with 0xA5 before each inference and must be used to its
last byte; the plans are the planner's, layer by layer, and cut at random.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.errors import InputError
from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.ir import Graph
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.planning import Planned, Wishes, place, plan
from netsuke.compiler.schedule import layer_by_layer, ops_in_order
from tests.compiler.test_random_plans import NONE, random_schedule, vectors_of
from tests.support.host import build_host
from tests.support.host_batch import Kernels, as_bytes, run_batch
from tests.support.random_patches import patched_network

BATCH = 20
WISHES = Wishes(time_limit_s=0.3)
ISAS: tuple[Isa, ...] = ("portable", "dsp")


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return Kernels(tmp_path_factory.mktemp("kernels"))


def _plans(graph: Graph, seed: int) -> Iterator[Planned]:
    rng, isa = np.random.default_rng(seed), ISAS[seed % 2]
    kinds = rng.permutation(4)[:2]
    if 0 in kinds:
        yield place(graph, layer_by_layer(graph), isa, WISHES)
    if 1 in kinds:
        yield plan(graph, isa, WISHES)
    try:
        if 2 in kinds:
            yield plan(graph, isa, Wishes(streamed=True, time_limit_s=WISHES.time_limit_s))
    except InputError:  # two inputs, or one that is reshaped first: test_regions
        return
    if 3 in kinds:
        yield place(graph, random_schedule(graph, rng, streamed=False), isa, WISHES)


def _assert_batch(first_seed: int, directory: Path, kernels: Kernels) -> None:
    networks = {seed: patched_network(seed) for seed in range(first_seed, first_seed + BATCH)}
    jobs = [(s, p) for s, graph in networks.items() if graph for p in _plans(graph, s)]
    vectors = [vectors_of(planned.graph, seed) for seed, planned in jobs]
    data = [[as_bytes(v) for v in each] for each in vectors]
    runs = run_batch([planned for _, planned in jobs], data, directory, kernels)
    for (seed, planned), each, run in zip(jobs, vectors, runs, strict=True):
        graph = planned.graph
        for vector, output, layers in zip(each, run.outputs, run.layers, strict=True):
            want = evaluate_all(graph, vector)
            for i, op in enumerate(ops_in_order(planned.schedule)):
                got = layers.get(i, NONE).tobytes()
                assert got == want[op.outputs[0]].tobytes(), f"seed {seed}, layer {i}"
            expected = b"".join(want[t].tobytes() for t in graph.outputs)
            assert output.tobytes() == expected, f"seed {seed}, output"
        assert run.watermark_bytes == planned.memory.arena_bytes, f"seed {seed}"


@pytest.mark.parametrize("first_seed", range(0, 40, BATCH))
def test_random_patches(first_seed: int, tmp_path: Path, kernels: Kernels) -> None:
    _assert_batch(first_seed, tmp_path, kernels)


@pytest.mark.slow
@pytest.mark.parametrize("first_seed", range(5000, 6000, BATCH))
def test_thousand_random_patches(first_seed: int, tmp_path: Path, kernels: Kernels) -> None:
    _assert_batch(first_seed, tmp_path, kernels)


@pytest.mark.parametrize("seed", [1, 2])
def test_built_for_speed_by_clang(seed: int, tmp_path: Path) -> None:
    graph = patched_network(seed)
    assert graph is not None
    built = build_host(
        graph, tmp_path, isa=ISAS[seed % 2], optimize="speed", observed=False, compiler="clang"
    )
    vectors = vectors_of(graph, seed)
    for vector, output in zip(
        vectors, built.run([as_bytes(v) for v in vectors]).outputs, strict=True
    ):
        want = evaluate_all(graph, vector)
        assert output.tobytes() == b"".join(want[t].tobytes() for t in graph.outputs)
