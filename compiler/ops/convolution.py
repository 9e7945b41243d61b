# SPDX-License-Identifier: Apache-2.0
"""What CONV_2D and DEPTHWISE_CONV_2D share: shapes, access, scaling of a window of products.

Inputs are (image [1, h, w, in_c], weights of rank 4 with the kernel's height and width in the
middle, bias [out_c] or absent).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, TypeVar

from netsuke.compiler.ir import Tensor
from netsuke.compiler.ops import common, products, windows
from netsuke.compiler.ops.base import Access, Cut, Operator, OptionReader, Part
from netsuke.compiler.ops.windows import Geometry, WindowAttrs, WindowFields

W = TypeVar("W", bound=WindowAttrs)


class Convolution(Operator[W]):
    """Base of the convolutions."""

    arity = (2, 3)

    out_axis: ClassVar[int]
    """The axis of the weights that has one index for each output channel."""

    @abstractmethod
    def attributes(self, fields: WindowFields) -> W:
        """The attributes of these fields."""

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> W:
        return self.attributes(windows.read_window(options, inputs))

    def infer(self, attrs: W, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        x, w = common.input0(inputs), products.weights_of(inputs)
        size = windows.output_size(attrs, x, *w.shape[1:3])
        return (x.shape[0], *size, w.shape[self.out_axis])

    def access(
        self, attrs: W, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        pattern = self.geometry(attrs, inputs, out).access()
        return (pattern, *(None for _ in inputs[1:]))

    def row_local(self, attrs: W, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        return self.geometry(attrs, inputs, out).pointwise

    def macs(self, attrs: W, inputs: Sequence[Tensor | None], out: Tensor) -> int:
        return out.elements * (products.weights_of(inputs).elements // out.shape[3])

    def part(self, attrs: W, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut) -> Part | None:
        return windows.column_part(attrs, inputs, cut)

    def geometry(self, attrs: W, inputs: Sequence[Tensor | None], out: Tensor) -> Geometry:
        """The convolution as its row kernel sees it."""
        w = products.weights_of(inputs)
        return windows.geometry(attrs, common.input0(inputs), out, (w.shape[1], w.shape[2]))
