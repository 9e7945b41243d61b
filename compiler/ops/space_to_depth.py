# SPDX-License-Identifier: Apache-2.0
"""SPACE_TO_DEPTH: each block of block x block pixels becomes the channels of one pixel.

Source: tensorflow/lite/kernels/internal/reference/space_to_depth.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Access, Isa, KernelCall, Operator, OptionReader, Rows


@dataclass(frozen=True, slots=True)
class SpaceToDepthAttrs(Attrs):
    block: int


def whole_blocks(graph: Graph, op: Op) -> str | None:
    """Height and width must be multiples of the block size"""
    assert isinstance(op.attrs, SpaceToDepthAttrs)
    _, h, w, _ = common.input0(graph.input_tensors(op)).shape
    block = op.attrs.block
    return None if h % block == w % block == 0 else f"{h} x {w} for blocks of {block}"


class SpaceToDepth(Operator[SpaceToDepthAttrs]):
    name = "space_to_depth"
    builtin = "SPACE_TO_DEPTH"
    attrs_type = SpaceToDepthAttrs
    constraints = (*common.IMAGE, common.same_quantization, whole_blocks)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SpaceToDepthAttrs:
        block = options.int("block_size")
        if not 1 <= block <= common.MAX_SIDE:
            raise InputError("block_size", str(block), f"1 to {common.MAX_SIDE}")
        return SpaceToDepthAttrs(block)

    def infer(self, attrs: SpaceToDepthAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        n, h, w, c = common.input0(inputs).shape
        return (n, h // attrs.block, w // attrs.block, c * attrs.block**2)

    def evaluate(
        self,
        attrs: SpaceToDepthAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        _, h, w, c = common.input0(inputs).shape
        block = attrs.block
        rows = common.value0(values).reshape(h // block, block, w // block, block * c)
        return rows.transpose(0, 2, 1, 3).reshape(out.shape)

    def copies(
        self, attrs: SpaceToDepthAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> bool:
        return attrs.block == 1

    def access(
        self, attrs: SpaceToDepthAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        step = 0 if _by_pixel(attrs, out) else attrs.block
        return (Rows(step, 1, 0, attrs.block),)

    def kernel(
        self,
        attrs: SpaceToDepthAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        by_pixel = _by_pixel(attrs, out)
        params = (
            ("width", 1 if out.shape[1] == 1 else out.shape[2]),
            ("channels", common.input0(inputs).shape[3]),
            ("block", attrs.block),
            ("by_pixel", int(by_pixel)),
        )
        function, source = "nk_space_to_depth_row", "kernels/space_to_depth.c"
        return KernelCall(function, "nk_space_to_depth", self.name, source, params, takes_row=True)


def _by_pixel(attrs: SpaceToDepthAttrs, out: Tensor) -> bool:
    """Whether the output's rows are the pixels of its only image row, made of all rows of the
    input. Where the input has one image row, too, its rows are pixels as well."""
    return common.rows_are_pixels(out) and attrs.block > 1


OPERATOR = SpaceToDepth()
