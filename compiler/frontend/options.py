# SPDX-License-Identifier: Apache-2.0
"""Reads the fields of an operator's options table by their names in TFLite's schema."""

from __future__ import annotations

import builtins
import functools
import math
import struct
from typing import Any

import tflite

from netsuke.compiler.errors import InputError
from netsuke.compiler.ops.base import Ints, OptionReader

_IRREGULAR = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MEAN": "ReducerOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "SUM": "ReducerOptions",
}
"""Tables that several operators share; any other is named after its operator."""

_ENUMS = {
    "fused_activation_function": tflite.ActivationFunctionType,
    "padding": tflite.Padding,
    "weights_format": tflite.FullyConnectedOptionsWeightsFormat,
}

MAX_ITEMS = 8
"""Vectors in options are axes or shapes, so no longer than the highest rank."""


@functools.cache
def enum_names(enum: type) -> dict[builtins.int, str]:
    """TFLite's names of an enum's values."""
    return {value: name for name, value in vars(enum).items() if isinstance(value, int)}


@functools.cache
def expected_table(builtin: str) -> str:
    """The options table that belongs to an operator; empty when it has none."""
    wanted = builtin.replace("_", "").lower() + "options"
    tables = enum_names(tflite.BuiltinOptions).values()
    return _IRREGULAR.get(builtin) or next((n for n in tables if n.lower() == wanted), "")


class TfliteOptions(OptionReader):
    """The options of one operator whose table's extent has been checked.

    Reading a field is an InputError when the operator has no table or one of another type:
    TensorFlow Lite for Microcontrollers leaves the parameters undefined then. Operators without
    parameters never read, and so accept what files have there.
    """

    def __init__(self, op: tflite.Operator, builtin: str) -> None:
        names = enum_names(tflite.BuiltinOptions)
        code = op.BuiltinOptionsType()
        self.kind = names.get(code, f"options of unknown type {code}") if code else ""
        self._expected = expected_table(builtin)
        self._table = op.BuiltinOptions()

    def int(self, field: str) -> builtins.int:
        value = builtins.int(self._get(field))
        enum = _ENUMS.get(field)
        if enum is not None and value not in enum_names(enum):
            raise InputError(field, str(value), f"a value of {enum.__name__}")
        return value

    def bool(self, field: str) -> builtins.bool:
        return builtins.bool(self._get(field))

    def float(self, field: str) -> builtins.float:
        value = builtins.float(self._get(field))
        if not math.isfinite(value):
            raise InputError(field, str(value), "a finite number")
        return value

    def ints(self, field: str) -> Ints:
        count = self._get(field, "Length")
        if not 0 <= count <= MAX_ITEMS:
            raise InputError(field, f"{count} numbers", f"at most {MAX_ITEMS}")
        return tuple(builtins.int(self._get(field, "", i)) for i in range(count))

    def _get(self, field: str, suffix: str = "", *index: builtins.int) -> Any:
        if self.kind != self._expected or self._table is None:
            raise InputError("options", self.kind or "none", self._expected)
        table = getattr(tflite, self.kind)()
        table.Init(self._table.Bytes, self._table.Pos)
        name = "".join(part.capitalize() for part in field.split("_")) + suffix
        try:
            return getattr(table, name)(*index)
        except struct.error:  # the table starts inside the file, the field ends behind it
            raise InputError(field, "the end of the file", "a value") from None
