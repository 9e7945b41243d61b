# SPDX-License-Identifier: Apache-2.0
"""Calls of the Armv7E-M kernels, or None where they cannot compute a layer exactly."""

from __future__ import annotations

import math

from netsuke.compiler.ir import Array
from netsuke.compiler.ops import columns, packing, tile
from netsuke.compiler.ops.base import ConstArray, KernelCall
from netsuke.compiler.ops.packing import Fields
from netsuke.compiler.ops.products import Scaling
from netsuke.compiler.ops.windows import Geometry


def conv_2d(
    g: Geometry, sizes: Fields, weights: Array, s: Scaling, bias: Array
) -> KernelCall | None:
    """`weights` is [out_c, kernel_h, kernel_w, in_c], `sizes` from packing.sizes."""
    c = tile.channels(weights, s, bias)
    if c is None:
        return None
    adjacent = g.kernel_w if g.dilation_w == 1 else 1
    run = adjacent * weights.shape[3]
    order = tile.steps(math.prod(weights.shape[1:]) // run, run)
    c, suffix = tile.even(c), "_signed" if tile.needs_sign(s) else ""
    params: Fields = (
        ("weights", ConstArray(tile.pair_words(c.weights, order).ravel(), "weights")),
        ("scaling", ConstArray(tile.scaling_words(c).ravel())),
        ("pairs", len(order)),
        *sizes,
        ("out_c", len(weights)),
        *packing.output_range(s),
    )
    return KernelCall(
        f"nk_conv_2d_dsp{suffix}_row",
        "nk_conv_2d_dsp",
        "conv_2d_dsp",
        "kernels_dsp/conv_2d.c",
        params,
        scratch_bytes=16 * len(order) + 8 + 4 * run,
    )


def pixels(count: int) -> Geometry:
    """The geometry of a pointwise convolution of one row."""
    return Geometry(
        in_h=1,
        in_w=count,
        out_h=1,
        out_w=count,
        kernel_h=1,
        kernel_w=1,
        stride_h=1,
        stride_w=1,
        dilation_h=1,
        dilation_w=1,
        pad_top=0,
        pad_left=0,
    )


def fully_connected(
    vectors: int, in_zero_point: int, weights: Array, s: Scaling, bias: Array
) -> KernelCall | None:
    """`weights` is [units, depth]; several vectors are the pixels of a pointwise convolution."""
    g = pixels(vectors)
    sizes = packing.sizes(g, weights.shape[1], in_zero_point, 1)
    return conv_2d(g, sizes, weights[:, None, None, :], s, bias)


MAX_WINDOW = 7
"""The greatest height and width of a depthwise window that has a kernel."""


def depthwise_conv_2d(
    g: Geometry, sizes: Fields, weights: Array, s: Scaling, bias: Array
) -> KernelCall | None:
    """`weights` is [kernel_h, kernel_w, channels], multiplier 1; `sizes` from packing.sizes."""
    if weights.shape[2] < 4 or max(g.kernel_h, g.kernel_w) > MAX_WINDOW or g.dilation_w != 1:
        return None
    c = tile.channels(weights.transpose(2, 0, 1), s, bias)
    if c is None:
        return None
    params: Fields = (
        ("weights", ConstArray(columns.weight_words(c, g.kernel_h, g.kernel_w), "weights")),
        ("scaling", ConstArray(columns.scaling_words(c))),
        *sizes,
        *packing.output_range(s),
    )
    width = (packing.value(sizes, "out_w") - 1) * g.stride_w + g.kernel_w
    suffix = "_signed" if tile.needs_sign(s) else ""
    return KernelCall(
        f"nk_depthwise_conv_2d_dsp_{g.kernel_h}{suffix}_row",
        "nk_depthwise_conv_2d_dsp",
        "depthwise_conv_2d_dsp",
        "kernels_dsp/depthwise_conv_2d.c",
        params,
        scratch_bytes=4 * (2 * g.kernel_h * (width + g.kernel_w) + 16),
    )
