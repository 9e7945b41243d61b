# SPDX-License-Identifier: Apache-2.0
"""What bounds a layer: its products, the weights it fetches from flash, the scaling of its outputs.

Each of them takes at least so many instructions, whatever the schedule:

- products: one for two products with the DSP extension (SMLAD), else one each;
- weights: a word load and two instructions to spread its four bytes (LDR, two SXTB16) with the
  DSP extension, else a load a byte (LDRSB). A byte that is fetched serves at most four outputs,
  as many as the kernels compute side by side in registers; where it could serve fewer (a fully
  connected layer on one vector), it is fetched once;
- outputs: seven to scale, round, offset and saturate one, in kernels with fixed-point factors;
- memory: a word load for each four bytes read, a store for each four bytes written. It counts only
  for layers without products, which move, compare, sum or look up bytes.

The largest is the roof and names the layer: compute-bound, flash-bound, requantization-bound or
memory-bound. The bounds count instructions. A board's cycles include the wait states of its flash
and the misses of its caches, so there a flash-bound layer lies further below its roof than others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from netsuke.compiler.ops.base import ConstArray, KernelCall

Bound = Literal["compute", "flash", "requantization", "memory"]

PRODUCTS_PER_INSTRUCTION = {"dsp": 2, "portable": 1}
FETCHES_PER_BYTE = {"dsp": 3 / 4, "portable": 1}
OUTPUTS_PER_FETCH = 4
SCALING_PER_OUTPUT = 7
BYTES_PER_MOVE = 4

_FACTORS = ("multiplier", "_weight", "scaling", "exp")
"""How the fields end in which kernels take fixed-point factors."""


@dataclass(frozen=True, slots=True)
class Roof:
    """What bounds a layer, and the least instructions that it takes for that alone."""

    bound: Bound
    instructions: int


def roof(call: KernelCall, macs: int, read_bytes: int, outputs: int) -> Roof:
    """The roof of a layer, by its kernel call: `macs` products, `read_bytes` of activations read,
    `outputs` bytes written."""
    dsp = any(kernel.source.startswith("kernels_dsp/") for kernel in call.kernels)
    kind = "dsp" if dsp else "portable"
    bounds: dict[Bound, float] = {
        "compute": macs / PRODUCTS_PER_INSTRUCTION[kind],
        "flash": _fetched_bytes(call, macs) * FETCHES_PER_BYTE[kind],
        "requantization": SCALING_PER_OUTPUT * outputs if _scales(call) else 0,
        "memory": 0 if macs else (read_bytes + outputs) / BYTES_PER_MOVE,
    }
    highest = max(bounds, key=lambda b: bounds[b])
    return Roof(highest, int(bounds[highest]))


def _fetched_bytes(call: KernelCall, macs: int) -> float:
    params = [value for kernel in call.kernels for _, value in kernel.params]
    weights = {
        value.values.tobytes()
        for value in params
        if isinstance(value, ConstArray) and value.kind == "weights"
    }
    size = sum(map(len, weights))
    return max(size, macs / OUTPUTS_PER_FETCH) if size else 0


def _scales(call: KernelCall) -> bool:
    return any(name.endswith(_FACTORS) for kernel in call.kernels for name, _ in kernel.params)
