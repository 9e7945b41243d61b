# SPDX-License-Identifier: Apache-2.0
"""Cuts a run of operators out of a TFLite file, as a file of its own.

Nothing is written anew: tensors, weights and operators keep their places and indices, and only
what the graph says of its operators, inputs and outputs changes. Operator codes that the run does
not use name one that it does, for interpreters refuse a file for a code that they lack.
Format: https://flatbuffers.dev/internals: a reference is a forward distance in bytes, a vector is
its length and then its items, each of 4 bytes here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import tflite

from netsuke.compiler.ir import TensorId

_INPUTS, _OUTPUTS, _OPERATORS = 6, 8, 10
"""Where the vtable of a SubGraph names these fields (fields 1, 2 and 3 of the schema)."""

_OPERATOR_CODES = 6
"""Where that of a Model names this field (field 1)."""


def cut(model: bytes, ops: range, inputs: Sequence[TensorId], outputs: Sequence[TensorId]) -> bytes:
    """The model of the operators `ops` alone, from tensors `inputs` to tensors `outputs`.

    `ops` is not empty; a file that the frontend has accepted has all three fields.
    """
    file = tflite.Model.GetRootAs(model, 0)
    table = file.Subgraphs(0)._tab
    part = bytearray(model)
    _forget_codes(part, file, {file.Subgraphs(0).Operators(i).OpcodeIndex() for i in ops})

    def point(slot: int, to: int) -> None:
        field = table.Pos + table.Offset(slot)
        struct.pack_into("<I", part, field, to - field)

    # The part's vector of operators lies within the whole's: its length takes the place of the
    # operator before the first one, or of the old length.
    vector = table.Vector(table.Offset(_OPERATORS)) - 4 + 4 * ops.start
    struct.pack_into("<I", part, vector, len(ops))
    point(_OPERATORS, vector)
    for slot, tensors in ((_INPUTS, inputs), (_OUTPUTS, outputs)):
        part += bytes(-len(part) % 4)
        point(slot, len(part))
        part += struct.pack(f"<I{len(tensors)}i", len(tensors), *tensors)
    return bytes(part)


def _forget_codes(part: bytearray, file: tflite.Model, used: set[int]) -> None:
    """Lets every operator code but the `used` ones be one of these."""
    known = file.OperatorCodes(min(used))._tab.Pos
    vector = file._tab.Vector(file._tab.Offset(_OPERATOR_CODES))
    for i in range(file.OperatorCodesLength()):
        entry = vector + 4 * i
        if i not in used and known > entry:
            struct.pack_into("<I", part, entry, known - entry)
