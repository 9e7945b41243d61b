# SPDX-License-Identifier: Apache-2.0
"""What RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR share: attributes, shapes, access."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from netsuke.compiler.ir import Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Aligned,
    Channels,
    Constraint,
    Operator,
    OptionReader,
    Rows,
    Whole,
)


@dataclass(frozen=True, slots=True)
class ResizeAttrs(Attrs):
    """The output is height x width pixels."""

    height: int
    width: int
    align_corners: bool
    half_pixel_centers: bool


R = TypeVar("R", bound=ResizeAttrs)


class Resize(Operator[R]):
    """Base of the resizing operators: input [1, h, w, c], constant size [height, width]."""

    arity = (2, 2)
    constraints: ClassVar[tuple[Constraint, ...]] = (*common.IMAGE, common.same_quantization)

    @abstractmethod
    def attributes(self, height: int, width: int, align_corners: bool, half_pixel: bool) -> R:
        """The attributes of these fields."""

    @abstractmethod
    def rows(self, attrs: R, x: Tensor, out: Tensor) -> Rows | None:
        """The rows that output rows read; None where image rows are not the tensors' rows, or
        where no pattern fits."""

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> R:
        height, width = common.image_size(inputs[1])
        align, half = options.bool("align_corners"), options.bool("half_pixel_centers")
        return self.attributes(height, width, align, half)

    def infer(self, attrs: R, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        return (shape[0], attrs.height, attrs.width, *shape[3:])

    def access(
        self, attrs: R, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (self.rows(attrs, common.input0(inputs), out) or Whole(), None)

    def channels(self, attrs: R, inputs: Sequence[Tensor | None], out: Tensor) -> Channels:
        return Aligned((np.arange(out.shape[-1]), None))
