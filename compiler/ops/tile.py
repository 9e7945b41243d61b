# SPDX-License-Identifier: Apache-2.0
"""TILE: repeats axes of one index.

tflite-micro has no TILE; it only copies bytes. Source: tflite/kernels/tile.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.strided import Places, StridedCopy, contiguous_strides


@dataclass(frozen=True, slots=True)
class TileAttrs(Attrs):
    """How often each axis of the input is repeated."""

    multiples: tuple[int, ...]


def repeats_single_indices(graph: Graph, op: Op) -> str | None:
    """Only axes of one index may be repeated"""
    assert isinstance(op.attrs, TileAttrs)
    shape = common.input0(graph.input_tensors(op)).shape
    pairs = zip(shape, op.attrs.multiples, strict=True)
    found = [f"{n} indices {m} times" for n, m in pairs if n != 1 and m != 1]
    return found[0] if found else None


class Tile(StridedCopy[TileAttrs]):
    name = "tile"
    builtin = "TILE"
    attrs_type = TileAttrs
    arity = (2, 2)
    constraints = (*StridedCopy.constraints, common.same_quantization, repeats_single_indices)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> TileAttrs:
        multiples, rank = common.constant_ints(inputs[1]), len(common.input0(inputs).shape)
        want = f"{rank} constant numbers from 1 to {common.MAX_SIDE}"
        if multiples is None:
            raise InputError("multiples", "computed ones", want)
        if len(multiples) != rank or not all(1 <= m <= common.MAX_SIDE for m in multiples):
            raise InputError("multiples", str(list(multiples)), want)
        return TileAttrs(multiples)

    def infer(self, attrs: TileAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        return tuple(n * m for n, m in zip(shape, attrs.multiples, strict=True))

    def places(self, attrs: TileAttrs, inputs: Sequence[Tensor | None]) -> Places:
        shape = common.input0(inputs).shape
        pairs = zip(contiguous_strides(shape), attrs.multiples, strict=True)
        return Places(0, self.infer(attrs, inputs), tuple(0 if m > 1 else s for s, m in pairs))


OPERATOR = Tile()
