# SPDX-License-Identifier: Apache-2.0
"""PAD: a border of the output's zero point around any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Tensor
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.padding import BorderAttrs, Padded, read_paddings


@dataclass(frozen=True, slots=True)
class PadAttrs(BorderAttrs):
    pass


class Pad(Padded[PadAttrs]):
    name = "pad"
    builtin = "PAD"
    attrs_type = PadAttrs
    arity = (2, 2)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> PadAttrs:
        return PadAttrs(read_paddings(inputs))

    def fill(self, attrs: PadAttrs, out: Tensor) -> int:
        return out.q.zero_point


OPERATOR = Pad()
