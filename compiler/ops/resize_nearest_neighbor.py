# SPDX-License-Identifier: Apache-2.0
"""RESIZE_NEAREST_NEIGHBOR.

Source: tensorflow/lite/kernels/internal/reference/resize_nearest_neighbor.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Aligned,
    Channels,
    ConstArray,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    ParamValue,
    Rows,
    Whole,
)


@dataclass(frozen=True, slots=True)
class ResizeNearestNeighborAttrs(Attrs):
    """The output is height x width pixels."""

    height: int
    width: int
    align_corners: bool
    half_pixel_centers: bool


def nearest(attrs: ResizeNearestNeighborAttrs, size: int, out_size: int) -> Array:
    """The input index of each output index along one axis; float32 arithmetic as the reference."""
    one = np.float32(1)
    if attrs.align_corners and out_size > 1:
        scale = np.float32(size - 1) / np.float32(out_size - 1)
    else:
        scale = np.float32(size) / np.float32(out_size)
    offset = one / 2 if attrs.half_pixel_centers else np.float32(0)
    real = (np.arange(out_size, dtype=np.float32) + offset) * scale
    # Not negative, so rounding half away from zero is flooring after adding a half.
    index = np.floor(real.astype(np.float64) + (0.5 if attrs.align_corners else 0.0))
    return np.minimum(index.astype(np.int64), size - 1)


def _rows(attrs: ResizeNearestNeighborAttrs, x: Tensor, out: Tensor) -> Rows | None:
    """The rows that output rows read as floor(t * num / den) + lo, where that is possible."""
    if x.shape[1] == 1 or out.shape[1] == 1:
        return None
    wanted = nearest(attrs, x.shape[1], out.shape[1])
    rows = Rows(x.shape[1], out.shape[1])
    found = all(rows.span(t)[0] == w for t, w in enumerate(wanted))
    return rows if found else None


class ResizeNearestNeighbor(Operator[ResizeNearestNeighborAttrs]):
    name = "resize_nearest_neighbor"
    builtin = "RESIZE_NEAREST_NEIGHBOR"
    attrs_type = ResizeNearestNeighborAttrs
    arity = (2, 2)
    constraints = (*common.IMAGE, common.same_quantization)
    monotone = "increasing"

    def read(
        self, options: OptionReader, inputs: Sequence[Tensor | None]
    ) -> ResizeNearestNeighborAttrs:
        size = common.image_size(inputs[1])
        align, half = options.bool("align_corners"), options.bool("half_pixel_centers")
        return ResizeNearestNeighborAttrs(*size, align, half)

    def infer(
        self, attrs: ResizeNearestNeighborAttrs, inputs: Sequence[Tensor | None]
    ) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        return (shape[0], attrs.height, attrs.width, *shape[3:])

    def evaluate(
        self,
        attrs: ResizeNearestNeighborAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x = common.value0(values)
        ys = nearest(attrs, x.shape[1], attrs.height)
        xs = nearest(attrs, x.shape[2], attrs.width)
        resized: Array = x[:, ys][:, :, xs]
        return resized

    def access(
        self, attrs: ResizeNearestNeighborAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (_rows(attrs, common.input0(inputs), out) or Whole(), None)

    def channels(
        self, attrs: ResizeNearestNeighborAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> Channels:
        return Aligned((np.arange(out.shape[-1]), None))

    def kernel(
        self,
        attrs: ResizeNearestNeighborAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        x = common.input0(inputs)
        _, height, width, channels = x.shape
        by_pixel = out.shape[1] == 1 and out.shape[2] > 1
        columns = nearest(attrs, width, attrs.width) * channels
        rows = nearest(attrs, height, attrs.height) * width * channels
        params: dict[str, ParamValue] = {
            "columns": ConstArray(columns.astype(np.int32)),
            "rows": None if _rows(attrs, x, out) else ConstArray(rows.astype(np.int32)),
            "channels": channels,
            "out_w": 1 if by_pixel else attrs.width,
            "by_pixel": int(by_pixel),
        }
        return KernelCall(
            "nk_resize_nearest_neighbor_row",
            "nk_resize_nearest_neighbor",
            "resize_nearest_neighbor",
            "kernels/resize_nearest_neighbor.c",
            tuple(params.items()),
            takes_row=True,
        )


OPERATOR = ResizeNearestNeighbor()
