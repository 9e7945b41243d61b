# SPDX-License-Identifier: Apache-2.0
"""Right where the output steps: the multiplier must be the oracle's to the bit.

A multiplier of which only the last bits are wrong changes one output in a million, so random inputs
do not find it.
"""

from __future__ import annotations

import numpy as np
import pytest

from netsuke.compiler.ir import Array
from tests.support.op_cases import Case, equals_oracle, t

SEEDS = range(8)

DEPTH = 1024
"""Every integer up to 126 DEPTH is the sum of DEPTH int8 numbers that differ by at most one."""


def scales(seed: int, limit: int) -> tuple[float, float, float]:
    """Of two operands and of the output, so that sums up to `limit` use all of int8.

    Of many pairs that whose product float32 cannot hold least.
    """
    rng = np.random.default_rng(seed)
    x, y = rng.uniform((0.01, 0.001), (0.1, 0.005), (1000, 2)).astype(np.float32).T
    exact = x.astype(np.float64) * y
    worst = np.argmax(np.abs(x * y / exact - 1))
    out = np.float32(exact[worst] * limit / rng.uniform(100, 128))
    return float(x[worst]), float(y[worst]), float(out)


def edges(factor: float) -> Array:
    """Sums whose product with `factor` is next to half an integer."""
    halves = (np.arange(-99, 99) + 0.5) / factor
    return np.unique(halves.astype(np.int64)[:, None] + np.arange(-1, 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_fully_connected(seed: int) -> None:
    x, w, out = scales(seed, 1 << 22)
    bias = edges(x * w / out)
    inputs = [
        t((1, 1), x),
        t((bias.size, 1), w, data=np.zeros(bias.size)),
        t(bias.shape, data=bias, dtype="int32"),
    ]
    equals_oracle(Case("FULLY_CONNECTED", inputs, t((1, bias.size), out)), 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_batch_matmul(seed: int) -> None:
    x, y, out = scales(seed, 126 * DEPTH)
    sums = edges(x * y / out)
    whole, rest = np.divmod(sums, DEPTH)
    data = whole[:, None] + (np.arange(DEPTH) < rest[:, None])
    inputs = [t((1, 1, DEPTH), x), t((1, sums.size, DEPTH), y, data=data)]
    options, output = {"adj_x": False, "adj_y": True}, t((1, 1, sums.size), out)
    equals_oracle(Case("BATCH_MATMUL", inputs, output, options, low=1, high=1), 1)


TABLES = {
    "ABS": (0.048261016607284546, 111, 0.04261712729930878, -107),
    "RELU": (0.07538812607526779, -82, 0.031064454466104507, 5),
    "RSQRT": (0.007089491467922926, -128, 0.08975764364004135, -8),
    "HARD_SWISH": (0.11219225078821182, -115, 0.19325128197669983, -126),
}
"""Scales and zero points with an input whose output depends on the multiplier's last bits."""


@pytest.mark.parametrize("builtin", TABLES)
def test_function_of_one_element(builtin: str) -> None:
    scale, zero_point, out_scale, out_zero_point = TABLES[builtin]
    shape = (1, 1 << 13)  # every int8 number, many times
    inputs, output = [t(shape, scale, zero_point)], t(shape, out_scale, out_zero_point)
    equals_oracle(Case(builtin, inputs, output), 1)
