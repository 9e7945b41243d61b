# SPDX-License-Identifier: Apache-2.0
"""Arenas in several memories: what lies where, the generated C, and what a target offers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from netsuke.codegen.lower import Origin, lower
from netsuke.codegen.render import render
from netsuke.compiler.boards import Place, validate
from netsuke.compiler.driver import Options, compile_graph
from netsuke.compiler.errors import InputError
from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.planning import Wishes, plan
from netsuke.memory_planner import Memory
from netsuke.targets.device import Memory as TargetMemory
from netsuke.targets.target import emulated, find_target
from tests.compiler.test_random_plans import vectors_of
from tests.compiler.test_timetable import TWO_CONVS
from tests.support.host_batch import Kernels, as_bytes, run_batch
from tests.support.random_networks import random_network

MODEL = Path(__file__).parents[2] / "firmware_examples/fashion_mnist/fashion_mnist.tflite"


def quiet(_: str) -> None:
    """No progress."""


def test_each_memory_is_an_argument_and_a_size() -> None:
    planned = plan(TWO_CONVS, "portable", Wishes(memories=(Memory("CCM", 80, 0),)))
    sizes = dict(planned.memory.memories)
    assert set(sizes) == {"ram", "CCM"} and 0 < sizes["CCM"] <= 80
    assert planned.memory.arena_bytes == sum(sizes.values())
    files = render(lower(planned, Origin("net", "00" * 32, frozenset()), "size", observed=False))
    assert f"#define NET_ARENA_BYTES {sizes['ram']} " in files["net.h"]
    assert f"#define NET_CCM_BYTES {sizes['CCM']} " in files["net.h"]
    assert "void net_init(net *model, void *arena, void *ccm);" in files["net.h"]
    assert 'section(".nk_ram_ccm")' in files["net_glue.c"]


def test_one_memory_is_one_pointer() -> None:
    files = render(
        lower(
            plan(TWO_CONVS, "portable"),
            Origin("net", "00" * 32, frozenset()),
            "size",
            observed=False,
        )
    )
    assert "void net_init(net *model, void *arena);" in files["net.h"]
    assert "    uint8_t *arena;" in files["net.h"]


def test_networks_in_two_memories_compute_the_same(tmp_path: Path) -> None:
    jobs = []
    for seed in range(5):
        graph = random_network(seed)
        whole = plan(graph, "portable").memory.arena_bytes
        hot = (Memory("CCM", whole // 2, 0), Memory("sram2", whole // 8, 1))
        jobs.append((seed, plan(graph, "portable", Wishes(memories=hot))))
    assert min(len(planned.memory.memories) for _, planned in jobs) >= 2
    vectors = [vectors_of(planned.graph, seed) for seed, planned in jobs]
    data = [[as_bytes(v) for v in each] for each in vectors]
    runs = run_batch([p for _, p in jobs], data, tmp_path, Kernels(tmp_path))
    for (seed, planned), each, run in zip(jobs, vectors, runs, strict=True):
        for vector, output in zip(each, run.outputs, strict=True):
            want = evaluate_all(planned.graph, vector)
            expected = np.concatenate([want[t].ravel() for t in planned.graph.outputs])
            assert output.tobytes() == expected.tobytes(), seed


def test_an_unknown_memory_is_refused_with_those_that_there_are() -> None:
    options = Options(place=("dtcm",))
    with pytest.raises(InputError) as caught:
        compile_graph(MODEL, find_target("stm32f405rg"), options, quiet)
    assert str(caught.value) == (
        "--place dtcm: got no such memory, want ccm (hint: see netsuke targets)"
    )


def test_an_arena_too_large_for_one_ram_is_spread() -> None:
    target = find_target("stm32f405rg")
    assert [m.name for m in target.more_ram] == ["CCM"]
    assert target.ram is not None
    one = compile_graph(MODEL, target, Options(), quiet).planned.memory
    assert one.memories == (("ram", one.arena_bytes),)
    tight = dataclasses.replace(target, ram=dataclasses.replace(target.ram, size_bytes=10_000))
    tight = dataclasses.replace(
        tight, memories=(*tight.memories, TargetMemory("OTHER", "flash", 0, 1))
    )
    spread = dict(compile_graph(MODEL, tight, Options(), quiet).planned.memory.memories)
    assert spread["CCM"] > 0


def test_a_stand_in_has_the_memories_of_its_part() -> None:
    part = find_target("stm32f405rg")
    machine = emulated(part)
    assert [(m.name, m.size_bytes) for m in machine.more_ram] == [("CCM", 65536)]
    assert machine.ram is not None and machine.more_ram[0].start > machine.ram.end


@pytest.mark.parametrize("mode", ["resident", "streamed"])
def test_two_memories_in_the_emulator(mode: str) -> None:
    part = dataclasses.replace(
        find_target("stm32f303re"),
        memories=tuple(
            dataclasses.replace(m, size_bytes=4096) if m.name == "CCM" else m
            for m in find_target("stm32f303re").memories
        ),
    )
    options = Options(wishes=Wishes(streamed=mode == "streamed"), place=("ccm",))
    planned = compile_graph(MODEL, part, options, quiet).planned
    assert len(planned.memory.memories) == 2
    found = validate(MODEL, Place(part, None), options, quiet, count=1, seed=1, layers=False)
    assert found["bytes_mismatched"] == 0
