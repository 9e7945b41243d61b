# SPDX-License-Identifier: Apache-2.0
"""Random layers of transformers: portable and DSP kernels equal tflite-micro, also emulated.

The layers are drawn from fixed seeds, so a failure names one that can be looked at alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.boards import Place, validate
from netsuke.compiler.driver import Options
from netsuke.compiler.ops.base import Isa
from netsuke.targets.target import find_target
from tests.support.op_cases import Case, c_equals_oracle, model_of, t
from tests.support.tflite_builder import TensorSpec

Shape = tuple[int, ...]


def tensor(rng: np.random.Generator, shape: Shape, scale: float = 0.0) -> TensorSpec:
    """A tensor of random quantization; `scale` is about its scale, if given."""
    about = scale * rng.uniform(0.5, 2.0) if scale else 10.0 ** rng.uniform(-2.5, 0.0)
    return t(shape, about, int(rng.integers(-128, 128)))


def spread(x: TensorSpec, y: TensorSpec) -> float:
    """The product of both scales."""
    assert x.scale is not None and y.scale is not None
    return float(x.scale) * float(y.scale)


def product(rng: np.random.Generator) -> Case:
    batch, n, m, depth = (int(v) for v in rng.integers(1, (4, 12, 12, 40)))
    adj_x, adj_y = (bool(v) for v in rng.integers(0, 2, 2))
    x = tensor(rng, (batch, depth, n) if adj_x else (batch, n, depth))
    y = tensor(rng, (batch, m, depth) if adj_y else (batch, depth, m))
    out = tensor(rng, (batch, n, m), 50.0 * spread(x, y) * depth**0.5)
    return Case("BATCH_MATMUL", [x, y], out, {"adj_x": adj_x, "adj_y": adj_y})


def pair_of(builtin: str) -> Callable[[np.random.Generator], Case]:
    """A layer of two operands, one of which may be broadcast."""

    def draw(rng: np.random.Generator) -> Case:
        whole = (1, int(rng.integers(1, 9)), int(rng.integers(1, 30)))
        other: Shape = (whole, (1, 1, whole[2]), (1, whole[1], 1))[rng.integers(3)]
        a, b = tensor(rng, whole), tensor(rng, other)
        if rng.integers(2):
            a, b = b, a
        assert a.scale is not None and b.scale is not None
        scale = 50.0 * spread(a, b) if builtin == "MUL" else float(max(a.scale, b.scale))
        activation = ("NONE", "RELU")[rng.integers(2)]
        options = {"fused_activation_function": activation}
        return Case(builtin, [a, b], tensor(rng, whole, scale), options)

    return draw


def softmax(rng: np.random.Generator) -> Case:
    shape = (1, int(rng.integers(1, 6)), int(rng.integers(1, 250)))
    return Case("SOFTMAX", [tensor(rng, shape)], t(shape, 1 / 256, -128), {"beta": 1.0})


DRAW = (product, product, pair_of("ADD"), pair_of("SUB"), pair_of("MUL"), softmax)


def layers(seeds: range) -> dict[str, Case]:
    """Random layers by seed; neighbours are of different kinds."""
    return {str(s): DRAW[s % len(DRAW)](np.random.default_rng(s)) for s in seeds}


def emulated(seeds: range, directory: Path) -> int:
    """How many bytes an emulated Cortex-M4 computes otherwise than tflite-micro."""
    path = directory / "layers.tflite"
    path.write_bytes(model_of(layers(seeds)))
    place = Place(find_target("mps2-an386"), None)
    found = validate(path, place, Options(), lambda _: None, count=2, seed=5, layers=False)
    return int(found["bytes_mismatched"])


@pytest.mark.parametrize("isa", ["portable", "dsp"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(layers(range(2000, 2060)), tmp_path, isa)


def test_emulated_equals_oracle(tmp_path: Path) -> None:
    assert emulated(range(6000, 6042), tmp_path) == 0


@pytest.mark.slow
@pytest.mark.parametrize("start", range(3000, 4000, 100))
def test_many_layers_equal_oracle(start: int, tmp_path: Path) -> None:
    c_equals_oracle(layers(range(start, start + 100)), tmp_path, "dsp")


@pytest.mark.slow
@pytest.mark.parametrize("start", range(7000, 8000, 100))
def test_many_emulated_layers_equal_oracle(start: int, tmp_path: Path) -> None:
    assert emulated(range(start, start + 100), tmp_path) == 0
