# SPDX-License-Identifier: Apache-2.0
"""PATCH: operators in a row, each read by the next alone, computed tile by tile.

Of the tensors between them only the part that a tile of the output needs exists, in scratch memory.
What two tiles need is computed for each, which is the price. Made by planning, never by a file.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Cut,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    PatchCall,
    Rows,
    Tile,
    TileStep,
)
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.windows import COLUMN_AXIS

ALIGNMENT = 4
"""Of what lies in scratch memory, in bytes."""


@dataclass(frozen=True, slots=True)
class Member:
    """One operator of a patch: its place in the model file, attributes, and its output as a whole.

    Its inputs are the output of the member before it, or the patch's, and then `constants` of the
    patch's further inputs.
    """

    place: str
    attrs: Attrs
    constants: int
    out: Tensor


@dataclass(frozen=True, slots=True)
class PatchAttrs(Attrs):
    """At least two members; a call gives `rows` rows of the output, in tiles of `columns`."""

    members: tuple[Member, ...]
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A member on some columns: `start` is where its input begins. Tensors are cut to fit."""

    attrs: Attrs
    inputs: tuple[Tensor | None, ...]
    out: Tensor
    start: int


Pieces = tuple[Piece, ...]


def whole_members(attrs: PatchAttrs, inputs: Sequence[Tensor | None]) -> Iterator[Piece]:
    """The members as operators on whole tensors."""
    source, rest = inputs[0], list(inputs[1:])
    for member in attrs.members:
        constants, rest = rest[: member.constants], rest[member.constants :]
        yield Piece(member.attrs, (source, *constants), member.out, 0)
        source = member.out


def pieces(attrs: PatchAttrs, inputs: Sequence[Tensor | None], start: int, size: int) -> Pieces:
    """The members on what output columns [start, start + size) need.

    Raises ValueError where a member cannot compute that alone.
    """
    found: list[Piece] = []
    cut = Cut(COLUMN_AXIS, start, size)
    for whole in reversed(list(whole_members(attrs, inputs))):
        part = operator_of(whole.attrs).part(whole.attrs, whole.inputs, whole.out, cut)
        if part is None or part.inputs[0] is None or any(part.inputs[1:]):
            raise ValueError("a member that needs more than some columns of its input")
        out = replace(whole.out, shape=cut.shape(whole.out.shape), origin=None)
        source = common.input0(whole.inputs)
        cut = part.inputs[0]
        if cut.axis != COLUMN_AXIS:
            raise ValueError("a member whose columns are no columns of its input")
        source = replace(source, shape=cut.shape(source.shape), origin=None)
        found.append(Piece(part.attrs, (source, *whole.inputs[1:]), out, cut.start))
    return tuple(reversed(found))


def row_access(part: Piece) -> Rows:
    """Which rows of its input a member reads."""
    access = operator_of(part.attrs).access(part.attrs, part.inputs, part.out)[0]
    assert isinstance(access, Rows)
    return access


def rows_computed(
    accesses: Sequence[Rows], heights: Sequence[int], first: int, end: int
) -> list[tuple[int, int]]:
    """For each member the rows [first, end) that it computes for rows [first, end) of the output;
    `heights` are those of the members' outputs."""
    spans = [(first, end)]
    for access, height in zip(reversed(accesses[1:]), reversed(heights[:-1]), strict=True):
        first = min(max(0, access.span(first)[0]), height)
        end = max(first, min(access.span(end - 1)[-1] + 1, height))
        spans.append((first, end))
    return spans[::-1]


def rings(accesses: Sequence[Rows], heights: Sequence[int]) -> tuple[int, ...]:
    """Rows alive at once of each tensor between members: as many as the window of its reader
    reaches over, for a member runs only when no later one can."""
    spans = (access.hi - access.lo for access in accesses[1:])
    return tuple(min(span, height) for span, height in zip(spans, heights, strict=False))


def chained(accesses: Sequence[Rows]) -> Rows:
    """The rows of the first member's input that a row of the last one's output depends on."""
    num, low, high = 1, 0, 1
    for access in reversed(accesses):
        low = low * access.num + access.lo
        high = (high - 1) * access.num + access.hi
        num *= access.num
    return Rows(num, 1, low, high)


# --- constraints ---------------------------------------------------------------------------------


def members_stream(graph: Graph, op: Op) -> str | None:
    """Members must read rows of images of more than one row, and be able to compute any columns"""
    attrs, inputs = op.attrs, graph.input_tensors(op)
    assert isinstance(attrs, PatchAttrs)
    for whole in whole_members(attrs, inputs):
        problem = _member_problem(whole)
        if problem is not None:
            return problem
    width = graph.output(op).shape[COLUMN_AXIS]
    for start in range(0, width, attrs.columns):
        try:
            pieces(attrs, inputs, start, min(attrs.columns, width - start))
        except ValueError as error:
            return str(error)
    return None


def _member_problem(whole: Piece) -> str | None:
    source, out = common.input0(whole.inputs), whole.out
    if len(source.shape) != 4 or len(out.shape) != 4 or source.shape[0] != 1:
        return f"shapes {source.shape} and {out.shape}"
    if common.of_one_row(source, out):
        return f"heights {source.shape[1]} and {out.shape[1]}"
    access = operator_of(whole.attrs).access(whole.attrs, whole.inputs, out)
    first = access[0]
    if not isinstance(first, Rows) or first.den != 1 or first.num < 1 or any(access[1:]):
        return f"rows {access}"
    return None


