# SPDX-License-Identifier: Apache-2.0
"""RESIZE_BILINEAR: each output pixel is a weighted mean of up to four input pixels.

Positions and weights are whole numbers of 1/1024 of a pixel.
Source: tensorflow/lite/kernels/internal/reference/resize_bilinear.h (ResizeBilinearInteger).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import ConstArray, Isa, KernelCall, ParamValue, Rows
from netsuke.compiler.ops.resize import Resize, ResizeAttrs

ONE = 1 << 10
"""Of a position or weight along one axis."""


@dataclass(frozen=True, slots=True)
class ResizeBilinearAttrs(ResizeAttrs):
    pass


@dataclass(frozen=True, slots=True)
class Taps:
    """For each output index along one axis the two input indices it lies between, and how far it
    is from the first, in 1/1024; that may be less than 0 or more than 1024 beyond the edges."""

    low: Array
    high: Array
    fraction: Array


def taps(attrs: ResizeBilinearAttrs, size: int, out_size: int) -> Taps:
    """The taps of `out_size` outputs along an axis of `size` inputs."""
    last = out_size - 1
    if attrs.align_corners and last > 0:
        scale = (ONE * (size - 1) + last // 2) // last
    else:
        scale = (ONE * size + out_size // 2) // out_size
    at = np.arange(out_size, dtype=np.int64) * scale
    if attrs.half_pixel_centers:
        at += scale // 2 - ONE // 2
    low = np.maximum(at // ONE, 0)
    # Never below 0, where C's division would round otherwise: at least 1 - ONE / 2 + ONE - 1.
    high = np.minimum((at + ONE - 1) // ONE, size - 1)
    return Taps(low, high, at - ONE * low)


def stays_inside(graph: Graph, op: Op) -> str | None:
    """The output must not be so much larger that rounded positions lie beyond the input's edge"""
    x, out = common.input0(graph.input_tensors(op)).shape, graph.output(op).shape
    assert isinstance(op.attrs, ResizeBilinearAttrs)
    for axis in (1, 2):
        if taps(op.attrs, x[axis], out[axis]).low.max() >= x[axis]:
            return f"{out[axis]} from {x[axis]}"
    return None


def one_way_of_centres(graph: Graph, op: Op) -> str | None:
    """One of align_corners and half_pixel_centers may be set, not both"""
    assert isinstance(op.attrs, ResizeBilinearAttrs)
    return "both" if op.attrs.align_corners and op.attrs.half_pixel_centers else None


class ResizeBilinear(Resize[ResizeBilinearAttrs]):
    name = "resize_bilinear"
    builtin = "RESIZE_BILINEAR"
    attrs_type = ResizeBilinearAttrs
    constraints = (*Resize.constraints, one_way_of_centres, stays_inside)

    def attributes(
        self, height: int, width: int, align_corners: bool, half_pixel: bool
    ) -> ResizeBilinearAttrs:
        return ResizeBilinearAttrs(height, width, align_corners, half_pixel)

    def rows(self, attrs: ResizeBilinearAttrs, x: Tensor, out: Tensor) -> Rows | None:
        if common.of_one_row(x, out):
            return None
        found, first = taps(attrs, x.shape[1], out.shape[1]), np.arange(out.shape[1])
        first = first * x.shape[1] // out.shape[1]
        return Rows(
            x.shape[1],
            out.shape[1],
            int((np.minimum(found.low, found.high) - first).min()),
            int((np.maximum(found.low, found.high) - first).max()) + 1,
        )

    def evaluate(
        self,
        attrs: ResizeBilinearAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x = common.value0(values).astype(np.int64)
        ys, xs = taps(attrs, x.shape[1], attrs.height), taps(attrs, x.shape[2], attrs.width)
        down, right = ys.fraction[:, None, None], xs.fraction[:, None]
        rows = x[:, ys.low] * (ONE - down) + x[:, ys.high] * down
        sums = rows[:, :, xs.low] * (ONE - right) + rows[:, :, xs.high] * right
        # Half away from zero.
        rounded: Array = np.sign(sums) * ((np.abs(sums) + ONE * ONE // 2) // (ONE * ONE))
        return rounded.astype(np.int8)

    def kernel(
        self,
        attrs: ResizeBilinearAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        x = common.input0(inputs)
        _, height, width, channels = x.shape
        by_pixel = common.rows_are_pixels(out)
        down, right = taps(attrs, height, attrs.height), taps(attrs, width, attrs.width)
        pattern = self.rows(attrs, x, out)
        if pattern is None:  # offsets into the whole input
            step, before = width * channels, np.zeros_like(down.low)
        else:
            first = np.arange(out.shape[1]) * height // out.shape[1]
            step, before = 1, first + pattern.lo
        rows = Taps((down.low - before) * step, (down.high - before) * step, down.fraction)
        columns = Taps(right.low * channels, right.high * channels, right.fraction)
        params: dict[str, ParamValue] = {
            "rows": _words(rows),
            "columns": _words(columns),
            "whole": int(pattern is None),
            "channels": channels,
            "out_w": 1 if by_pixel else attrs.width,
            "by_pixel": int(by_pixel),
        }
        function, source = "nk_resize_bilinear_row", "kernels/resize_bilinear.c"
        return KernelCall(
            function, "nk_resize_bilinear", self.name, source, tuple(params.items()), takes_row=True
        )


def _words(t: Taps) -> ConstArray:
    return ConstArray(np.stack([t.low, t.high, t.fraction], axis=1).astype(np.int32).ravel())


OPERATOR = ResizeBilinear()
