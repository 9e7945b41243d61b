# SPDX-License-Identifier: Apache-2.0
"""Damages TFLite files, the same way every time for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import tflite

WILD = (0, 1, 2, 4, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Victim:
    """A sound file and the ranges of bytes in it that are not weights, where damage tells more."""

    data: bytes
    structure: tuple[range, ...]


def victim(data: bytes) -> Victim:
    """Finds the large buffers of a sound model; what lies between them is structure."""
    model = tflite.Model.GetRootAs(data, 0)
    large: list[tuple[int, int]] = []
    for i in range(model.BuffersLength()):
        buffer = model.Buffers(i)
        if buffer.DataLength() > 64:
            start = buffer._tab.Vector(buffer._tab.Offset(4))
            large.append((start, start + buffer.DataLength()))
    ranges, start = [], 0
    for first, end in [*sorted(large), (len(data), len(data))]:
        ranges.append(range(start, first))
        start = end
    return Victim(data, tuple(r for r in ranges if r))


def damaged(seed: int, victims: Sequence[Victim]) -> bytes:
    """One of the victims with one to four kinds of damage done to it."""
    rng = random.Random(seed)
    chosen = rng.choice(victims)
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


def _small_number(rng: random.Random, data: bytearray, chosen: Victim, _: Sequence[Victim]) -> None:
    """An index, dimension or option that is wrong but plausible."""
    at = _place(rng, data, chosen, 4)
    data[at : at + 4] = rng.randint(-4, 40).to_bytes(4, "little", signed=True)


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
    _small_number,
    _small_number,
    _wild_offset,
    _wild_half,
    _swap_words,
    _truncate,
    _insert_or_delete,
    _splice,
)