class Patch(Operator[PatchAttrs]):
    name = "patch"
    builtin = "PATCH"
    attrs_type = PatchAttrs
    arity = (1, 64)
    internal = True
    constraints = (common.rank_4, common.batch_1, members_stream)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> PatchAttrs:
        raise InputError("PATCH", want="an operator of TensorFlow Lite")

    def infer(self, attrs: PatchAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        for whole in whole_members(attrs, inputs):
            shape = operator_of(whole.attrs).infer(whole.attrs, whole.inputs)
        return shape

    def evaluate(
        self,
        attrs: PatchAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        value, rest = common.value0(values), list(values[1:])
        for whole in whole_members(attrs, inputs):
            given, rest = rest[: len(whole.inputs) - 1], rest[len(whole.inputs) - 1 :]
            operator = operator_of(whole.attrs)
            value = operator.evaluate(whole.attrs, whole.inputs, (value, *given), whole.out)
        return value

    def access(
        self, attrs: PatchAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        accesses = [row_access(whole) for whole in whole_members(attrs, inputs)]
        return (chained(accesses), *(None for _ in inputs[1:]))

    def rows_per_call(self, attrs: PatchAttrs) -> int:
        return attrs.rows

    def kernel(
        self, attrs: PatchAttrs, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        patch, end = _call(attrs, inputs, out, isa)
        used = max(step.call.scratch_bytes for tile in patch.tiles for step in tile.steps)
        return KernelCall("", "", "", "", (), scratch_bytes(end, used), patch=patch)

    def macs(self, attrs: PatchAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> int:
        whole = list(whole_members(attrs, inputs))
        accesses, heights = [row_access(w) for w in whole], [w.out.rows for w in whole]
        blocks = [
            rows_computed(accesses, heights, r, min(r + attrs.rows, out.rows))
            for r in range(0, out.rows, attrs.rows)
        ]
        counts = [sum(end - first for first, end in spans) for spans in zip(*blocks, strict=True)]
        return sum(
            _macs(replace(piece, out=_with_height(piece.out, count)))
            for tile in tiles_of(attrs, inputs, out)
            for piece, count in zip(tile, counts, strict=True)
        )

    def extra_macs(self, attrs: PatchAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> int:
        once = sum(map(_macs, whole_members(attrs, inputs)))
        return self.macs(attrs, inputs, out) - once

    def title(self, attrs: PatchAttrs, place: str) -> str:
        return " + ".join(operator_of(m.attrs).title(m.attrs, m.place) for m in attrs.members)


def _macs(part: Piece) -> int:
    return operator_of(part.attrs).macs(part.attrs, part.inputs, part.out)


def _with_height(tensor: Tensor, height: int) -> Tensor:
    return replace(tensor, shape=Cut(1, 0, height).shape(tensor.shape))


def tiles_of(attrs: PatchAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> list[Pieces]:
    """The members on every tile, from left to right."""
    width = out.shape[COLUMN_AXIS]
    return [
        pieces(attrs, inputs, start, min(attrs.columns, width - start))
        for start in range(0, width, attrs.columns)
    ]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the tensors between members are in scratch memory, as in PatchCall, up to `end`."""

    rings: tuple[int, ...]
    offsets: tuple[int, ...]
    end: int


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def scratch_bytes(end: int, used: int) -> int:
    """Of a patch whose kernels use as much behind its tensors."""
    return _aligned(end) + used if used else end


def layout(tiles: Sequence[Pieces]) -> Layout:
    """Rings large enough for every tile, one after the other."""
    accesses, heights = [row_access(p) for p in tiles[0]], [p.out.rows for p in tiles[0]]
    kept, offsets, at = rings(accesses, heights), [], 0
    for i, rows in enumerate(kept):
        offsets.append(_aligned(at))
        at = offsets[-1] + rows * max(tile[i].out.row_bytes for tile in tiles)
    return Layout(kept, tuple(offsets), at)


def _call(
    attrs: PatchAttrs, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa
) -> tuple[PatchCall, int]:
    """The call, and where its tensors end in scratch memory."""
    tiles = tiles_of(attrs, inputs, out)
    places = [tile[0].start for tile in tiles]
    in_columns = max((b - a for a, b in itertools.pairwise(places)), default=0)  # but at the edges
    groups: list[list[int]] = []
    for i, tile in enumerate(tiles):
        if groups and _alike(tiles[groups[-1][-1]], tile, in_columns):
            groups[-1].append(i)
        else:
            groups.append([i])
    found = tuple(
        Tile(g[0] * attrs.columns, tiles[g[0]][0].start, len(g), _steps(tiles[g[0]], isa))
        for g in groups
    )
    kept = layout(tiles)
    scratch = _aligned(kept.end)
    sizes = (scratch, attrs.rows, attrs.columns, in_columns)
    return PatchCall(found, kept.rings, kept.offsets, *sizes), kept.end


def _alike(a: Pieces, b: Pieces, in_columns: int) -> bool:
    """Whether tile b, the neighbour of a, differs from it in its place alone."""
    same = all(
        (p.attrs, p.inputs[0], p.out) == (q.attrs, q.inputs[0], q.out)
        for p, q in zip(a, b, strict=True)
    )
    return same and b[0].start - a[0].start == in_columns


def _steps(tile: Pieces, isa: Isa) -> tuple[TileStep, ...]:
    return tuple(
        TileStep(
            operator_of(p.attrs).kernel(p.attrs, p.inputs, p.out, isa, 1),
            row_access(p),
            common.input0(p.inputs),
            p.out,
        )
        for p in tile
    )


OPERATOR = Patch()
