# SPDX-License-Identifier: Apache-2.0
"""The allocation problem and its solution: plain data, checked once, when it is made.

Sizes, offsets and distances are bytes. Times are integers without a unit; lifetimes are half-open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ALIGNMENTS = (1, 2, 4, 8, 16, 32)

_MEMORY_NAME = re.compile(r"[A-Za-z0-9_.-]+")


class ProblemError(ValueError):
    """The problem itself is wrong; the one-line message names the buffer, overlap or memory."""


@dataclass(frozen=True, slots=True)
class Memory:
    """An address range that starts at offset 0. `size_bytes` None: as large as it takes.

    `cost` orders memories by preference, cheapest first; it is paid for each byte placed.
    The name consists of letters, digits, `_`, `.` and `-`.
    """

    name: str
    size_bytes: int | None = None
    cost: int = 0

    def __post_init__(self) -> None:
        if not _MEMORY_NAME.fullmatch(self.name):
            raise ProblemError(f"memory {self.name!r}: want a name of letters, digits, _ . -")
        if self.size_bytes is not None and self.size_bytes < 0:
            raise ProblemError(f"memory {self.name}: got size {self.size_bytes}, want 0 or more")


@dataclass(frozen=True, slots=True)
class Buffer:
    """`size_bytes` at an offset that is a multiple of `alignment`, alive in [start, end).

    `memories` names the memories it may lie in (empty: any of the problem's).
    `fixed_offset` pins it; a buffer pinned may lie in one memory only.
    """

    name: str
    size_bytes: int
    start: int
    end: int
    alignment: int = 4
    memories: tuple[str, ...] = ()
    fixed_offset: int | None = None

    def __post_init__(self) -> None:
        where = f"buffer {self.name!r}"
        if not self.name:
            raise ProblemError("buffer without a name")
        if self.size_bytes < 0:
            raise ProblemError(f"{where}: got size {self.size_bytes}, want 0 or more")
        if self.start >= self.end:
            raise ProblemError(f"{where}: got lifetime [{self.start}, {self.end}), which is empty")
        if self.alignment not in ALIGNMENTS:
            raise ProblemError(f"{where}: got alignment {self.alignment}, want one of {ALIGNMENTS}")
        fixed = self.fixed_offset
        if fixed is not None and (fixed < 0 or fixed % self.alignment):
            raise ProblemError(f"{where}: got offset {fixed}, want a multiple of {self.alignment}")


@dataclass(frozen=True, slots=True)
class Overlap:
    """`output` may take storage of `input` while both are alive.

    Legal, besides lying apart, is every placement with
    `address(output) + distance <= address(input)`. Distance 0 allows the output to start where
    the input starts (or anywhere below), a negative distance up to `-distance` bytes above.
    """

    output: str
    input: str
    distance: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Buffers, the pairs that may overlap, and the memories to place them in.

    Raises ProblemError for names that are used twice or not at all defined.
    """

    buffers: tuple[Buffer, ...]
    overlaps: tuple[Overlap, ...] = ()
    memories: tuple[Memory, ...] = (Memory("ram"),)

    def __post_init__(self) -> None:
        if not self.memories:
            raise ProblemError("no memory to place buffers in")
        buffers = _unique("buffer", (buffer.name for buffer in self.buffers))
        memories = _unique("memory", (memory.name for memory in self.memories))
        for buffer in self.buffers:
            _known(f"buffer {buffer.name!r}", "memory", buffer.memories, memories)
            if buffer.fixed_offset is not None and len(allowed(self, buffer)) != 1:
                raise ProblemError(f"buffer {buffer.name!r}: has an offset, want exactly 1 memory")
        for overlap in self.overlaps:
            where = f"overlap of {overlap.output!r} and {overlap.input!r}"
            _known(where, "buffer", (overlap.output, overlap.input), buffers)
            if overlap.output == overlap.input:
                raise ProblemError(f"{where}: want two different buffers")


@dataclass(frozen=True, slots=True)
class Solution:
    """Where each buffer lies, and what is known about how good that is.

    `offsets` maps buffer to (memory, offset); `height_bytes` maps every memory of the problem to
    the end of its topmost buffer. No solution has heights that add up to less than
    `lower_bound_bytes`. `optimal` is claimed with a `proof` only: "lower bound" (the height is
    the bound on the bytes alive at one time) or "completed search".
    """

    offsets: Mapping[str, tuple[str, int]]
    height_bytes: Mapping[str, int]
    lower_bound_bytes: int
    optimal: bool
    proof: str

    @property
    def total_bytes(self) -> int:
        """The heights of all memories, added up."""
        return sum(self.height_bytes.values())


def allowed(problem: Problem, buffer: Buffer) -> tuple[str, ...]:
    """Names of the memories `buffer` may lie in, cheapest first."""
    cheapest_first = sorted(problem.memories, key=lambda memory: memory.cost)
    names = tuple(memory.name for memory in cheapest_first)
    return tuple(name for name in names if not buffer.memories or name in buffer.memories)


def _unique(kind: str, names: Iterable[str]) -> frozenset[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ProblemError(f"{kind} {name!r} is defined twice")
        seen.add(name)
    return frozenset(seen)


def _known(where: str, kind: str, names: Iterable[str], known: frozenset[str]) -> None:
    for name in names:
        if name not in known:
            raise ProblemError(f"{where}: got {kind} {name!r}, which is not in the problem")
