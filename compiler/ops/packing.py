# SPDX-License-Identifier: Apache-2.0
"""Weights and scaling in the layouts that kernels read, and the struct fields they share."""

from __future__ import annotations

import numpy as np

from netsuke.compiler.ir import Array
from netsuke.compiler.ops.base import ConstArray, ParamValue
from netsuke.compiler.ops.products import Scaling
from netsuke.compiler.ops.windows import Geometry

Fields = tuple[tuple[str, ParamValue], ...]


def weights(values: Array) -> ConstArray:
    """Weights in the order of `values`, for the portable kernels."""
    return ConstArray(np.ascontiguousarray(values, np.int8).ravel(), "weights")


def scaling(s: Scaling, bias: Array) -> Fields:
    """`scaling`: bias and multiplier of each channel, alternating; `shift`: one byte each."""
    pairs = np.stack([bias, s.multiplier], axis=1).astype(np.int32)
    return (
        ("scaling", ConstArray(pairs.ravel())),
        ("shift", ConstArray(s.shift.astype(np.int8))),
    )


def sizes(g: Geometry, in_c: int, in_zero_point: int, block: int) -> Fields:
    """The geometry of a row: of `block` rows, for a pointwise operator."""
    return (
        ("in_w", g.in_w * block),
        ("in_c", in_c),
        ("in_zero_point", in_zero_point),
        ("kernel_h", g.kernel_h),
        ("kernel_w", g.kernel_w),
        ("stride_w", g.stride_w),
        ("dilation_w", g.dilation_w),
        ("pad_left", g.pad_left),
        ("out_w", g.out_w * block),
    )


def output_range(s: Scaling) -> Fields:
    """The output's zero point and the range that its activation clamps to."""
    return (("out_zero_point", s.out_zero_point), ("low", s.low), ("high", s.high))


def value(fields: Fields, name: str) -> int:
    """The literal of one field."""
    found = dict(fields)[name]
    assert isinstance(found, int), name
    return found
