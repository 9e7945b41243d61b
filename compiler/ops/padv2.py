# SPDX-License-Identifier: Apache-2.0
"""PADV2: a border of one constant around any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import DType, Tensor
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.padding import BorderAttrs, Padded, read_paddings


@dataclass(frozen=True, slots=True)
class Padv2Attrs(BorderAttrs):
    """`value` is the int8 number that fills the border."""

    value: int


class Padv2(Padded[Padv2Attrs]):
    name = "padv2"
    builtin = "PADV2"
    attrs_type = Padv2Attrs
    arity = (3, 3)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> Padv2Attrs:
        value = inputs[2]
        if value is None or value.data is None or value.elements != 1:
            raise InputError("value", "none or more than one", "one constant number")
        if value.dtype is not DType.INT8:
            raise InputError("value", value.dtype.value, "int8")
        return Padv2Attrs(read_paddings(inputs), int(value.data.reshape(())))

    def fill(self, attrs: Padv2Attrs, out: Tensor) -> int:
        return attrs.value


OPERATOR = Padv2()
