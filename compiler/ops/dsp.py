# SPDX-License-Identifier: Apache-2.0
"""Calls of the Armv7E-M kernels, or None where they cannot compute a layer exactly."""

from __future__ import annotations

import math

from netsuke.compiler.ir import Array
from netsuke.compiler.ops import packing, tile
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
    columns = g.kernel_w if g.dilation_w == 1 else 1
    run = columns * weights.shape[3]
    order = tile.steps(math.prod(weights.shape[1:]) // run, run)
    c, suffix = tile.even(c), "_signed" if tile.needs_sign(s) else ""
    params = (
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
