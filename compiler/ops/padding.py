# SPDX-License-Identifier: Apache-2.0
"""What PAD and PADV2 share.

Source: tensorflow/lite/micro/kernels/pad_common.cc, kernels/internal/reference/pad.h.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    ConstArray,
    Constraint,
    Isa,
    KernelCall,
    Operator,
    ParamValue,
    Rows,
    Whole,
)

MAX_PADDING = 1 << 16
"""Far more than fits any target; keeps what a file claims from growing memory."""


@dataclass(frozen=True, slots=True)
class BorderAttrs(Attrs):
    """(before, after) for each axis, in elements."""

    paddings: tuple[tuple[int, int], ...]


B = TypeVar("B", bound=BorderAttrs)


def runs(shape: Sequence[int], paddings: Sequence[tuple[int, int]]) -> list[int]:
    """A padded block as alternating counts: fill, copy, fill, copy, ..., fill.

    `shape` is the block before it is padded.
    """
    if not shape:
        return [0, 1, 0]
    before, after = (n * _size(shape[1:], paddings[1:]) for n in paddings[0])
    inner = runs(shape[1:], paddings[1:])
    joined = [before + inner[0]]
    for _ in range(shape[0]):
        joined += inner[1:]
        joined[-1] += inner[0]
    joined[-1] += after - inner[0]
    return joined


def _size(shape: Sequence[int], paddings: Sequence[tuple[int, int]]) -> int:
    return math.prod(n + a + b for n, (a, b) in zip(shape, paddings, strict=True))


def without_empty_fills(counts: Sequence[int]) -> list[int]:
    """The same with copies that nothing separates joined."""
    joined = list(counts[:2])
    for fill, copy in zip(counts[2:-1:2], counts[3::2], strict=True):
        if fill == 0:
            joined[-1] += copy
        else:
            joined += [fill, copy]
    return [*joined, counts[-1]]


def read_paddings(inputs: Sequence[Tensor | None]) -> tuple[tuple[int, int], ...]:
    """The second input, which must be constant: two numbers for each axis."""
    counts, rank = common.constant_ints(inputs[1]), len(common.input0(inputs).shape)
    if counts is None or len(counts) != 2 * rank:
        got = "computed ones" if counts is None else f"{len(counts)} numbers"
        raise InputError("paddings", got, f"{2 * rank} constant numbers")
    if not all(0 <= n <= MAX_PADDING for n in counts):
        raise InputError("paddings", str(list(counts)), f"0 to {MAX_PADDING}")
    return tuple(zip(counts[::2], counts[1::2], strict=True))


class Padded(Operator[B]):
    """Base of the padding operators; subclasses say what fills the border."""

    monotone = "increasing"
    constraints: ClassVar[tuple[Constraint, ...]] = (*common.INT8, common.same_quantization)

    @abstractmethod
    def fill(self, attrs: B, out: Tensor) -> int:
        """The number in the border."""

    def infer(self, attrs: B, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        return tuple(n + a + b for n, (a, b) in zip(shape, attrs.paddings, strict=True))

    def evaluate(
        self, attrs: B, inputs: Sequence[Tensor | None], values: Sequence[Array | None], out: Tensor
    ) -> Array:
        fill = self.fill(attrs, out)
        return np.pad(common.value0(values), attrs.paddings, constant_values=fill)

    def copies(self, attrs: B, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        return not any(a or b for a, b in attrs.paddings)

    def access(
        self, attrs: B, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        others = [None for _ in inputs[1:]]
        if not _keeps_rows(common.input0(inputs), out):
            return (Whole(), *others)
        before = attrs.paddings[common.row_axis(out.shape)][0]
        return (Rows(1, 1, -before, 1 - before, edge="null"), *others)

    def kernel(
        self, attrs: B, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        x, axis = common.input0(inputs), common.row_axis(out.shape)
        first = axis + 1 if out.rows > 1 else 0
        counts = without_empty_fills(runs(x.shape[first:], attrs.paddings[first:]))
        whole = out.rows > 1 and not _keeps_rows(x, out)
        params: dict[str, ParamValue] = {
            "runs": ConstArray(np.array(counts, np.int32)),
            "count": len(counts) // 2,
            "fill": self.fill(attrs, out),
            "size": out.row_bytes,
            "first": attrs.paddings[axis][0] if whole else -1,
            "rows": x.shape[axis] if whole else 0,
            "row_stride": math.prod(x.shape[first:]) if whole else 0,
        }
        return KernelCall(
            "nk_pad_row",
            "nk_pad",
            "pad",
            "kernels/pad.c",
            tuple(params.items()),
            takes_row=True,
        )


def _keeps_rows(x: Tensor, out: Tensor) -> bool:
    """Whether the input's rows lie along the output's row axis."""
    return x.rows > 1 and out.rows > 1 and common.row_axis(x.shape) == common.row_axis(out.shape)
