# SPDX-License-Identifier: Apache-2.0
"""What bounds a layer, on kernel calls whose bounds are easily computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from netsuke.compiler.ops.base import ConstArray, KernelCall, ParamValue
from netsuke.compiler.roofline import Roof, roof


def call(source: str, *params: tuple[str, ParamValue]) -> KernelCall:
    return KernelCall("nk_x_row", "nk_x", "x", source, params)


def weights(size: int) -> tuple[str, ConstArray]:
    return "weights", ConstArray(np.zeros(size, np.int8), "weights")


SCALING = ("scaling", ConstArray(np.zeros(2, np.int32)))
TABLE = ("table", ConstArray(np.zeros(256, np.int8)))
DSP, PLAIN = "kernels_dsp/x.c", "kernels/x.c"


@pytest.mark.parametrize(
    ("kernel", "macs", "read", "written", "want"),
    [
        # A pointwise convolution of 64 to 32 channels on 100 pixels: 32 products an output.
        (call(DSP, weights(2048), SCALING), 204_800, 6400, 3200, Roof("compute", 102_400)),
        (call(PLAIN, weights(2048), SCALING), 204_800, 6400, 3200, Roof("compute", 204_800)),
        # Nine products an output are fewer than the seven instructions that scale it, halved.
        (call(DSP, weights(144), SCALING), 14_400, 1600, 1600, Roof("requantization", 11_200)),
        (call(PLAIN, weights(144), SCALING), 14_400, 1600, 1600, Roof("compute", 14_400)),
        # Each weight serves one output.
        (call(DSP, weights(8000), SCALING), 8000, 400, 20, Roof("flash", 6000)),
        # A product of two activations fetches nothing.
        (call(DSP, ("multiplier", 5)), 8000, 400, 20, Roof("compute", 4000)),
        (call(PLAIN, ("a_multiplier", 5)), 0, 200, 100, Roof("requantization", 700)),
        (call(DSP, ("a_weight", 5)), 0, 200, 100, Roof("requantization", 700)),
        (call(PLAIN, ("multiplier", 5)), 0, 40_000, 100, Roof("memory", 10_025)),
        (call(PLAIN, ("exp", SCALING[1])), 0, 100, 100, Roof("requantization", 700)),
        (call(PLAIN, ("sizes", SCALING[1])), 0, 100, 100, Roof("memory", 50)),
        (call(PLAIN, TABLE), 0, 100, 100, Roof("memory", 50)),
        (call(PLAIN), 0, 300, 100, Roof("memory", 100)),
    ],
)
def test_the_largest_bound_names_the_layer(
    kernel: KernelCall, macs: int, read: int, written: int, want: Roof
) -> None:
    assert roof(kernel, macs, read, written) == want
