# SPDX-License-Identifier: Apache-2.0
"""Random layers of sums of products: portable and DSP kernels equal tflite-micro, also emulated.

The layers are drawn from fixed seeds, so a failure names one that can be looked at alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.codegen.c_model import Optimize
from netsuke.compiler.boards import Place, validate
from netsuke.compiler.driver import Options
from netsuke.compiler.ops.base import Isa
from netsuke.targets.target import find_target
from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, model_of
from tests.support.product_cases import random_case


def layers(seeds: range) -> dict[str, Case]:
    """Random layers by seed."""
    return {str(seed): random_case(np.random.default_rng(seed)) for seed in seeds}


@pytest.mark.parametrize("seed", range(1000, 1060))
def test_numpy_equals_oracle(seed: int) -> None:
    equals_oracle(random_case(np.random.default_rng(seed)), count=1)


@pytest.mark.parametrize("isa", ["portable", "dsp"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(layers(range(2000, 2050)), tmp_path, isa)


@pytest.mark.slow
@pytest.mark.parametrize("isa", ["portable", "dsp"])
@pytest.mark.parametrize("start", range(3000, 5000, 100))
def test_many_layers_equal_oracle(start: int, isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(layers(range(start, start + 100)), tmp_path, isa)


def emulated(seeds: range, directory: Path, optimize: Optimize) -> int:
    """How many bytes an emulated Cortex-M4 computes otherwise than tflite-micro."""
    path = directory / "layers.tflite"
    path.write_bytes(model_of(layers(seeds)))
    place = Place(find_target("mps2-an386"), None)
    found = validate(path, place, Options(optimize), lambda _: None, count=2, seed=5, layers=False)
    return int(found["bytes_mismatched"])


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_emulated_equals_oracle(optimize: Optimize, tmp_path: Path) -> None:
    assert emulated(range(6000, 6040), tmp_path, optimize) == 0


@pytest.mark.slow
@pytest.mark.parametrize("start", range(7000, 9000, 100))
def test_many_emulated_layers_equal_oracle(start: int, tmp_path: Path) -> None:
    optimize: Optimize = "size" if start % 200 else "speed"
    assert emulated(range(start, start + 100), tmp_path, optimize) == 0
