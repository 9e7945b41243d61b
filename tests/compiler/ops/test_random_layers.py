# SPDX-License-Identifier: Apache-2.0
"""Random layers of every operator: numpy, portable and DSP kernels equal the oracle.

Kernels run on the host under the address and undefined-behaviour sanitizers, as each compiler
builds them at each level, and in an emulated Cortex-M4. NETSUKE_LAYERS sets how many layers the
slow test draws.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from netsuke.codegen.c_model import Optimize
from netsuke.compiler.errors import InputError
from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.frontend.reader import read_model
from netsuke.compiler.ops.registry import by_builtin
from netsuke.compiler.oracle import Oracle
from tests.support.emulated import emulated_mismatches
from tests.support.host_batch import Kernels
from tests.support.layer_runner import ISAS, Run, mismatches, runs_of
from tests.support.op_cases import Case, model_of
from tests.support.random_layers import DRAWS, SUMS_OF_PRODUCTS, random_inputs, random_layer

CHUNK = 1000
CHUNKS = range(-(-int(os.environ.get("NETSUKE_LAYERS", "100000")) // CHUNK))
VECTORS = 2

WITHOUT_KERNEL = {"DEQUANTIZE", "EXPAND_DIMS", "RESHAPE", "SQUARE", "SQUEEZE"}
"""Float32, which passes take away, and views."""


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return Kernels(tmp_path_factory.mktemp("kernels"))


def accepted(first_seed: int, count: int) -> dict[int, tuple[Case, bytes]]:
    """The first `count` layers from a seed on that keep the constraints of their operators."""
    found: dict[int, tuple[Case, bytes]] = {}
    seed = first_seed
    while len(found) < count:
        case = random_layer(seed)
        model = model_of({str(seed): case})
        try:
            read_model(model, "net")
            found[seed] = case, model
        except InputError:
            pass
        seed += 1
    return found


def runs_of_layer(seed: int, case: Case, model: bytes) -> list[Run]:
    """All ways to compute a layer, from the oracle's values, which numpy's are compared with."""
    graph, oracle = read_model(model, str(seed)), Oracle(model)
    runs: list[Run] = []
    for inputs in random_inputs(case, seed, VECTORS):
        values = evaluate_all(graph, inputs)
        for got, want in zip((values[t] for t in graph.outputs), oracle.run(inputs), strict=True):
            np.testing.assert_array_equal(got, want, err_msg=f"seed {seed}: numpy")
        runs += runs_of(graph, values, np.random.default_rng(seed), ISAS)
    return runs


def wrong(first_seed: int, count: int, directory: Path, kernels: Kernels) -> list[str]:
    """The runs of which a byte differs, among all of `count` layers."""
    layers = accepted(first_seed, count).items()
    runs = [run for seed, (case, model) in layers for run in runs_of_layer(seed, case, model)]
    return mismatches(runs, directory, kernels)


def test_every_operator_is_drawn() -> None:
    assert {*DRAWS, *SUMS_OF_PRODUCTS, *WITHOUT_KERNEL} == set(by_builtin())


@pytest.mark.parametrize("level", ["-O2", "-Os"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_kernels_equal_oracle(compiler: str, level: str, tmp_path: Path) -> None:
    seed = 200 * ["gcc-O2", "gcc-Os", "clang-O2", "clang-Os"].index(compiler + level)
    assert not wrong(seed, 150, tmp_path, Kernels(tmp_path, compiler, level))


@pytest.mark.slow
@pytest.mark.parametrize("chunk", CHUNKS)
def test_many_layers_equal_oracle(chunk: int, tmp_path: Path, kernels: Kernels) -> None:
    assert not wrong(1_000_000 + 2 * CHUNK * chunk, CHUNK, tmp_path, kernels)


def emulated(first_seed: int, count: int, directory: Path, optimize: Optimize) -> int:
    """How many bytes an emulated Cortex-M4 computes otherwise than the oracle.

    GELU is left to the host: the oracle cuts models at each one.
    """
    layers = accepted(first_seed, count).items()
    cases = {str(seed): case for seed, (case, _) in layers if case.builtin != "GELU"}
    return emulated_mismatches(cases, directory, optimize)


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_emulated_equals_oracle(optimize: Optimize, tmp_path: Path) -> None:
    assert emulated(6000, 40, tmp_path, optimize) == 0


@pytest.mark.slow
@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize("chunk", range(15))
def test_many_emulated_layers_equal_oracle(chunk: int, optimize: Optimize, tmp_path: Path) -> None:
    seed = 2_000_000 + 400 * chunk + (200 if optimize == "size" else 0)
    assert emulated(seed, 100, tmp_path, optimize) == 0
