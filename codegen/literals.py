# SPDX-License-Identifier: Apache-2.0
"""Numbers as C text, and the constant arrays of a model."""

from __future__ import annotations

import zlib
from typing import Literal

import numpy as np

from netsuke.codegen.c_model import CArray
from netsuke.compiler.ir import Array
from netsuke.compiler.ops.base import ConstArray, KernelCall, ParamValue

C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
}


class Arrays:
    """Names the constant arrays of a model, each distinct content once."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.by_content: dict[tuple[str, str, bytes], CArray] = {}

    def name(self, array: ConstArray) -> str:
        """The C name of an array with these contents."""
        values = np.ascontiguousarray(array.values).ravel()
        key = (array.kind, values.dtype.name, values.tobytes())
        if key not in self.by_content:
            letter = "w" if array.kind == "weights" else "q"
            count = sum(a.section == _section(array.kind) for a in self.by_content.values())
            self.by_content[key] = CArray(
                f"{self.prefix}_{letter}{count}",
                C_TYPES[values.dtype.name],
                _section(array.kind),
                values,
            )
        return self.by_content[key].name

    def crc(self) -> str:
        """C text of the CRC-32 of all arrays, one behind the other, numbers in little endian."""
        crc = 0
        for array in self.by_content.values():
            little = array.values.astype(array.values.dtype.newbyteorder("<"))
            crc = zlib.crc32(little.tobytes(), crc)
        return f"0x{crc:08X}u"


def _section(kind: str) -> Literal["NK_WEIGHTS", "NK_PARAMS"]:
    return "NK_WEIGHTS" if kind == "weights" else "NK_PARAMS"


def parameters(call: KernelCall, arrays: Arrays) -> tuple[tuple[str, str], ...]:
    """The fields of a kernel's parameter struct with their values as C text, in order."""
    return tuple((field, _literal(value, arrays)) for field, value in call.params)


def _literal(value: ParamValue, arrays: Arrays) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, ConstArray):
        return arrays.name(value)
    return int32_literal(value)


def int32_literal(value: int) -> str:
    """C text of a 32-bit number; the least one has no literal of its own."""
    return "INT32_MIN" if value == -(2**31) else str(value)


def float_literal(value: float) -> str:
    """C text that reads back as this float32."""
    text = np.format_float_scientific(np.float32(value), unique=True, trim="0", exp_digits=2)
    return f"{text}f"


def array_text(values: Array, indent: str = "    ", width: int = 96) -> str:
    """The numbers of an array as lines of C."""
    lines: list[str] = []
    line = indent
    for number in values.tolist():
        item = f"{int32_literal(number)},"
        if len(line) + len(item) > width:
            lines.append(line)
            line = indent
        line += item
    return "\n".join([*lines, line])
