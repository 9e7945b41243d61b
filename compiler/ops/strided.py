# SPDX-License-Identifier: Apache-2.0
"""Base of the operators that copy elements from regular places: TRANSPOSE, SLICE and the like."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Constraint,
    Cut,
    Isa,
    KernelCall,
    Operator,
    Rows,
    Whole,
)

A = TypeVar("A", bound=Attrs)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the output's elements come from: index (i, j, ...) of the output, of shape `shape`, is
    element offset + i * strides[0] + j * strides[1] + ... of the input. Strides may be negative."""

    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def indices(self) -> Array:
        """The input element of each output element, in the output's shape."""
        index = np.array(self.offset)
        for axis, (extent, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            steps = np.arange(extent) * stride
            index = index + steps.reshape((extent,) + (1,) * (len(self.shape) - 1 - axis))
        return np.broadcast_to(index, self.shape)


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of a tensor in C order, in elements."""
    return tuple(math.prod(shape[a + 1 :]) for a in range(len(shape)))


def part_along(shape: Sequence[int], axis: int, first: int, size: int) -> Places:
    """`size` indices of an axis, from `first` on, of a contiguous tensor; all of the others."""
    strides = contiguous_strides(shape)
    return Places(first * strides[axis], (*shape[:axis], size, *shape[axis + 1 :]), strides)


def _row_pattern(places: Places, x: Tensor, out: Tensor) -> tuple[Rows, int] | None:
    """How output rows come each from one input row, with the offset inside it; None if not."""
    if out.rows == 1 or x.rows == 1:
        return None
    axis = common.row_axis(out.shape)
    step, rest = places.strides[axis], places.strides[:axis] + places.strides[axis + 1 :]
    extents = places.shape[:axis] + places.shape[axis + 1 :]
    first, inside = divmod(places.offset, x.row_bytes)
    spans = [(n - 1) * s for n, s in zip(extents, rest, strict=True)]
    low, high = (inside + sum(f(s, 0) for s in spans) for f in (min, max))
    if step <= 0 or step % x.row_bytes or low < 0 or high >= x.row_bytes:
        return None
    return Rows(step // x.row_bytes, 1, first, first + 1), inside


def row_steps(places: Places, out: Tensor) -> tuple[tuple[int, int], ...]:
    """(extent, stride) of the loops over a row of the output."""
    axis = common.row_axis(out.shape)
    axes = zip(places.shape, places.strides, strict=True)
    return common.merged_axes(s for a, s in enumerate(axes) if out.rows == 1 or a != axis)


class StridedCopy(Operator[A]):
    """Base of the copying operators; subclasses say where elements come from."""

    constraints: ClassVar[tuple[Constraint, ...]] = common.INT8

    @abstractmethod
    def places(self, attrs: A, inputs: Sequence[Tensor | None]) -> Places:
        """Where the elements of the output come from; its shape is the output's."""

    def infer(self, attrs: A, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        return self.places(attrs, inputs).shape

    def evaluate(
        self, attrs: A, inputs: Sequence[Tensor | None], values: Sequence[Array | None], out: Tensor
    ) -> Array:
        flat = common.value0(values).reshape(-1)
        taken: Array = flat[self.places(attrs, inputs).indices()].reshape(out.shape)
        return taken

    def copies(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        places, x = self.places(attrs, inputs), common.input0(inputs)
        wanted = contiguous_strides(places.shape)
        pairs = zip(places.shape, places.strides, wanted, strict=True)
        in_order = all(n == 1 or s == w for n, s, w in pairs)
        return in_order and places.offset == 0 and x.elements == out.elements

    def taken(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> Cut | None:
        places, shape = self.places(attrs, inputs), common.input0(inputs).shape
        strides = contiguous_strides(shape)
        for axis, extent in enumerate(shape):
            first, rest = divmod(places.offset, strides[axis])
            size, uneven = divmod(out.elements * extent, math.prod(shape))
            if rest or uneven or not 0 < size < extent or first + size > extent:
                continue
            wanted = part_along(shape, axis, first, size).indices()
            if np.array_equal(wanted.ravel(), places.indices().ravel()):
                return Cut(axis, first, size)
        return None

    def access(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        pattern = _row_pattern(self.places(attrs, inputs), common.input0(inputs), out)
        return (Whole() if pattern is None else pattern[0], *(None for _ in inputs[1:]))

    def kernel(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        places = self.places(attrs, inputs)
        pattern = _row_pattern(places, common.input0(inputs), out)
        axis = common.row_axis(out.shape)
        steps = row_steps(places, out)
        params = {
            "offset": places.offset if pattern is None else pattern[1],
            "row_stride": places.strides[axis] if pattern is None and out.rows > 1 else 0,
        }
        for i, (n, s) in enumerate(((1, 1),) * (4 - len(steps)) + steps):
            params |= {f"n{i}": n, f"stride{i}": s}
        return KernelCall(
            "nk_strided_copy_row",
            "nk_strided_copy",
            "strided_copy",
            "kernels/strided_copy.c",
            tuple(params.items()),
            takes_row=True,
        )
