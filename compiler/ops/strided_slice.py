# SPDX-License-Identifier: Apache-2.0
"""STRIDED_SLICE with constant bounds.

Source: tensorflow/lite/micro/kernels/strided_slice_common.cc,
kernels/internal/strided_slice_logic.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.strided import Places, StridedCopy, contiguous_strides


@dataclass(frozen=True, slots=True)
class StridedSliceAttrs(Attrs):
    """`extents[a]` elements from `begins[a]` on, `steps[a]` apart, along each input axis a; axes in
    `dropped` are left out of the output's shape."""

    begins: tuple[int, ...]
    extents: tuple[int, ...]
    steps: tuple[int, ...]
    dropped: tuple[int, ...]


def rank_at_most_4(graph: Graph, op: Op) -> str | None:
    """The input must have at most four dimensions"""
    rank = len(common.input0(graph.input_tensors(op)).shape)
    return None if rank <= 4 else str(rank)


def axis_range(size: int, begin: int | None, end: int | None, step: int) -> tuple[int, int]:
    """(first, extent) along an axis of `size`; a bound of None is masked: as far as it goes."""
    low, high = (0, size) if step > 0 else (-1, size - 1)

    def clamped(bound: int) -> int:
        return min(max(bound + size if bound < 0 else bound, low), high)

    first = (low if step > 0 else high) if begin is None else clamped(begin)
    stop = (high if step > 0 else low) if end is None else clamped(end)
    return first, max(0, -((first - stop) // step))


class StridedSlice(StridedCopy[StridedSliceAttrs]):
    name = "strided_slice"
    builtin = "STRIDED_SLICE"
    attrs_type = StridedSliceAttrs
    arity = (4, 4)
    constraints = (*StridedCopy.constraints, rank_at_most_4, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> StridedSliceAttrs:
        shape = common.input0(inputs).shape
        bounds = [common.constant_ints(t) for t in inputs[1:]]
        if any(b is None or len(b) != len(shape) for b in bounds):
            raise InputError("bounds", "others", f"{len(shape)} constant numbers each")
        for mask in ("ellipsis_mask", "new_axis_mask"):
            if options.int(mask):
                raise InputError(mask, str(options.int(mask)), "0")
        masks = [options.int(f"{m}_mask") for m in ("begin", "end", "shrink_axis")]
        begins, ends, steps = (b for b in bounds if b is not None)
        if 0 in steps:
            raise InputError("strides", str(list(steps)), "none of 0")
        ranges = [
            self._range(n, begins[a], ends[a], steps[a], [bool(m >> a & 1) for m in masks])
            for a, n in enumerate(shape)
        ]
        dropped = tuple(a for a in range(len(shape)) if masks[2] >> a & 1)
        firsts, extents = (tuple(r[i] for r in ranges) for i in (0, 1))
        return StridedSliceAttrs(firsts, extents, tuple(steps), dropped)

    @staticmethod
    def _range(size: int, begin: int, end: int, step: int, masks: list[bool]) -> tuple[int, int]:
        first, extent = axis_range(
            size, None if masks[0] else begin, None if masks[1] else end, step
        )
        if masks[2]:
            if not 0 <= first < size:
                raise InputError("begin", str(begin), f"less than {size}")
            return first, 1
        if not extent:
            raise InputError("slice", "nothing", "at least one element")
        return first, extent

    def places(self, attrs: StridedSliceAttrs, inputs: Sequence[Tensor | None]) -> Places:
        strides = contiguous_strides(common.input0(inputs).shape)
        kept = [a for a in range(len(strides)) if a not in attrs.dropped]
        return Places(
            sum(b * s for b, s in zip(attrs.begins, strides, strict=True)),
            tuple(attrs.extents[a] for a in kept),
            tuple(attrs.steps[a] * strides[a] for a in kept),
        )


OPERATOR = StridedSlice()
