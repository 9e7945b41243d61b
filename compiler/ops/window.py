# SPDX-License-Identifier: Apache-2.0
"""Weights for the Armv7E-M kernels of runtime_c/include/netsuke/window.h: depthwise, 3 x 3."""

from __future__ import annotations

import numpy as np

from netsuke.compiler.ir import Array
from netsuke.compiler.ops import columns, tile_words
from netsuke.compiler.ops.windows import Geometry

COLUMN_BYTES = 32

STRIDES = (1, 2)
"""Columns from a window to the next one for which there are kernels."""


def suits(g: Geometry, channels: int) -> bool:
    """Whether there is a kernel. Padding of less than a window: each meets the input."""
    size = (g.kernel_h, g.kernel_w, g.dilation_w)
    beyond = (g.out_w - 1) * g.stride_w + 3 - g.pad_left - g.in_w
    inside = g.pad_left < 3 and beyond < 3
    return size == (3, 3, 1) and g.stride_w in STRIDES and inside and channels >= 4


def strip(out_w: int, most: int) -> int:
    """Pixels computed at once: strips of a row, as equal as can be, of at most `most`."""
    strips = -(-out_w // most)
    return -(-out_w // strips)


def weight_words(c: tile_words.Channels) -> Array:
    """The words [groups, 9] of weights [channels, 9], flat."""
    w = c.weights.reshape(-1, 3, 3)[columns.groups(len(c.bias))]  # [groups, 4, row, column]
    order = [w[..., :2, :2].reshape(-1, 4, 4), w[..., [0, 2, 1, 2], [2, 0, 2, 1]]]
    channels = np.stack(order, axis=2).reshape(-1, 32)
    words = np.concatenate([channels, w[..., 2, 2]], axis=1)
    return np.ascontiguousarray(words, np.int8).view(np.uint32).ravel()
