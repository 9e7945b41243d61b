# SPDX-License-Identifier: Apache-2.0
"""Cuts a run of operators out of a TFLite file, as a file of its own.

Nothing is written anew: tensors, weights and operators keep their places and indices, and only
what the graph says of its operators, inputs and outputs changes.
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


def cut(model: bytes, ops: range, inputs: Sequence[TensorId], outputs: Sequence[TensorId]) -> bytes:
    """The model of the operators `ops` alone, from tensors `inputs` to tensors `outputs`.

    `ops` is not empty; a file that the frontend has accepted has all three fields.
    """
    table = tflite.Model.GetRootAs(model, 0).Subgraphs(0)._tab
    part = bytearray(model)

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
