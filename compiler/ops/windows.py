# SPDX-License-Identifier: Apache-2.0
"""The geometry of two-dimensional convolutions: strides, dilation, padding, access pattern.

Shapes are NHWC with batch 1. Kernels compute one output row; a tensor of height 1 has its pixels
for rows, see `Geometry`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Access, Cut, OptionReader, Part, Rows


@dataclass(frozen=True, slots=True)
class WindowAttrs(Attrs):
    """A sliding window. Padding is explicit, in rows and columns of input zero points.

    `activation` is the fused one, a common.Activation.
    """

    stride_h: int = 1
    stride_w: int = 1
    dilation_h: int = 1
    dilation_w: int = 1
    pad_top: int = 0
    pad_bottom: int = 0
    pad_left: int = 0
    pad_right: int = 0
    activation: int = 0

    @property
    def padded(self) -> bool:
        """Whether windows may reach beyond the input."""
        return any((self.pad_top, self.pad_bottom, self.pad_left, self.pad_right))


WindowFields = dict[str, int]


def read_window(options: OptionReader, inputs: Sequence[Tensor | None]) -> WindowFields:
    """The fields of WindowAttrs; TFLite's SAME becomes explicit padding."""
    names = ("stride_h", "stride_w", "dilation_h_factor", "dilation_w_factor")
    steps = [options.int(name) for name in names]
    for name, value in zip(names, steps, strict=True):
        if not 1 <= value <= common.MAX_SIDE:
            raise InputError(name, str(value), f"1 or more, {common.MAX_SIDE} at most")
    x, w = inputs[0], inputs[1]
    if x is None or w is None or len(x.shape) != 4 or len(w.shape) != 4:
        raise InputError("shapes of input and weights", want="four dimensions")
    fields = dict(zip(("stride_h", "stride_w", "dilation_h", "dilation_w"), steps, strict=True))
    if options.int("padding") == 0:
        top, bottom = common.same_padding(x.shape[1], w.shape[1], steps[0], steps[2])
        left, right = common.same_padding(x.shape[2], w.shape[2], steps[1], steps[3])
        fields |= {"pad_top": top, "pad_bottom": bottom, "pad_left": left, "pad_right": right}
    return fields | {"activation": options.int("fused_activation_function")}


def output_size(a: WindowAttrs, x: Tensor, kernel_h: int, kernel_w: int) -> tuple[int, int]:
    """(height, width) of the output; not positive where the window is larger than the input."""
    high = x.shape[1] + a.pad_top + a.pad_bottom - ((kernel_h - 1) * a.dilation_h + 1)
    wide = x.shape[2] + a.pad_left + a.pad_right - ((kernel_w - 1) * a.dilation_w + 1)
    return high // a.stride_h + 1, wide // a.stride_w + 1


COLUMN_AXIS = 2


def column_span(
    cut: Cut, size: int, stride: int, reach: int, pad: int
) -> tuple[Cut, int, int] | None:
    """The columns of an input of `size` that output columns `cut` read with windows of `reach`
    columns, and the padding left on each side; None where they read padding alone."""
    first = cut.start * stride - pad
    end = first + (cut.size - 1) * stride + reach
    start, stop = max(first, 0), min(end, size)
    if cut.axis != COLUMN_AXIS or start >= stop:
        return None
    return Cut(COLUMN_AXIS, start, stop - start), start - first, end - stop


def column_part(a: WindowAttrs, inputs: Sequence[Tensor | None], cut: Cut) -> Part | None:
    """How a convolution computes some columns; input 1 has the kernel's width at axis 2."""
    x, w = common.input0(inputs), inputs[1]
    assert w is not None
    reach = (w.shape[2] - 1) * a.dilation_w + 1
    found = column_span(cut, x.shape[2], a.stride_w, reach, a.pad_left)
    if found is None:
        return None
    taken, left, right = found
    attrs = replace(a, pad_left=left, pad_right=right)
    return Part(attrs, (taken, *(None for _ in inputs[1:])))


def patches(a: WindowAttrs, x: Array, zero_point: int, kernel: tuple[int, int]) -> Array:
    """Inputs minus zero point under each window: [out_h, out_w, kernel_h, kernel_w, in_c], a view.

    `x` is [1, in_h, in_w, in_c], int8.
    """
    pads = ((a.pad_top, a.pad_bottom), (a.pad_left, a.pad_right), (0, 0))
    padded = np.pad(x[0].astype(np.int32) - zero_point, pads)
    reach_h = (kernel[0] - 1) * a.dilation_h + 1
    reach_w = (kernel[1] - 1) * a.dilation_w + 1
    views = np.lib.stride_tricks.sliding_window_view(padded, (reach_h, reach_w), axis=(0, 1))
    views = views[:: a.stride_h, :: a.stride_w, :, :: a.dilation_h, :: a.dilation_w]
    return views.transpose(0, 1, 3, 4, 2)


