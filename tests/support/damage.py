# SPDX-License-Identifier: Apache-2.0
"""Damages TFLite files, the same way every time for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tflite

WILD = (0, 1, 2, 4, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Victim:
    """A sound file and where damage to it tells most.

    `structure` are the ranges of bytes that are not weights. `numbers` are the places of 4-byte
    numbers whose damage leaves the file well-formed: shapes, indices, options, quantization.
    """

    data: bytes
    structure: tuple[range, ...]
    numbers: tuple[int, ...]


def victim(data: bytes) -> Victim:
    """Looks into a sound file."""
    model = tflite.Model.GetRootAs(data, 0)
    large: list[tuple[int, int]] = []
    for i in range(model.BuffersLength()):
        place = _vector(model.Buffers(i), 0)
        if len(place) > 64:
            large.append((place.start, place.stop))
    ranges, start = [], 0
    for first, end in [*sorted(large), (len(data), len(data))]:
        ranges.append(range(start, first))
        start = end
    return Victim(data, tuple(r for r in ranges if r), tuple(_numbers(model)))


def _numbers(model: tflite.Model) -> Iterator[int]:
    graph = model.Subgraphs(0)
    for i in range(graph.TensorsLength()):
        tensor = graph.Tensors(i)
        yield from _vector(tensor, 0, 4)[::4]
        yield from _inline(tensor)
        if tensor.Quantization() is not None:
            yield from _vector(tensor.Quantization(), 2, 4)[:16:4]
            yield from _vector(tensor.Quantization(), 3, 8)[:16:4]
    for i in range(graph.OperatorsLength()):
        op = graph.Operators(i)
        for slot in (1, 2):
            yield from _vector(op, slot, 4)[::4]
        yield from _inline(op)
        if op.BuiltinOptions() is not None:
            for _ in range(4):  # options are few and matter most
                yield from _inline(op.BuiltinOptions())


def _vector(table: Any, slot: int, item_bytes: int = 1) -> range:
    """The bytes of a vector's items; empty when the table has no such vector."""
    table = getattr(table, "_tab", table)
    offset = table.Offset(4 + 2 * slot)
    if not offset:
        return range(0)
    start = table.Vector(offset)
    return range(start, start + table.VectorLen(offset) * item_bytes)


def _inline(table: Any) -> range:
    """The words of the table itself behind its offset to the vtable."""
    table = getattr(table, "_tab", table)
    vtable = table.Pos - int.from_bytes(
        table.Bytes[table.Pos : table.Pos + 4], "little", signed=True
    )
    size = int.from_bytes(table.Bytes[vtable + 2 : vtable + 4], "little")
    return range(table.Pos + 4, table.Pos + size - 3, 4)


def damaged(seed: int, victims: Sequence[Victim]) -> bytes:
    """One of the victims with one to four kinds of damage done to it; large ones are rarer."""
    rng = random.Random(seed)
    weights = [min(1.0, 1e5 / len(v.data)) for v in victims]
    chosen = rng.choices(victims, weights)[0]
    data = bytearray(chosen.data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if len(data) >= 8:
            rng.choice(_KINDS)(rng, data, chosen, victims)
    return bytes(data)


_Damage = Callable[[random.Random, bytearray, Victim, Sequence[Victim]], None]


def _place(rng: random.Random, data: bytearray, chosen: Victim, width: int) -> int:
    """A position of `width` bytes, nine times in ten in the structure, at a multiple of `width`."""
    last = len(data) - width
    if rng.random() < 0.9:
        part = rng.choice(chosen.structure)
        return min(rng.choice(part) // width * width, last)
    return rng.randint(0, last)


def _flip_bits(rng: random.Random, data: bytearray, chosen: Victim, _: Sequence[Victim]) -> None:
    for _i in range(rng.randint(1, 8)):
        data[_place(rng, data, chosen, 1)] ^= 1 << rng.randrange(8)


def _wrong_number(rng: random.Random, data: bytearray, v: Victim, _: Sequence[Victim]) -> None:
    """An index, dimension, option, scale or zero point that is plausible, or wild."""
    for _i in range(rng.randint(1, 3)):
        at = min(rng.choice(v.numbers), len(data) - 4)
        old = int.from_bytes(data[at : at + 4], "little")
        new = rng.choice((rng.randint(-4, 40), old + 1, old - 1, old << 1, rng.choice(WILD)))
        other = rng.choice(v.numbers)
        data[at : at + 4] = rng.choice(
            ((new & 0xFFFFFFFF).to_bytes(4, "little"), v.data[other : other + 4])
        )


def _flip_number(rng: random.Random, data: bytearray, v: Victim, _: Sequence[Victim]) -> None:
    """One bit of a number: floats become subnormal, infinite, negative."""
    data[min(rng.choice(v.numbers) + rng.randrange(4), len(data) - 1)] ^= 1 << rng.randrange(8)


def _wild_offset(rng: random.Random, data: bytearray, chosen: Victim, _: Sequence[Victim]) -> None:
    at = _place(rng, data, chosen, 4)
    near = (len(data) - at + rng.randint(-16, 16)) & 0xFFFFFFFF
    value = rng.choice((rng.choice(WILD), near, rng.getrandbits(32)))
    data[at : at + 4] = value.to_bytes(4, "little")


def _wild_half(rng: random.Random, data: bytearray, chosen: Victim, _: Sequence[Victim]) -> None:
    """Aims at vtables, which are made of 16-bit numbers."""
    at = _place(rng, data, chosen, 2)
    data[at : at + 2] = rng.choice((rng.getrandbits(16), rng.randrange(64))).to_bytes(2, "little")


def _swap_words(rng: random.Random, data: bytearray, chosen: Victim, _: Sequence[Victim]) -> None:
    a, b = _place(rng, data, chosen, 4), _place(rng, data, chosen, 4)
    first, second = data[a : a + 4], data[b : b + 4]
    data[a : a + 4], data[b : b + 4] = second, first


def _truncate(rng: random.Random, data: bytearray, _v: Victim, _: Sequence[Victim]) -> None:
    keep = rng.choice((rng.randrange(len(data)), len(data) - rng.randint(1, 64)))
    del data[max(0, keep) :]


def _insert_or_delete(rng: random.Random, data: bytearray, v: Victim, _: Sequence[Victim]) -> None:
    at, count = _place(rng, data, v, 1), rng.choice((1, 2, 3, 4, 8, 64))
    data[at : at + rng.choice((0, count))] = rng.randbytes(rng.choice((0, count)))


def _splice(rng: random.Random, data: bytearray, v: Victim, all_: Sequence[Victim]) -> None:
    """Puts a piece of another file, or all of its end, where it does not belong."""
    other = rng.choice(all_)
    at, source = _place(rng, data, v, 4), rng.choice(rng.choice(other.structure)) // 4 * 4
    length = rng.choice((4, 16, 64, 1024, len(other.data)))
    data[at : at + length] = other.data[source : source + length]


_KINDS: tuple[_Damage, ...] = (
    _flip_bits,
    *(4 * (_wrong_number, _flip_number)),
    _wild_offset,
    _wild_half,
    _swap_words,
    _truncate,
    _insert_or_delete,
    _splice,
)
