# SPDX-License-Identifier: Apache-2.0
"""Checks that a file is a sound TFLite flatbuffer before anything reads it.

The accessors of the `tflite` package follow offsets blindly. After `check_structure` every table,
vector and string that the frontend reads lies inside the file. What they say is not judged here.
Format: https://flatbuffers.dev/internals, schema: tensorflow/lite/schema/schema.fbs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend.foreign import CONVERT_HINT, kind_of

IDENTIFIER = b"TFL3"

MAX_TABLES = 1 << 15
"""More than any network for a microcontroller has; bounds the time spent on a hostile file."""

_U16, _U32, _I32 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<i")


@dataclass(frozen=True, slots=True)
class _Field:
    """`size_bytes` is that of the scalar, or of one item of the vector; a reference has 4 bytes."""

    kind: Literal["scalar", "vector", "string", "table", "tables"]
    size_bytes: int = 4
    table: str = ""


_BYTE, _INT, _LONG = _Field("scalar", 1), _Field("scalar", 4), _Field("scalar", 8)
_BYTES, _INTS, _LONGS = _Field("vector", 1), _Field("vector", 4), _Field("vector", 8)
_STRING = _Field("string", 1)


def _table(name: str) -> _Field:
    return _Field("table", table=name)


def _tables(name: str) -> _Field:
    return _Field("tables", table=name)


_SCHEMA: dict[str, dict[int, _Field]] = {
    "Model": {
        0: _INT,  # version
        1: _tables("OperatorCode"),
        2: _tables("SubGraph"),
        4: _tables("Buffer"),
    },
    "OperatorCode": {
        0: _BYTE,  # deprecated_builtin_code
        1: _STRING,  # custom_code
        3: _INT,  # builtin_code
    },
    "SubGraph": {
        0: _tables("Tensor"),
        1: _INTS,  # inputs
        2: _INTS,  # outputs
        3: _tables("Operator"),
    },
    "Tensor": {
        0: _INTS,  # shape
        1: _BYTE,  # type
        2: _INT,  # buffer
        3: _STRING,  # name
        4: _table("QuantizationParameters"),
        5: _BYTE,  # is_variable
        6: _table("SparsityParameters"),
        7: _INTS,  # shape_signature
    },
    "QuantizationParameters": {
        2: _INTS,  # scale
        3: _LONGS,  # zero_point
        4: _BYTE,  # details_type
        6: _INT,  # quantized_dimension
    },
    "SparsityParameters": {},
    "Operator": {
        0: _INT,  # opcode_index
        1: _INTS,  # inputs
        2: _INTS,  # outputs
        3: _BYTE,  # builtin_options_type
        4: _table("options"),
    },
    "options": {},
    "Buffer": {
        0: _BYTES,  # data
        1: _LONG,  # offset
        2: _LONG,  # size
    },
}
"""Only the fields that the frontend reads, by slot; others are never looked at. "options" stands
for any table of operator options: its extent is checked here, its fields when they are read."""


def check_structure(data: bytes) -> None:
    """Raises InputError at the first table, vector or string that is not inside the file.

    Tables that share storage are legal, so a small file can claim to be large; everything counted
    as often as it is referred to may be at most twice the file.
    """
    if len(data) < 8 or data[4:8] != IDENTIFIER:
        raise InputError("model file", kind_of(data), "an int8 .tflite file", CONVERT_HINT)
    left_bytes = 2 * len(data) + 1024
    tables = 0
    stack = [(_target(data, 0, "the root"), "Model")]
    while stack:
        pos, name = stack.pop()
        for claimed_bytes, children in _visit(data, pos, name):
            left_bytes -= claimed_bytes
            tables += len(children)
            if left_bytes < 0 or tables > MAX_TABLES:
                what = f"{MAX_TABLES} tables" if left_bytes >= 0 else "twice its size of content"
                raise _damaged(f"more than {what}")
            stack += children


_Children = list[tuple[int, str]]


def _visit(data: bytes, pos: int, name: str) -> Iterator[tuple[int, _Children]]:
    """The bytes claimed by the table at `pos` and by its fields, and the tables these refer to."""
    vtable, vtable_bytes, table_bytes = _extent(data, pos, name)
    yield table_bytes, []
    for slot, field in _SCHEMA[name].items():
        if 4 + 2 * slot + 2 > vtable_bytes:
            continue
        offset = _U16.unpack_from(data, vtable + 4 + 2 * slot)[0]
        if offset == 0:
            continue
        size = field.size_bytes if field.kind == "scalar" else 4
        if offset < 4 or offset + size > table_bytes:
            raise _damaged(f"field {slot} outside its {name} at byte {pos}")
        if field.kind != "scalar":
            yield _refer(data, pos + offset, name, field)


def _extent(data: bytes, pos: int, name: str) -> tuple[int, int, int]:
    """Where the table's vtable is, its size, and the table's size, all bytes."""
    if pos % 4 or pos + 4 > len(data):
        raise _damaged(f"{name} at byte {pos}")
    vtable = pos - _I32.unpack_from(data, pos)[0]
    if vtable < 0 or vtable % 2 or vtable + 4 > len(data):
        raise _damaged(f"{name} at byte {pos} with its vtable at byte {vtable}")
    vtable_bytes, table_bytes = struct.unpack_from("<HH", data, vtable)
    if vtable_bytes < 4 or vtable_bytes % 2 or vtable + vtable_bytes > len(data):
        raise _damaged(f"{name} at byte {pos} with a vtable of {vtable_bytes} bytes")
    if table_bytes < 4 or pos + table_bytes > len(data):
        raise _damaged(f"{name} at byte {pos} of {table_bytes} bytes")
    if not _SCHEMA[name]:
        _check_offsets(data, pos, name, vtable, vtable_bytes, table_bytes)
    return vtable, vtable_bytes, table_bytes


def _check_offsets(
    data: bytes, pos: int, name: str, vtable: int, vtable_bytes: int, table_bytes: int
) -> None:
    """Every field of a table of unknown type starts inside it."""
    offsets = struct.unpack_from(f"<{(vtable_bytes - 4) // 2}H", data, vtable + 4)
    if any(o != 0 and not 4 <= o < table_bytes for o in offsets):
        raise _damaged(f"field outside its {name} at byte {pos}")


def _refer(data: bytes, at: int, name: str, field: _Field) -> tuple[int, _Children]:
    """The bytes claimed by the vector, string or table that `at` refers to, and its tables."""
    pos = _target(data, at, name)
    if field.kind == "table":
        return 0, [(pos, field.table)]
    if pos % 4 or pos + 4 > len(data):
        raise _damaged(f"vector of a {name} at byte {pos}")
    count = _U32.unpack_from(data, pos)[0]
    end = pos + 4 + count * field.size_bytes
    if end > len(data) or (field.kind == "string" and end == len(data)):
        raise _damaged(f"vector of a {name} at byte {pos} with {count} items")
    if field.kind != "tables":
        return end - pos, []
    if count > MAX_TABLES:
        raise _damaged(f"more than {MAX_TABLES} tables")
    children = [(_target(data, pos + 4 + 4 * i, name), field.table) for i in range(count)]
    return end - pos, children


def _target(data: bytes, at: int, name: str) -> int:
    """The position that the offset at `at`, known to be inside the file, points to."""
    offset: int = _U32.unpack_from(data, at)[0]
    if offset == 0 or at + offset >= len(data):
        raise _damaged(f"offset {offset} at byte {at} in {name}")
    return at + offset


def _damaged(got: str) -> InputError:
    hint = "the file is damaged: copy or convert it again"
    return InputError("model file", got, "a sound TFLite flatbuffer", hint)
