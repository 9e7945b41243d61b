# SPDX-License-Identifier: Apache-2.0
"""DEPTH_TO_SPACE: channels of each pixel become a block of block x block pixels.

Source: tensorflow/lite/kernels/internal/reference/depth_to_space.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Access, Isa, KernelCall, Operator, OptionReader, Rows, Whole


@dataclass(frozen=True, slots=True)
class DepthToSpaceAttrs(Attrs):
    block: int


def whole_blocks(graph: Graph, op: Op) -> str | None:
    """The channels must be a multiple of the block's pixels"""
    assert isinstance(op.attrs, DepthToSpaceAttrs)
    channels, pixels = common.input0(graph.input_tensors(op)).shape[3], op.attrs.block**2
    return None if channels % pixels == 0 else f"{channels} channels for {pixels} pixels"


class DepthToSpace(Operator[DepthToSpaceAttrs]):
    name = "depth_to_space"
    builtin = "DEPTH_TO_SPACE"
    attrs_type = DepthToSpaceAttrs
    constraints = (*common.IMAGE, common.same_quantization, whole_blocks)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> DepthToSpaceAttrs:
        block = options.int("block_size")
        if not 1 <= block <= common.MAX_SIDE:
            raise InputError("block_size", str(block), f"1 to {common.MAX_SIDE}")
        return DepthToSpaceAttrs(block)

    def infer(self, attrs: DepthToSpaceAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        n, h, w, c = common.input0(inputs).shape
        return (n, h * attrs.block, w * attrs.block, c // attrs.block**2)

    def evaluate(
        self,
        attrs: DepthToSpaceAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        _, h, w, c = common.input0(inputs).shape
        rows = common.value0(values).reshape(h, w, attrs.block, c // attrs.block)
        return rows.transpose(0, 2, 1, 3).reshape(out.shape)

    def copies(
        self, attrs: DepthToSpaceAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> bool:
        return attrs.block == 1

    def access(
        self, attrs: DepthToSpaceAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        # The rows of an image of height 1 are its pixels.
        by_rows = common.input0(inputs).shape[1] > 1 or attrs.block == 1
        return (Rows(1, attrs.block) if by_rows else Whole(),)

    def kernel(
        self,
        attrs: DepthToSpaceAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        _, _, width, channels = common.input0(inputs).shape
        pixels = 1 if out.shape[1] == 1 else width
        params = (("width", pixels), ("channels", channels), ("block", attrs.block))
        function, source = "nk_depth_to_space_row", "kernels/depth_to_space.c"
        return KernelCall(function, "nk_depth_to_space", self.name, source, params, takes_row=True)


OPERATOR = DepthToSpace()
