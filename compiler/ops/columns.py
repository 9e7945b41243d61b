# SPDX-License-Identifier: Apache-2.0
"""Weights and scaling for the Armv7E-M kernels of runtime_c/include/netsuke/columns.h.

Channels go in fours; where their number is no multiple of four, the last group is the last four.
A word of weights holds two rows of two channels, bytes a0 b0 a1 b1, and of a last odd row the four
channels in order.
"""

from __future__ import annotations

import numpy as np

from netsuke.compiler.ir import Array
from netsuke.compiler.ops import tile_words


def groups(channels: int) -> Array:
    """[groups, 4] channel indices."""
    starts = [min(c, channels - 4) for c in range(0, channels, 4)]
    return np.array(starts)[:, None] + np.arange(4)


def weight_words(c: tile_words.Channels, kernel_h: int, kernel_w: int) -> Array:
    """The words [groups, kernel_w, kernel_h] of weights [channels, kernel_h * kernel_w], flat."""
    w = c.weights.reshape(-1, kernel_h, kernel_w)[groups(len(c.bias))]
    w = w.transpose(0, 3, 2, 1)  # [groups, kernel_w, kernel_h, 4]
    whole = kernel_h & ~1
    pairs = w[:, :, :whole].reshape(len(w), kernel_w, whole // 2, 2, 2, 2)
    pairs = pairs.transpose(0, 1, 2, 4, 3, 5).reshape(len(w), kernel_w, whole, 4)
    order = np.concatenate([pairs, w[:, :, whole:]], axis=2)
    return np.ascontiguousarray(order, np.int8).view(np.uint32).ravel()


def by_group(scaling: Array) -> Array:
    """[groups, 4, 2] words of scaling [channels, 2], flat."""
    words: Array = scaling[groups(len(scaling))]
    return words.ravel()
