# SPDX-License-Identifier: Apache-2.0
"""DEPTHWISE_CONV_2D: input [1, h, w, in_c], weights [1, kernel_h, kernel_w, out_c], bias [out_c].

out_c = in_c * multiplier; output channel c reads input channel c // multiplier.
Source: tensorflow/lite/micro/kernels/depthwise_conv_common.cc,
kernels/internal/reference/integer_ops/depthwise_conv.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Graph, Op, Tensor
from netsuke.compiler.ops import common, dsp, packing, products, sum_bounds, windows
from netsuke.compiler.ops.base import Aligned, Channels, Interval, Isa, KernelCall
from netsuke.compiler.ops.convolution import Convolution
from netsuke.compiler.ops.windows import Geometry, WindowAttrs, WindowFields

STRIP_PIXELS = {"dsp": 24, "dsp_lean": 8, "dsp_least": 4}
"""Pixels that the DSP kernel of 3 x 3 windows computes at once: each strip unpacks the weights."""


@dataclass(frozen=True, slots=True)
class DepthwiseConv2DAttrs(WindowAttrs):
    """A window and a fused activation."""


def channels_divide(graph: Graph, op: Op) -> str | None:
    """The weights must be [1, height, width, channels], channels a multiple of the input's"""
    x, w, *_ = graph.input_tensors(op)
    assert x is not None and w is not None
    fits = w.shape[0] == 1 and x.shape[3] > 0 and w.shape[3] % x.shape[3] == 0
    return None if fits else f"weights {w.shape} for {x.shape[3]} input channels"


class DepthwiseConv2D(Convolution[DepthwiseConv2DAttrs]):
    name = "depthwise_conv_2d"
    builtin = "DEPTHWISE_CONV_2D"
    attrs_type = DepthwiseConv2DAttrs
    out_axis = 3
    constraints = (
        common.rank_4,
        common.batch_1,
        channels_divide,
        windows.window_fits,
        windows.image_rows,
        *products.CONSTRAINTS,
    )

    def attributes(self, fields: WindowFields) -> DepthwiseConv2DAttrs:
        return DepthwiseConv2DAttrs(**fields)

    def evaluate(
        self,
        attrs: DepthwiseConv2DAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x, w = common.input0(inputs), products.weights_of(inputs)
        view = windows.patches(
            attrs, common.value0(values), x.q.zero_point, (w.shape[1], w.shape[2])
        )
        kernel = products.weight_values(inputs)[0]
        kernel = kernel.reshape(*kernel.shape[:2], x.shape[3], -1)
        sums = np.zeros((*view.shape[:2], *kernel.shape[2:]), np.int64)
        for i, j in np.ndindex(*kernel.shape[:2]):
            sums += view[:, :, i, j, :, None] * kernel[i, j]
        return products.rescale(
            sums.reshape(out.shape), products.scaling(attrs.activation, inputs, out)
        )

    def kernel(
        self,
        attrs: DepthwiseConv2DAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        g = self.geometry(attrs, inputs, out)
        x = common.input0(inputs)
        s = products.scaling(attrs.activation, inputs, out)
        # One "output channel" of [kernel_h, kernel_w, out_c] weights.
        weights = g.kernel_weights(products.weight_values(inputs))[0]
        bias = products.folded_bias(s, weights.sum(axis=(0, 1)), x.q.zero_point)
        sizes = packing.sizes(g, x.shape[3], x.q.zero_point, block)
        if isa != "portable" and not g.by_pixel:
            call = self._dsp_kernel(g, sizes, weights, s, bias, isa)
            if call is not None:
                return call
        params = (
            ("weights", packing.weights(weights)),
            *packing.scaling(s, bias),
            *sizes,
            ("multiplier", out.shape[3] // x.shape[3]),
            *packing.output_range(s),
        )
        function = "nk_depthwise_conv_2d_pixel_row" if g.by_pixel else "nk_depthwise_conv_2d_row"
        return KernelCall(
            function,
            "nk_depthwise_conv_2d",
            "depthwise_conv_2d",
            "kernels/depthwise_conv_2d.c",
            params,
            takes_row=g.by_pixel,
        )

    @staticmethod
    def _dsp_kernel(
        g: Geometry,
        sizes: packing.Fields,
        weights: Array,
        s: products.Scaling,
        bias: Array,
        isa: Isa,
    ) -> KernelCall | None:
        """Of one input channel, all outputs are made of the same bytes: a convolution."""
        in_c = packing.value(sizes, "in_c")
        if in_c == 1:
            return dsp.conv_2d(g, sizes, weights.transpose(2, 0, 1)[..., None], s, bias)
        if len(bias) != in_c:
            return None
        return dsp.depthwise_conv_2d(g, sizes, weights, s, bias, STRIP_PIXELS[isa])

    def interval(
        self,
        attrs: DepthwiseConv2DAttrs,
        inputs: Sequence[Tensor | None],
        intervals: Sequence[Interval | None],
        out: Tensor,
    ) -> Interval | None:
        s = products.scaling(attrs.activation, inputs, out)
        return sum_bounds.depthwise(inputs, intervals[0], s, attrs.padded)

    def channels(
        self, attrs: DepthwiseConv2DAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> Channels:
        made = np.arange(out.shape[3])
        multiplier = out.shape[3] // common.input0(inputs).shape[3]
        return Aligned((made // multiplier, made, made))


OPERATOR = DepthwiseConv2D()
