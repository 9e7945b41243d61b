# SPDX-License-Identifier: Apache-2.0
"""Two-operand elementwise operators with broadcasting: shapes, access and kernel parameters.

A row of the output is walked by two nested loops, `outer` times `inner`; each operand has one
stride, 0 or more, for each. That covers every broadcast whose row has at most two alternating
groups of axes: scalars, channel vectors, one value for each token, one for each pixel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Aligned,
    Channels,
    ConstArray,
    Constraint,
    Cut,
    Isa,
    KernelCall,
    Operator,
    ParamValue,
    Part,
    Rows,
    Whole,
)

A = TypeVar("A", bound=Attrs)


@dataclass(frozen=True, slots=True)
class Loops:
    """The loops over a block of rows. `strides[k]` are operand k's (outer, inner) in elements."""

    outer: int
    inner: int
    strides: tuple[tuple[int, int], ...]


def _aligned(shape: Sequence[int], rank: int) -> tuple[int, ...]:
    return (1,) * (rank - len(shape)) + tuple(shape)


def _groups(shapes: Sequence[tuple[int, ...]], out: tuple[int, ...]) -> list[list[int]]:
    """[extent, operand 0 moves, operand 1 moves] of the axes, neighbours alike merged."""
    groups: list[list[int]] = []
    for axis, extent in enumerate(out):
        if extent == 1:
            continue
        moves = [int(s[axis] == extent) for s in shapes]
        if groups and groups[-1][1:] == moves:
            groups[-1][0] *= extent
        else:
            groups.append([extent, *moves])
    return groups


def loops(shapes: Sequence[tuple[int, ...]], out: tuple[int, ...]) -> Loops | None:
    """The loops that walk `out`, or None when two are not enough. Shapes have out's rank."""
    groups = _groups(shapes, out)
    if len(groups) > 2:
        return None
    (outer, *outer_moves), (inner, *inner_moves) = [[1, 0, 0]] * (2 - len(groups)) + groups
    strides = tuple(
        (o * (inner if i else 1), i) for o, i in zip(outer_moves, inner_moves, strict=True)
    )
    return Loops(outer, inner, strides)


def _block_shapes(
    inputs: Sequence[Tensor | None], out: Tensor, block: int
) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """The shapes of both operands and the output, cut to one block of output rows."""
    rank, axis = len(out.shape), common.row_axis(out.shape)
    whole = [_aligned(t.shape, rank) for t in inputs if t is not None]
    cut = [s if not s or s[axis] == 1 else (*s[:axis], block, *s[axis + 1 :]) for s in whole]
    if out.rows == 1:
        return whole, out.shape
    return cut, (*out.shape[:axis], block, *out.shape[axis + 1 :])


def block_loops(inputs: Sequence[Tensor | None], out: Tensor, block: int) -> Loops | None:
    """The loops over `block` output rows, or None when two are not enough."""
    return loops(*_block_shapes(inputs, out, block))


def simple_broadcast(graph: Graph, op: Op) -> str | None:
    """Within a row of the output at most two groups of axes may be broadcast differently"""
    inputs = graph.input_tensors(op)
    if block_loops(inputs, graph.output(op), 1) is None:
        return " and ".join(str(t.shape) for t in inputs if t is not None)
    return None


def broadcastable(graph: Graph, op: Op) -> str | None:
    """The shapes of both inputs must broadcast to the output's, of at most five dimensions"""
    shapes = [t.shape for t in graph.input_tensors(op) if t is not None]
    out = graph.output(op).shape
    try:
        fits = np.broadcast_shapes(*shapes) == out and len(out) <= 5
    except ValueError:
        fits = False
    return None if fits else f"{' and '.join(map(str, shapes))} to {out}"


class Elementwise(Operator[A]):
    """Base of ADD, SUB, MUL and the like; subclasses give the arithmetic.

    Kernel: nk_<name>_row, struct nk_<name> with the fields of `quantization` after the common
    ones. Operands that are constants come as parameters.
    """

    arity = (2, 2)
    elementwise = True
    constraints: ClassVar[tuple[Constraint, ...]] = (
        common.int8_inputs,
        *common.INT8,
        common.known_activation,
        broadcastable,
        simple_broadcast,
    )

    def infer(self, attrs: A, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shapes = [t.shape for t in inputs if t is not None]
        return tuple(int(n) for n in np.broadcast_shapes(*shapes))

    def quantization(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        """The quantization fields of the kernel's parameter struct, in order."""
        raise NotImplementedError

    def part(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut) -> Part | None:
        rank = len(out.shape)
        cuts = (None if t is None else common.aligned_cut(t, rank, cut) for t in inputs)
        return Part(attrs, tuple(cuts))

    def access(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return tuple(None if t is None or t.data is not None else _access(t, out) for t in inputs)

    def row_local(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        return block_loops(inputs, out, 2) is not None

    def in_place(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> tuple[int, ...]:
        return tuple(
            i
            for i, t in enumerate(inputs)
            if t is not None and t.data is None and t.elements == out.elements
        )

    def channels(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> Channels:
        return Aligned(tuple(_sources(t, out) for t in inputs))

    def operand_fields(
        self, inputs: Sequence[Tensor | None], out: Tensor, block: int
    ) -> dict[str, ParamValue]:
        """The fields of the kernel's parameter struct that say how operands are walked."""
        walk = block_loops(inputs, out, block)
        assert walk is not None
        a, b = (_operand(t, out) for t in inputs)
        return {
            "a": a[0],
            "b": b[0],
            "a_row": a[1],
            "b_row": b[1],
            "outer": walk.outer,
            "inner": walk.inner,
            "a_outer": walk.strides[0][0],
            "a_inner": walk.strides[0][1],
            "b_outer": walk.strides[1][0],
            "b_inner": walk.strides[1][1],
        }

    def kernel(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        fields = self.operand_fields(inputs, out, block) | self.quantization(attrs, inputs, out)
        return KernelCall(
            f"nk_{self.name}_row",
            f"nk_{self.name}",
            self.name,
            f"kernels/{self.name}.c",
            tuple(fields.items()),
            takes_row=True,
        )


def _access(tensor: Tensor, out: Tensor) -> Access:
    if tensor.elements == out.elements or _steps_with(tensor, out):
        return Rows()
    return Rows(num=0) if tensor.rows == 1 else Whole()


def _sources(tensor: Tensor | None, out: Tensor) -> Array | None:
    """The channel of an operand that each channel of the output reads."""
    if tensor is None or not tensor.shape:
        return None
    made = np.arange(out.shape[-1])
    return made if tensor.shape[-1] == len(made) else np.zeros_like(made)


def _steps_with(tensor: Tensor, out: Tensor) -> bool:
    """Whether the operand has one row for each row of the output."""
    axis = common.row_axis(out.shape)
    return out.rows > 1 and _aligned(tensor.shape, len(out.shape))[axis] == out.rows


def _operand(tensor: Tensor | None, out: Tensor) -> tuple[ConstArray | None, int]:
    """The constant array of an operand, None if it is computed, and the elements of its rows."""
    assert tensor is not None
    if tensor.data is None:
        return None, 0
    row = math.prod(tensor.shape) // out.rows if _steps_with(tensor, out) else 0
    return ConstArray(tensor.data.reshape(-1), "weights"), row
