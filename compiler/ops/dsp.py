# SPDX-License-Identifier: Apache-2.0
"""Calls of the Armv7E-M kernels, or None where they cannot compute a layer exactly."""

from __future__ import annotations

import math

import numpy as np

from netsuke.compiler.ir import Array
from netsuke.compiler.ops import columns, once, packing, tile_words, window
from netsuke.compiler.ops.base import ConstArray, KernelCall
from netsuke.compiler.ops.packing import Fields
from netsuke.compiler.ops.products import Scaling
from netsuke.compiler.ops.windows import Geometry


def conv_2d(
    g: Geometry, sizes: Fields, weights: Array, s: Scaling, bias: Array, tile_pixels: int = 3
) -> KernelCall | None:
    """`weights` is [out_c, kernel_h, kernel_w, in_c], `sizes` from packing.sizes. At most
    `tile_pixels` pixels are computed at once: scratch holds their windows."""
    c = tile_words.channels(weights, s, bias)
    if c is None:
        return None
    adjacent = g.kernel_w if g.dilation_w == 1 else 1
    run = adjacent * weights.shape[3]
    # Dilated windows are read column by column.
    starts = np.arange(math.prod(weights.shape[1:]), step=run).reshape(g.kernel_h, -1).T.ravel()
    order = tile_words.steps(starts, run)
    calls = _calls(packing.value(sizes, "out_w"), tile_pixels)
    pixels = max(n for _, n in calls)
    edge_bytes = _edge_columns(g, calls) * weights.shape[3]
    c = tile_words.even(c)
    suffix, scaling = _scaling(c, s)
    params: Fields = (
        ("weights", ConstArray(tile_words.pair_words(c.weights, order).ravel(), "weights")),
        ("scaling", ConstArray(scaling.ravel())),
        ("pairs", len(order)),
        ("pixels", pixels),
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
        scratch_bytes=4 * pixels * len(order) + edge_bytes,
    )


def _scaling(c: tile_words.Channels, s: Scaling) -> tuple[str, Array]:
    """(suffix of the kernels, [channels, 2] words) of the least work that is exact."""
    for shift in once.SHIFTS:
        words = once.scaling_words(c, s, shift)
        if words is not None:
            return f"_once_{shift}", words
    return "_signed" if tile_words.needs_sign(s) else "", tile_words.scaling_words(c)


def _calls(out_w: int, most: int) -> list[tuple[int, int]]:
    """First pixel and number of pixels that kernels_dsp/conv_2d.c computes at once."""
    calls, x = [], 0
    while x < out_w:
        left = out_w - x
        n = 1 if most == 1 else min(left, 2 if most == 2 or left in (2, 4) else 3)
        calls.append((x, n))
        x += n
    return calls


def _edge_columns(g: Geometry, calls: list[tuple[int, int]]) -> int:
    """The most columns of a row that a call copies because some are outside the input."""
    if not g.edged:
        return 0
    adjacent = g.kernel_w if g.dilation_w == 1 else 1
    most = 0
    for x, n in calls:
        width = (n - 1) * g.stride_w + adjacent
        for kx in range(0, g.kernel_w, adjacent):
            left = x * g.stride_w - g.pad_left + kx * g.dilation_w
            most = max(most, 0 if left >= 0 and left + width <= g.in_w else width)
    return most


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
    if vectors == 1:
        return _vector(weights, s, bias)
    g = pixels(vectors)
    sizes = packing.sizes(g, weights.shape[1], in_zero_point, 1)
    return conv_2d(g, sizes, weights[:, None, None, :], s, bias)


def _vector(weights: Array, s: Scaling, bias: Array) -> KernelCall | None:
    """FULLY_CONNECTED of one vector."""
    units, depth = weights.shape
    c = tile_words.channels(weights, s, bias)
    packed = c is not None
    if c is None and np.all(np.abs(bias) < tile_words.SUM_LIMIT):
        c = tile_words.channels(weights, s, bias, tile_words.WIDE_LIMIT, packed=False)
    if c is None:
        return None
    suffix = ("" if packed else "_wide") + ("_signed" if tile_words.needs_sign(s) else "")
    return KernelCall(
        f"nk_fully_connected_dsp{suffix}_row",
        "nk_fully_connected_dsp",
        "fully_connected_dsp",
        "kernels_dsp/fully_connected.c",
        (
            ("weights", ConstArray(tile_words.vector_words(c, packed), "weights")),
            ("scaling", ConstArray(tile_words.scaling_words(tile_words.even(c)).ravel())),
            ("depth", depth),
            ("units", units),
            *packing.output_range(s),
        ),
        scratch_bytes=0 if depth % 4 == 0 else depth + 4 - depth % 4,
    )


MAX_WINDOW = 7
"""The greatest height and width of a depthwise window that has a kernel."""


def depthwise_conv_2d(
    g: Geometry, sizes: Fields, weights: Array, s: Scaling, bias: Array, pixels: int
) -> KernelCall | None:
    """`weights` is [kernel_h, kernel_w, channels], multiplier 1; `sizes` from packing.sizes.
    `pixels` is how many the scratch is for at most, where a kernel computes a row in strips."""
    if weights.shape[2] < 4 or max(g.kernel_h, g.kernel_w) > MAX_WINDOW or g.dilation_w != 1:
        return None
    c = tile_words.channels(weights.transpose(2, 0, 1), s, bias)
    if c is None:
        return None
    if window.suits(g, weights.shape[2]):
        return _depthwise_3x3(g, sizes, c, s, pixels)
    suffix, scaling = _scaling(c, s)
    params: Fields = (
        ("weights", ConstArray(columns.weight_words(c, g.kernel_h, g.kernel_w), "weights")),
        ("scaling", ConstArray(columns.by_group(scaling))),
        *sizes,
        *packing.output_range(s),
    )
    width = (packing.value(sizes, "out_w") - 1) * g.stride_w + g.kernel_w
    table_words = 9 if suffix.startswith("_once") else 16  # besides weights
    return KernelCall(
        f"nk_depthwise_conv_2d_dsp_{g.kernel_h}{suffix}_row",
        "nk_depthwise_conv_2d_dsp",
        "depthwise_conv_2d_dsp",
        "kernels_dsp/depthwise_conv_2d.c",
        params,
        scratch_bytes=4 * (2 * g.kernel_h * (width + g.kernel_w) + table_words),
    )


def _depthwise_3x3(
    g: Geometry, sizes: Fields, c: tile_words.Channels, s: Scaling, pixels: int
) -> KernelCall:
    strip = window.strip(packing.value(sizes, "out_w"), pixels)
    wanted = ("in_w", "in_c", "in_zero_point", "pad_left", "out_w")
    suffix, scaling = _scaling(c, s)
    params: Fields = (
        ("weights", ConstArray(window.weight_words(c), "weights")),
        ("scaling", ConstArray(columns.by_group(scaling))),
        ("strip", strip),
        *((name, packing.value(sizes, name)) for name in wanted),
        *packing.output_range(s),
    )
    return KernelCall(
        f"nk_depthwise_conv_2d_3x3_dsp_s{g.stride_w}{suffix}_row",
        "nk_depthwise_conv_2d_3x3_dsp",
        "depthwise_conv_2d_3x3_dsp",
        "kernels_dsp/depthwise_conv_2d_3x3.c",
        params,
        scratch_bytes=window.COLUMN_BYTES * ((strip - 1) * g.stride_w + 3),
    )
