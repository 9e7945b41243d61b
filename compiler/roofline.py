# SPDX-License-Identifier: Apache-2.0
"""What bounds a layer: its products, the weights it fetches from flash, or the scaling of its
outputs.

Each of the three takes at least so many instructions, whatever the schedule:

- products: one for two products with the DSP extension (SMLAD), else one each;
- weights: a word load and two instructions to spread its four bytes (LDR, two SXTB16) with the
  DSP extension, else a load a byte (LDRSB). A byte that is fetched serves at most four outputs,
  as many as the kernels compute side by side in registers; where it could serve fewer (a fully
  connected layer on one vector), it is fetched once;
- outputs: seven to scale, round, offset and saturate one.

The largest of the three is the roof and names the layer: compute-bound, flash-bound or
requantization-bound. A layer that has no products is requantization-bound where its kernel has
fixed-point factors, else memory-bound: it moves, compares or looks up bytes.

The bounds count instructions. A board's cycles include the wait states of its flash and the misses
of its caches, so there a flash-bound layer lies further below its roof than others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from netsuke.compiler.ops.base import ConstArray, KernelCall

Bound = Literal["compute", "flash", "requantization", "memory"]

PRODUCTS_PER_INSTRUCTION = {"dsp": 2, "portable": 1}
FETCHES_PER_BYTE = {"dsp": 3 / 4, "portable": 1}
OUTPUTS_PER_FETCH = 4
SCALING_PER_OUTPUT = 7

_FACTORS = ("multiplier", "_weight", "scaling")
"""How the fields end in which kernels take fixed-point factors."""


@dataclass(frozen=True, slots=True)
class Roof:
    """What bounds a layer, and the least instructions that it takes for that alone."""

    bound: Bound
    instructions: int


def roof(call: KernelCall, macs: int, outputs: int) -> Roof:
    """The roof of a layer of `macs` products and `outputs` output elements, by its kernel call."""
    if not macs:
        if _scales(call):
            return Roof("requantization", SCALING_PER_OUTPUT * outputs)
        return Roof("memory", 0)
    kind = "dsp" if call.source.startswith("kernels_dsp/") else "portable"
    bounds: dict[Bound, float] = {
        "compute": macs / PRODUCTS_PER_INSTRUCTION[kind],
        "flash": _fetched_bytes(call, macs) * FETCHES_PER_BYTE[kind],
        "requantization": SCALING_PER_OUTPUT * outputs,
    }
    highest = max(bounds, key=lambda b: bounds[b])
    return Roof(highest, int(bounds[highest]))


def weights_bytes(call: KernelCall) -> int:
    """Bytes of weights that a layer's kernel reads."""
    return sum(a.values.nbytes for a in arrays(call) if a.kind == "weights")


def arrays(call: KernelCall) -> tuple[ConstArray, ...]:
    """The constant arrays among a kernel's parameters."""
    return tuple(value for _, value in call.params if isinstance(value, ConstArray))


def _fetched_bytes(call: KernelCall, macs: int) -> float:
    return max(weights_bytes(call), macs / OUTPUTS_PER_FETCH) if weights_bytes(call) else 0


def _scales(call: KernelCall) -> bool:
    wide = any(a.kind == "params" and a.values.dtype == np.int32 for a in arrays(call))
    return wide or any(name.endswith(_FACTORS) for name, _ in call.params)
