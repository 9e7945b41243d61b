# SPDX-License-Identifier: Apache-2.0
"""Moves PAD and PADV2 into the convolutions that read them, whose own padding becomes wider.

The padding of a convolution is the zero point: PAD fills with it, PADV2 may. Average and maximum
pooling leave out what is beyond the edge, so PAD stays in front of them.
"""

from __future__ import annotations

import dataclasses

from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.padding import BorderAttrs, Padded
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.windows import WindowAttrs
from netsuke.compiler.passes.rewrite import op_at, replace_ops
from netsuke.compiler.verify import broken_constraint


def fuse_pad(graph: Graph) -> Graph:
    for index in [op.index for op in graph.ops]:
        op = op_at(graph, index)
        if isinstance(op.attrs, BorderAttrs) and _fills_with_zero_point(graph, op):
            graph = _fuse(graph, op, op.attrs)
    return graph


def _fills_with_zero_point(graph: Graph, pad: Op) -> bool:
    operator, out = operator_of(pad.attrs), graph.output(pad)
    assert isinstance(operator, Padded)
    return bool(operator.fill(pad.attrs, out) == out.q.zero_point)


def _fuse(graph: Graph, pad: Op, attrs: BorderAttrs) -> Graph:
    """`graph` without `pad`, or as it is where not all readers can take the padding over."""
    readers = graph.consumers()[pad.outputs[0]]
    convolutions = {op.index: _padded(op, pad, attrs) for op in readers}
    new = {index: op for index, op in convolutions.items() if op is not None}
    if pad.outputs[0] in graph.outputs or len(new) < len(readers):
        return graph
    fused = replace_ops(graph, new, {pad.index})
    # A convolution may refuse so much padding.
    return graph if any(broken_constraint(fused, op) for op in new.values()) else fused


def _padded(op: Op, pad: Op, attrs: BorderAttrs) -> Op | None:
    """`op` with the padding of `pad`, None if it is no convolution or that is no border."""
    if not isinstance(op.attrs, WindowAttrs) or len(attrs.paddings) != 4:
        return None
    batch, (top, bottom), (left, right), channels = attrs.paddings
    if batch != (0, 0) or channels != (0, 0):
        return None
    wider = dataclasses.replace(
        op.attrs,
        pad_top=op.attrs.pad_top + top,
        pad_bottom=op.attrs.pad_bottom + bottom,
        pad_left=op.attrs.pad_left + left,
        pad_right=op.attrs.pad_right + right,
    )
    return dataclasses.replace(op, attrs=wider, inputs=(pad.inputs[0], *op.inputs[1:]))
