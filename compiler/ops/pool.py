# SPDX-License-Identifier: Apache-2.0
"""What AVERAGE_POOL_2D and MAX_POOL_2D share: attributes, shapes, access, kernel parameters."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Aligned,
    Channels,
    Constraint,
    Cut,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    Part,
    ReduceCall,
    Rows,
)
from netsuke.compiler.ops.windows import column_span

SAME = 0
"""tflite.Padding.SAME; VALID is 1."""


@dataclass(frozen=True, slots=True)
class PoolAttrs(Attrs):
    """Sizes are in elements of the input; padding is what lies outside it on each side.

    `activation` is the fused one, a common.Activation.
    """

    kernel_h: int
    kernel_w: int
    stride_h: int
    stride_w: int
    pad_top: int
    pad_bottom: int
    pad_left: int
    pad_right: int
    activation: int = 0


P = TypeVar("P", bound=PoolAttrs)


@dataclass(frozen=True, slots=True)
class Geometry:
    """A pool as its row kernel sees it; the fields are those of the kernel's parameters.

    Usually rows are image rows. Where input and output have height 1, rows are pixels: the image
    is turned by 90 degrees. Where only the output has height 1 (`by_pixel`), the kernel is given
    all rows of the window and computes one pixel of the output in each call.
    """

    channels: int
    in_w: int
    out_w: int
    kernel_h: int
    kernel_w: int
    stride_w: int
    pad_left: int
    by_pixel: int


def geometry(a: PoolAttrs, x: Tensor, out: Tensor) -> tuple[Geometry, Rows]:
    """The kernel's geometry and what an output row reads."""
    _, _, in_w, channels = x.shape
    if common.rows_are_pixels(x):
        rows = Rows(a.stride_w, 1, -a.pad_left, a.kernel_w - a.pad_left, edge="null")
        return Geometry(channels, 1, 1, a.kernel_w, 1, 1, 0, 0), rows
    by_pixel = common.rows_are_pixels(out)
    step = 0 if by_pixel else a.stride_h
    rows = Rows(step, 1, -a.pad_top, a.kernel_h - a.pad_top, edge="null")
    width = 1 if by_pixel else out.shape[2]
    sizes = (a.kernel_h, a.kernel_w, a.stride_w, a.pad_left)
    return Geometry(channels, in_w, width, *sizes, int(by_pixel)), rows


def window_fits(graph: Graph, op: Op) -> str | None:
    """The kernel must fit into the padded input"""
    out = graph.output(op).shape
    return None if len(out) == 4 and min(out) > 0 else f"output {out}"


def image_rows(graph: Graph, op: Op) -> str | None:
    """An input of height 1 must give an output of height 1"""
    source, out = common.input0(graph.input_tensors(op)).shape, graph.output(op).shape
    return f"height {out[1]}" if source[1] == 1 and out[1] > 1 else None


def pool_quantization(graph: Graph, op: Op) -> str | None:
    """Input and output must have the same zero point and scales that differ by at most 1e-6"""
    source, out = common.input0(graph.input_tensors(op)).q, graph.output(op).q
    if source.zero_point == out.zero_point and abs(source.scale - out.scale) <= 1e-6:
        return None
    return f"{source.scale:g}, {source.zero_point} and {out.scale:g}, {out.zero_point}"


class Pool(Operator[P]):
    """Base of the pools. Kernel: nk_<name>_row; rows outside the input come as null pointers."""

    monotone = "increasing"
    constraints: ClassVar[tuple[Constraint, ...]] = (
        *common.IMAGE,
        common.known_activation,
        window_fits,
        image_rows,
        pool_quantization,
    )

    @abstractmethod
    def attributes(self, fields: Mapping[str, int]) -> P:
        """The attributes of these fields."""

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> P:
        names = ("filter_height", "filter_width", "stride_h", "stride_w")
        sizes = [options.int(name) for name in names]
        for name, size in zip(names, sizes, strict=True):
            if not 1 <= size <= common.MAX_SIDE:
                raise InputError(name, str(size), f"1 or more, {common.MAX_SIDE} at most")
        shape = common.input0(inputs).shape
        if len(shape) != 4:
            raise InputError("input", f"shape {shape}", "four dimensions")
        fields = dict(zip(("kernel_h", "kernel_w", "stride_h", "stride_w"), sizes, strict=True))
        same = options.int("padding") == SAME
        top, bottom = common.same_padding(shape[1], sizes[0], sizes[2]) if same else (0, 0)
        left, right = common.same_padding(shape[2], sizes[1], sizes[3]) if same else (0, 0)
        fields |= {"pad_top": top, "pad_bottom": bottom, "pad_left": left, "pad_right": right}
        return self.attributes(fields | {"activation": options.int("fused_activation_function")})

    def infer(self, attrs: P, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        n, h, w, c = common.input0(inputs).shape
        padded_h = h + attrs.pad_top + attrs.pad_bottom
        padded_w = w + attrs.pad_left + attrs.pad_right
        out_h = (padded_h - attrs.kernel_h) // attrs.stride_h + 1
        out_w = (padded_w - attrs.kernel_w) // attrs.stride_w + 1
        return (n, out_h, out_w, c)

    def access(
        self, attrs: P, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (geometry(attrs, common.input0(inputs), out)[1],)

    def reduce(self, attrs: P, inputs: Sequence[Tensor | None], out: Tensor) -> ReduceCall | None:
        """The row-by-row form, where there is one."""
        return None

    def channels(self, attrs: P, inputs: Sequence[Tensor | None], out: Tensor) -> Channels:
        return Aligned((np.arange(out.shape[-1]),))

    def part(self, attrs: P, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut) -> Part | None:
        width = common.input0(inputs).shape[2]
        found = column_span(cut, width, attrs.stride_w, attrs.kernel_w, attrs.pad_left)
        if found is None:
            return None
        taken, left, right = found
        return Part(dataclasses.replace(attrs, pad_left=left, pad_right=right), (taken,))

    def kernel(
        self, attrs: P, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        shape = geometry(attrs, common.input0(inputs), out)[0]
        low, high = common.activation_range(attrs.activation, out)
        return KernelCall(
            f"nk_{self.name}_row",
            f"nk_{self.name}",
            self.name,
            f"kernels/{self.name}.c",
            (*dataclasses.asdict(shape).items(), ("low", low), ("high", high)),
            takes_row=True,
            reduce=self.reduce(attrs, inputs, out),
        )


def windows(attrs: PoolAttrs, x: Array, outside: int) -> tuple[Array, Array]:
    """Every window of x, and how many of its elements lie inside x.

    x has shape [n, h, w, c]; the results [n, out_h, out_w, c, kernel_h, kernel_w] and
    [out_h, out_w]. Elements outside x are `outside`.
    """
    size, step = (attrs.kernel_h, attrs.kernel_w), (attrs.stride_h, attrs.stride_w)
    pads = ((attrs.pad_top, attrs.pad_bottom), (attrs.pad_left, attrs.pad_right))

    def view(image: Array) -> Array:
        every = np.lib.stride_tricks.sliding_window_view(image, size, axis=(1, 2))
        return every[:, :: step[0], :: step[1]]

    padded = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=outside)
    inside = np.pad(np.ones((1, *x.shape[1:3], 1), np.int64), ((0, 0), *pads, (0, 0)))
    return view(padded), view(inside).sum(axis=(-2, -1))[0, :, :, 0]