@dataclass(frozen=True, slots=True)
class Geometry:
    """A convolution as its row kernel sees it.

    Usually rows are image rows. Where input and output have height 1, rows are pixels: the image
    is turned by 90 degrees (`turned`), and only the kernel row `kernel_row`, if there is such a
    row, meets the input, all others meet padding, which adds nothing. Where only the output has
    height 1 (`by_pixel`), each call is given all rows of the window and computes one pixel.
    """

    in_h: int
    in_w: int
    out_h: int
    out_w: int
    kernel_h: int
    kernel_w: int
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    pad_top: int
    pad_left: int
    turned: bool = False
    kernel_row: int = 0
    by_pixel: bool = False

    @property
    def pointwise(self) -> bool:
        """Whether each output pixel is computed from the input pixel at the same place."""
        unit = (self.kernel_h, self.kernel_w, self.stride_h, self.stride_w)
        same = (self.in_h, self.in_w, 0, 0) == (self.out_h, self.out_w, self.pad_top, self.pad_left)
        return unit == (1, 1, 1, 1) and same and not self.by_pixel

    @property
    def edged(self) -> bool:
        """Whether windows reach over the left or right edge."""
        reach = (self.out_w - 1) * self.stride_w + (self.kernel_w - 1) * self.dilation_w + 1
        return self.pad_left > 0 or reach - self.pad_left > self.in_w

    def access(self) -> Access:
        """What an output row reads of the input."""
        low = -self.pad_top
        high = (self.kernel_h - 1) * self.dilation_h + 1 - self.pad_top
        return Rows(0 if self.by_pixel else self.stride_h, 1, low, high, self.dilation_h)

    def kernel_weights(self, weights: Array) -> Array:
        """[out, kernel_h, kernel_w, in] weights that the row kernel needs of TFLite's."""
        if not self.turned:
            return weights
        row = weights[:, self.kernel_row : self.kernel_row + 1]
        if row.shape[1] == 0:  # all rows meet padding
            row = np.zeros_like(weights[:, :1])
        return row.transpose(0, 2, 1, 3)


def geometry(a: WindowAttrs, x: Tensor, out: Tensor, kernel: tuple[int, int]) -> Geometry:
    """The geometry of a convolution of `x` to `out`, both NHWC."""
    turned = x.shape[1] == 1 and out.shape[1] == 1 and (x.shape[2] > 1 or out.shape[2] > 1)
    if turned:
        return Geometry(
            in_h=x.shape[2],
            in_w=1,
            out_h=out.shape[2],
            out_w=1,
            kernel_h=kernel[1],
            kernel_w=1,
            stride_h=a.stride_w,
            stride_w=1,
            dilation_h=a.dilation_w,
            dilation_w=1,
            pad_top=a.pad_left,
            pad_left=0,
            turned=True,
            kernel_row=kernel[0] if a.pad_top % a.dilation_h else a.pad_top // a.dilation_h,
        )
    return Geometry(
        in_h=x.shape[1],
        in_w=x.shape[2],
        out_h=out.shape[1],
        out_w=out.shape[2],
        kernel_h=kernel[0],
        kernel_w=kernel[1],
        stride_h=a.stride_h,
        stride_w=a.stride_w,
        dilation_h=a.dilation_h,
        dilation_w=a.dilation_w,
        pad_top=a.pad_top,
        pad_left=a.pad_left,
        by_pixel=common.rows_are_pixels(out),
    )


# --- constraints ---------------------------------------------------------------------------------


def window_fits(graph: Graph, op: Op) -> str | None:
    """The window must not be larger than the padded input, nor begin more than its size outside"""
    out = graph.output(op)
    return None if len(out.shape) == 4 and min(out.shape) > 0 else f"output {out.shape}"


def image_rows(graph: Graph, op: Op) -> str | None:
    """An input of height 1 must give an output of height 1"""
    x, height = common.input0(graph.input_tensors(op)), graph.output(op).shape[1]
    if x.shape[1] != 1 or x.shape[2] == 1 or height == 1:
        return None
    return f"height {height} from height 1"
