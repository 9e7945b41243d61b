# SPDX-License-Identifier: Apache-2.0
"""Random networks under every kind of plan, run on the host: each byte of each layer is right.

The arena is filled with 0xA5 before each inference, so a plan that reads what was not written, or
what another buffer has overwritten, gives itself away. Of each network one plan is placed with
canaries around its buffers: bytes that belong to no buffer must be 0xA5 afterwards.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.buffers import build_problem, memory_plan
from netsuke.compiler.errors import InputError
from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.ir import Array, Graph
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.planning import Planned, Wishes, kernel_calls, place, plan
from netsuke.compiler.regions import Planner
from netsuke.compiler.schedule import Schedule, layer_by_layer, ops_in_order
from netsuke.memory_planner import solve
from tests.support.emulated_batch import emulated_mismatches
from tests.support.host_batch import Kernels, as_bytes, run_batch
from tests.support.layer_runner import SPARE_BYTES
from tests.support.random_networks import random_network

BATCH = 20
"""Networks in one program."""

VECTORS = 3
TIME_LIMIT_S = 0.3
CANARY_BYTES = 32
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


def with_canaries(planned: Planned, wishes: Wishes) -> tuple[Planned, Array]:
    """The plan with its buffers apart from each other, and the bytes that belong to none."""
    problem, memories = build_problem(
        planned.graph, planned.schedule, planned.calls, keep_input=wishes.keep_input
    )
    wider = tuple(
        dataclasses.replace(b, size_bytes=b.size_bytes + CANARY_BYTES) for b in problem.buffers
    )
    solution = solve(dataclasses.replace(problem, buffers=wider), time_limit_s=TIME_LIMIT_S)
    memory = memory_plan(planned.graph, planned.schedule, memories, solution)
    free = np.ones(memory.arena_bytes, bool)
    for buffer in problem.buffers:
        offset = solution.offsets[buffer.name][1]
        free[offset : offset + buffer.size_bytes] = False
    return dataclasses.replace(planned, memory=memory), free


def plans_of(graph: Graph, seed: int, isa: Isa) -> Iterator[tuple[Planned, Array | None]]:
    """The network layer by layer, as planned, and cut at random; its input resident or pushed.
    With a plan that has canaries come the bytes that nothing may write."""
    rng = np.random.default_rng(seed)
    budget = int(rng.choice([0, 0, 1000]))
    keep = Wishes(keep_input=bool(rng.random() < 0.3), time_limit_s=TIME_LIMIT_S)
    yield place(graph, layer_by_layer(graph), isa, keep), None
    yield plan(graph, isa, Wishes(False, keep.keep_input, budget, TIME_LIMIT_S)), None
    yield with_canaries(plan(graph, isa, keep), keep)
    wishes = Wishes(time_limit_s=TIME_LIMIT_S)
    yield place(graph, random_schedule(graph, rng, streamed=False), isa, wishes), None
    streamed = Wishes(streamed=True, time_limit_s=TIME_LIMIT_S)
    try:
        pushed = plan(graph, isa, streamed)
    except InputError:  # two inputs, or one that is reshaped first: test_regions
        return
    yield pushed, None
    yield with_canaries(pushed, streamed)
    ordered = pushed.graph  # in the file's order the first operator need not read rows
    yield place(ordered, random_schedule(ordered, rng, streamed=True), isa, streamed), None


def vectors_of(graph: Graph, seed: int) -> list[list[Array]]:
    rng = np.random.default_rng(seed)
    shapes = [graph.tensors[t].shape for t in graph.inputs]
    return [[rng.integers(-128, 128, s).astype(np.int8) for s in shapes] for _ in range(VECTORS)]


def assert_batch(
    first_seed: int, count: int, directory: Path, kernels: Kernels, isa: Isa = "portable"
) -> None:
    """Every byte of every layer and output equals numpy's; the arena is used to its last byte."""
    jobs = [
        (seed, planned, free)
        for seed in range(first_seed, first_seed + count)
        for planned, free in plans_of(random_network(seed), seed, isa)
    ]
    vectors = [vectors_of(planned.graph, seed) for seed, planned, _ in jobs]
    data = [[as_bytes(v) for v in each] for each in vectors]
    runs = run_batch([planned for _, planned, _ in jobs], data, directory, kernels)
    for (seed, planned, free), each, run in zip(jobs, vectors, runs, strict=True):
        where = f"seed {seed}, {len(planned.schedule.regions)} regions"
        for vector, output, layers in zip(each, run.outputs, run.layers, strict=True):
            assert_values(planned, vector, output, layers, where)
        if free is None:
            assert_watermark(planned, run.watermark_bytes, where)
        else:
            assert all((arena.view(np.uint8)[free] == 0xA5).all() for arena in run.arenas), where


def assert_values(
    planned: Planned, vector: list[Array], output: Array, layers: Mapping[int, Array], where: str
) -> None:
    graph, want = planned.graph, evaluate_all(planned.graph, vector)
    for i, op in enumerate(ops_in_order(planned.schedule)):
        expected = want[op.outputs[0]].tobytes()
        assert layers.get(i, NONE).tobytes() == expected, f"{where}, layer {i}"
    assert output.tobytes() == b"".join(want[t].tobytes() for t in graph.outputs), where


def assert_watermark(planned: Planned, watermark_bytes: int, where: str) -> None:
    """The planned peak is what is written, but for words of scratch that BATCH_MATMUL says it may
    leave alone."""
    solution, top = planned.memory.solution, planned.memory.arena_bytes
    spare = {
        f"scratch{r}": SPARE_BYTES
        for r, region in enumerate(planned.schedule.regions)
        if any(planned.calls[op.index].header == "batch_matmul_dsp" for op in region.ops)
    }
    ends = [
        solution.offsets[b.name][1] + b.size_bytes - spare.get(b.name, 0)
        for b in planned.problem.buffers
    ]
    assert max(ends, default=0) <= watermark_bytes <= top, where


@pytest.mark.parametrize("isa", ["portable", "dsp"])
@pytest.mark.parametrize("first_seed", range(0, 40, BATCH))
def test_random_plans(first_seed: int, isa: Isa, tmp_path: Path, kernels: Kernels) -> None:
    assert_batch(first_seed, BATCH, tmp_path, kernels, isa)


@pytest.mark.slow
@pytest.mark.parametrize("isa", ["portable", "dsp"])
@pytest.mark.parametrize("first_seed", range(1000, 2000, BATCH))
def test_thousand_random_plans(first_seed: int, isa: Isa, tmp_path: Path, kernels: Kernels) -> None:
    assert_batch(first_seed, BATCH, tmp_path, kernels, isa)


@pytest.mark.slow
@pytest.mark.parametrize("first_seed", [5000, 5020])
def test_random_plans_emulated(first_seed: int, tmp_path: Path) -> None:
    """Many plans in one firmware; it compares outputs with numpy's by itself."""
    jobs = []
    for seed in range(first_seed, first_seed + BATCH):
        for planned, _ in plans_of(random_network(seed), seed, "dsp"):
            (vector,) = vectors_of(planned.graph, seed)[:1]
            want = evaluate_all(planned.graph, vector)
            output = np.concatenate([want[t].ravel() for t in planned.graph.outputs])
            jobs.append((planned, as_bytes(vector), output))
    assert emulated_mismatches(jobs, tmp_path) == [0] * len(jobs)
