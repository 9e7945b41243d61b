# SPDX-License-Identifier: Apache-2.0
"""Random layers of sums of products: portable and DSP kernels equal tflite-micro.

The layers are drawn from fixed seeds, so a failure names one that can be looked at alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.ops.base import Isa
from tests.support.op_cases import Case, c_equals_oracle, equals_oracle
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
