# SPDX-License-Identifier: Apache-2.0
"""What others need for the same models, measured once, in the same emulator.

Built with the tools of `TOOLS`, machine mps2-an386, release build, one inference. mcunet_vww1 was
measured with its float32 QUANTIZE and DEQUANTIZE cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TFLM = "TFLM (Aug 2026) + CMSIS-NN, -O2"
TOOLS: Mapping[str, str] = {"arm-none-eabi-gcc": "12.2", "qemu-system-arm": "7.2"}
"""Other versions give other figures, ours as well."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One model under TFLM.

    The arena holds activations and the interpreter's persistent structures. `runtime_bytes` is
    the flash beyond the model file, with int8 kernels of the model's operators alone; None where
    it was not measured.
    """

    instructions: int
    arena_bytes: int
    runtime_bytes: int | None = None


TFLM_FIGURES: Mapping[str, Figures] = {
    "vww_96_int8": Figures(24_101_965, 100_708, 53_329),
    "kws_ref_model": Figures(7_699_895, 22_820, 53_329),
    "pretrainedResnet_quant": Figures(29_863_355, 54_996, 51_133),
    "ad01_int8": Figures(582_947, 2_580, 27_073),
    "micro_speech_quantized": Figures(1_495_385, 6_836),
    "mcunet_vww1": Figures(47_935_782, 219_684, 57_345),
    "vit_96_d96": Figures(67_673_408, 101_812),
    "mcuformer_d192_p16_depth2": Figures(934_390_740, 784_852),
}
