# SPDX-License-Identifier: Apache-2.0
"""RESIZE_NEAREST_NEIGHBOR.

Source: tensorflow/lite/kernels/internal/reference/resize_nearest_neighbor.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import ConstArray, Isa, KernelCall, ParamValue, Rows
from netsuke.compiler.ops.resize import Resize, ResizeAttrs


@dataclass(frozen=True, slots=True)
class ResizeNearestNeighborAttrs(ResizeAttrs):
    pass


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


class ResizeNearestNeighbor(Resize[ResizeNearestNeighborAttrs]):
    name = "resize_nearest_neighbor"
    builtin = "RESIZE_NEAREST_NEIGHBOR"
    attrs_type = ResizeNearestNeighborAttrs
    monotone = "increasing"

    def attributes(
        self, height: int, width: int, align_corners: bool, half_pixel: bool
    ) -> ResizeNearestNeighborAttrs:
        return ResizeNearestNeighborAttrs(height, width, align_corners, half_pixel)

    def rows(self, attrs: ResizeNearestNeighborAttrs, x: Tensor, out: Tensor) -> Rows | None:
        if common.of_one_row(x, out):
            return None
        wanted = nearest(attrs, x.shape[1], out.shape[1])
        rows = Rows(x.shape[1], out.shape[1])
        found = all(rows.span(t)[0] == w for t, w in enumerate(wanted))
        return rows if found else None

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
        by_pixel = common.rows_are_pixels(out)
        columns = nearest(attrs, width, attrs.width) * channels
        rows = nearest(attrs, height, attrs.height) * width * channels
        params: dict[str, ParamValue] = {
            "columns": ConstArray(columns.astype(np.int32)),
            "rows": None if self.rows(attrs, x, out) else ConstArray(rows.astype(np.int32)),
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
