# SPDX-License-Identifier: Apache-2.0
"""CONV_2D: input [1, h, w, in_c], weights [out_c, kernel_h, kernel_w, in_c], bias [out_c].

Source: tensorflow/lite/micro/kernels/conv_common.cc,
kernels/internal/reference/integer_ops/conv.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Graph, Op, Tensor
from netsuke.compiler.ops import common, dsp, packing, products, sum_bounds, windows
from netsuke.compiler.ops.base import Channels, Interval, Isa, KernelCall, Mixed
from netsuke.compiler.ops.convolution import Convolution
from netsuke.compiler.ops.windows import WindowAttrs, WindowFields

TILE_PIXELS = {"dsp": 3, "dsp_lean": 2, "dsp_least": 1}
"""Pixels that the DSP kernel computes at once."""


@dataclass(frozen=True, slots=True)
class Conv2DAttrs(WindowAttrs):
    """A window and a fused activation."""


def weights_match_input(graph: Graph, op: Op) -> str | None:
    """The weights must have as many input channels as the input, or as each of its groups"""
    x, w, *_ = graph.input_tensors(op)
    assert x is not None and w is not None
    return None if w.shape[3] == x.shape[3] else f"{w.shape[3]} of {x.shape[3]}"


class Conv2D(Convolution[Conv2DAttrs]):
    name = "conv_2d"
    builtin = "CONV_2D"
    attrs_type = Conv2DAttrs
    out_axis = 0
    constraints = (
        common.rank_4,
        common.batch_1,
        weights_match_input,
        windows.window_fits,
        windows.image_rows,
        *products.CONSTRAINTS,
    )

    def attributes(self, fields: WindowFields) -> Conv2DAttrs:
        return Conv2DAttrs(**fields)

    def evaluate(
        self,
        attrs: Conv2DAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x, w = common.input0(inputs), products.weights_of(inputs)
        view = windows.patches(
            attrs, common.value0(values), x.q.zero_point, (w.shape[1], w.shape[2])
        )
        columns = view.reshape(-1, w.elements // w.shape[0]).astype(np.float64)
        kernel = products.weight_values(inputs).reshape(w.shape[0], -1).astype(np.float64)
        sums = (columns @ kernel.T).reshape(out.shape)  # below 2**53: exact
        return products.rescale(sums, products.scaling(attrs.activation, inputs, out))

    def kernel(
        self,
        attrs: Conv2DAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        g = self.geometry(attrs, inputs, out)
        x = common.input0(inputs)
        s = products.scaling(attrs.activation, inputs, out)
        weights = g.kernel_weights(products.weight_values(inputs))
        bias = products.folded_bias(s, weights.sum(axis=(1, 2, 3)), x.q.zero_point)
        sizes = packing.sizes(g, x.shape[3], x.q.zero_point, block)
        if isa != "portable" and not g.by_pixel:
            call = dsp.conv_2d(g, sizes, weights, s, bias, TILE_PIXELS[isa])
            if call is not None:
                return call
        params = (
            ("weights", packing.weights(weights)),
            *packing.scaling(s, bias),
            *sizes,
            ("out_c", out.shape[3]),
            *packing.output_range(s),
        )
        function = "nk_conv_2d_pixel_row" if g.by_pixel else "nk_conv_2d_row"
        return KernelCall(
            function, "nk_conv_2d", "conv_2d", "kernels/conv_2d.c", params, takes_row=g.by_pixel
        )

    def interval(
        self,
        attrs: Conv2DAttrs,
        inputs: Sequence[Tensor | None],
        intervals: Sequence[Interval | None],
        out: Tensor,
    ) -> Interval | None:
        s = products.scaling(attrs.activation, inputs, out)
        return sum_bounds.mixed(inputs, intervals[0], s, attrs.padded)

    def channels(
        self, attrs: Conv2DAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> Channels:
        return Mixed(attrs.padded)


OPERATOR = Conv2D()
