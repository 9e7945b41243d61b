# SPDX-License-Identifier: Apache-2.0
"""Takes work out of sums of products that interval analysis proves constant.

An input channel that can be one value only is added to the bias, its weights become zero; an
output channel that can be one value only keeps a bias that gives this value, its weights become
zero. What is then never read, `prune_channels` removes.

Padding holds the zero point, not the constant: where there is padding, only channels that are
constantly the zero point, and so add nothing anywhere, are folded.
"""

from __future__ import annotations

import numpy as np

from netsuke.compiler.fixed_point import INT32_MAX
from netsuke.compiler.intervals import Intervals, channel_intervals, constants_of
from netsuke.compiler.ir import Array, Graph
from netsuke.compiler.ops.base import Interval
from netsuke.compiler.ops.sum_bounds import offsets, weighted
from netsuke.compiler.passes.mixing import Sums, all_sums
from netsuke.compiler.passes.rewrite import exchange_sums


def fold_constant_channels(graph: Graph) -> Graph:
    intervals = channel_intervals(graph)
    for sums in all_sums(graph):
        graph = _fold(graph, sums, intervals)
    return graph


def _fold(graph: Graph, sums: Sums, intervals: Intervals) -> Graph:
    x, out = intervals[sums.source], intervals[sums.op.outputs[0]]
    folded = _fold_outputs(_fold_inputs(sums, x), x, constants_of(out))
    if np.array_equal(folded.weights, sums.weights):
        return graph
    return exchange_sums(graph, sums.op, folded.weights, folded.bias)


def _fold_inputs(sums: Sums, x: Interval) -> Sums:
    value = x.low - sums.zero_point
    columns = constants_of(x) & ((value == 0) | (not sums.padded))
    bias = sums.bias + sums.weights[:, :, columns].sum(axis=1) @ value[columns]
    if np.abs(bias).max() > INT32_MAX:
        return sums
    return sums.exchanged(np.where(columns, 0, sums.weights), bias)


def _fold_outputs(sums: Sums, x: Interval, rows: Array) -> Sums:
    # Any sum that occurs gives the constant; the least one is at hand.
    least = weighted(sums.weights, *offsets(x, sums.zero_point, sums.padded)).low + sums.bias
    rows = rows & (np.abs(least) <= INT32_MAX)
    weights = np.where(rows[:, None, None], 0, sums.weights)
    return sums.exchanged(weights, np.where(rows, least, sums.bias))
