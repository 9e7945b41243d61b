# SPDX-License-Identifier: Apache-2.0
"""What the templates print: a model as C, every decision taken and every number a literal."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from netsuke.compiler.buffers import RAM
from netsuke.compiler.ir import Array

Optimize = Literal["speed", "size", "shared"]
"""Whose copy of a kernel a layer calls: its own; its own or that of the model's file, whichever is
less code; that of the firmware, which several models share."""


@dataclass(frozen=True, slots=True)
class CArray:
    """A constant array in flash; `section` is the macro that places it."""

    name: str
    ctype: str
    section: Literal["NK_WEIGHTS", "NK_PARAMS"]
    values: Array


@dataclass(frozen=True, slots=True)
class CRows:
    """Row pointers of one kernel input: in[first .. first + count).

    Pointer i is row `first_row` + i * step of a ring of `ring` rows of `row_bytes` at `base`,
    C text.
    `edge` names the row used outside [0, rows), or is empty where no row lies outside.
    """

    first: int
    count: int
    step: int
    base: str
    row_bytes: int
    ring: int
    rows: int
    first_row: str
    edge: str


@dataclass(frozen=True, slots=True)
class CReduction:
    """A layer that takes one row of its input at a time: `steps` rows into an accumulator."""

    accumulate: str
    finish: str
    accumulator: str
    accumulator_bytes: int
    steps: int


@dataclass(frozen=True, slots=True)
class CTail:
    """The last call of a layer: from row `row` on fewer rows than a block are left."""

    row: int
    block: int
    struct: str
    params: tuple[tuple[str, str], ...]
    function: str
    row_argument: str


@dataclass(frozen=True, slots=True)
class CTileStep:
    """One operator of a patch: a function that computes a row of its columns of a tile.

    `first_row` is where it begins, C text on the next operator's variable; it may compute a row
    while `condition` holds, the first operator whenever the others cannot.
    """

    name: str
    comment: str
    struct: str
    params: tuple[tuple[str, str], ...]
    function: str
    source: CRows
    out_base: str
    out_row_bytes: int
    out_ring: int
    out_rows: int
    scratch: str
    row_argument: str
    first_row: str
    condition: str


@dataclass(frozen=True, slots=True)
class CTile:
    """`count` tiles that differ in their place only; `tile` counts them in C text."""

    name: str
    count: int
    steps: tuple[CTileStep, ...]


@dataclass(frozen=True, slots=True)
class CPatch:
    """A layer of several operators that compute, tile by tile, the rows from `row` to `end`."""

    tiles: tuple[CTile, ...]
    end: str


@dataclass(frozen=True, slots=True)
class CLayer:
    """One operator: its parameter struct and the function that computes `block` rows of it."""

    index: int
    comment: str
    struct: str
    params: tuple[tuple[str, str], ...]
    function: str
    inputs: tuple[CRows, ...]
    pointers: int
    out_base: str
    out_row_bytes: int
    out_ring: int
    out_rows: int
    block: int
    scratch: str
    row_argument: str
    reduction: CReduction | None
    tail: CTail | None
    patch: CPatch | None


@dataclass(frozen=True, slots=True)
class CStep:
    """One branch of a region's loop: layer `layer` may run while `condition` holds."""

    layer: int
    condition: str
    advance: int


@dataclass(frozen=True, slots=True)
class CStream:
    """The input that the caller pushes into a region: `rows` rows into a ring at `address`."""

    address: str
    row_bytes: int
    ring: int
    rows: int


@dataclass(frozen=True, slots=True)
class CRegion:
    """Steps in the order in which they are tried: last operator first."""

    index: int
    steps: tuple[CStep, ...]
    layers: tuple[int, ...]
    stream: CStream | None


@dataclass(frozen=True, slots=True)
class CEdge:
    """An input or output of the model as the header shows it."""

    suffix: str
    """Appended to the names of the header: empty for the only one, else _0, _1, ..."""
    shape: str
    size_bytes: int
    address: str
    scale: str
    zero_point: int
    real: bool
    """Whether the model file has float32 here, so that conversion helpers are offered."""
    elements: int


@dataclass(frozen=True, slots=True)
class CMemory:
    """A part of the arena in a memory of its own; `argument` names it in C, `macro` its size,
    `section` where the agent's firmware places it (empty: with all other variables)."""

    argument: str
    macro: str
    section: str
    size_bytes: int

    @classmethod
    def of(cls, name: str, size_bytes: int) -> CMemory:
        """The part in memory `name`."""
        if name == RAM:
            return cls("arena", "ARENA", "", size_bytes)
        c_name = re.sub(r"\W", "_", name.lower())
        return cls(c_name, c_name.upper(), ram_section(name), size_bytes)


def ram_section(memory: str) -> str:
    """The linker's section for variables in a RAM that is not the main one."""
    return f".nk_ram_{memory.lower()}"


@dataclass(frozen=True, slots=True)
class CModel:
    """A whole model. `name` prefixes every symbol, `macro` every macro."""

    name: str
    macro: str
    version: str
    source: str
    sha256: str
    memories: tuple[CMemory, ...]
    """The parts of the arena, most often one."""
    kernel_sources: tuple[str, ...]
    own_sources: tuple[str, ...]
    """Kernels of which each layer gets a copy, with its sizes folded in."""
    once_sources: tuple[str, ...]
    """Kernels that stand once in the model's file."""
    headers: tuple[str, ...]
    """Kernels that are compiled apart."""
    weights: tuple[CArray, ...]
    weights_crc: str
    """CRC-32 of all of `weights`, one behind the other, as they lie in the target's memory."""
    layers: tuple[CLayer, ...]
    regions: tuple[CRegion, ...]
    inputs: tuple[CEdge, ...]
    outputs: tuple[CEdge, ...]
    observed: bool
    """Whether the code calls nk_on_layer and nk_on_rows."""
    stack_bytes: int | None
    """Bound of the stack that an inference takes, where a build for the target has shown one."""
    streamed: CRegion | None
    """The first region where the caller pushes the input."""

    @property
    def arena_bytes(self) -> int:
        """All parts of the arena."""
        return sum(memory.size_bytes for memory in self.memories)

    @property
    def stamp(self) -> str:
        """A number by which header and source know that they belong together: it differs where
        what a caller sees does."""
        face = (self.version, self.sha256, self.memories, self.inputs, self.outputs)
        streamed = None if self.streamed is None else (self.streamed.layers, self.streamed.stream)
        return f"0x{hashlib.sha256(repr((face, streamed)).encode()).hexdigest()[:8]}"

    @property
    def inlined(self) -> bool:
        """Whether all kernels are part of the model's file."""
        return not self.headers
