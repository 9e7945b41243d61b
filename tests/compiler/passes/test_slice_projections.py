# SPDX-License-Identifier: Apache-2.0
"""Slices of one projection become projections of their own; products and bytes stay."""

from __future__ import annotations

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate, evaluate_all
from netsuke.compiler.ir import Attrs, DType, Graph, Op, QuantParams, Tensor, TensorId, constant
from netsuke.compiler.ops.fully_connected import FullyConnectedAttrs
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.ops.slice import SliceAttrs
from netsuke.compiler.ops.split import SplitAttrs
from netsuke.compiler.ops.transpose import TransposeAttrs
from netsuke.compiler.ops.unpack import UnpackAttrs
from netsuke.compiler.passes.slice_projections import slice_projections
from netsuke.compiler.report import macs
from netsuke.compiler.verify import verify

QUANT = QuantParams((0.5,), (3,))
TOKENS, WIDTH, UNITS = 5, 7, 12


class Builder:
    """A projection of [1, TOKENS, WIDTH] to UNITS features, and what is put behind it."""

    def __init__(self) -> None:
        rng = np.random.default_rng(2)
        scales = tuple(float(np.float32(s)) for s in rng.uniform(0.002, 0.02, UNITS))
        weights = rng.integers(-127, 128, (UNITS, WIDTH)).astype(np.int8)
        self.tensors = {
            0: Tensor("x", (1, TOKENS, WIDTH), DType.INT8, QUANT),
            1: constant("w", weights, QuantParams(scales, (0,) * UNITS, 0)),
            2: constant("b", rng.integers(-99, 99, UNITS).astype(np.int32)),
        }
        self.ops: list[Op] = []
        self.projection = self.add(FullyConnectedAttrs(keep_num_dims=True), 0, 1, 2)

    def add(self, attrs: Attrs, *inputs: TensorId) -> TensorId:
        out = len(self.tensors)
        shape = operator_of(attrs).infer(attrs, [self.tensors[t] for t in inputs])
        self.tensors[out] = Tensor(f"t{out}", shape, DType.INT8, QUANT)
        self.ops.append(Op(len(self.ops), attrs, inputs, (out,)))
        return out

    def ints(self, *values: int) -> TensorId:
        self.tensors[len(self.tensors)] = constant("ints", np.array(values, np.int32))
        return len(self.tensors) - 1

    def cut(self, first: int, size: int) -> TensorId:
        """Features [first, first + size) of the projection."""
        bounds = (0, 0, first), (1, TOKENS, size)
        return self.add(SliceAttrs(*bounds), self.projection, *(self.ints(*b) for b in bounds))

    def graph(self, *outputs: TensorId) -> Graph:
        return Graph("g", self.tensors, tuple(self.ops), (0,), outputs).replace()


def slices(b: Builder) -> list[TensorId]:
    return [b.cut(first, size) for first, size in ((0, 4), (4, 3), (7, 5))]


def splits(b: Builder) -> list[TensorId]:
    return [b.add(SplitAttrs(2, 3, n), b.projection, b.ints(2)) for n in range(3)]


def unpacked(b: Builder) -> list[TensorId]:
    """As in timm: queries, keys and values along an axis of their own."""
    shaped, order = b.add(ReshapeAttrs((1, TOKENS, 3, 2, 2)), b.projection), (2, 0, 3, 1, 4)
    turned = b.add(TransposeAttrs(order), shaped, b.ints(*order))
    return [b.add(UnpackAttrs(0, number), turned) for number in range(3)]


@pytest.mark.parametrize("cut", [slices, splits, unpacked], ids=lambda f: f.__name__)
def test_each_slice_is_projected_by_itself(cut: object) -> None:
    builder = Builder()
    before = builder.graph(*cut(builder))  # type: ignore[operator]
    verify(before)
    after = slice_projections(before)
    verify(after)
    kinds = [type(op.attrs) for op in after.ops]
    assert kinds.count(FullyConnectedAttrs) == 3
    assert not {SliceAttrs, SplitAttrs, UnpackAttrs} & set(kinds)
    assert macs(after) == macs(before)
    x = np.random.default_rng(1).integers(-128, 128, (1, TOKENS, WIDTH)).astype(np.int8)
    whole = evaluate_all(before, [x])
    for got, want in zip(evaluate(after, [x]), evaluate(before, [x]), strict=True):
        np.testing.assert_array_equal(got, want)
    for op, values in ((op, evaluate_all(after, [x])) for op in after.ops):
        origin = after.output(op).origin
        if origin is not None and origin.channels:
            want = origin.of(whole[origin.tensor])
            np.testing.assert_array_equal(values[op.outputs[0]].ravel(), want.ravel())


def test_a_projection_that_is_read_whole_as_well_stays() -> None:
    builder = Builder()
    graph = builder.graph(*slices(builder), builder.add(ReshapeAttrs((60,)), builder.projection))
    assert slice_projections(graph) == graph


def test_overlapping_slices_would_be_computed_twice() -> None:
    builder = Builder()
    graph = builder.graph(*(builder.cut(first, 8) for first in (0, 4)))
    assert slice_projections(graph) == graph
