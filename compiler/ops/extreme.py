# SPDX-License-Identifier: Apache-2.0
"""What MAXIMUM and MINIMUM share: the choice of one of two numbers of the same quantization."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.broadcast import Elementwise

A = TypeVar("A", bound=Attrs)


class Extreme(Elementwise[A]):
    """Base of MAXIMUM and MINIMUM."""

    constraints = (*Elementwise.constraints, common.same_quantization)
    monotone = "increasing"

    @abstractmethod
    def choose(self, a: Array, b: Array) -> Array:
        """One of two int8 numbers, element by element, with broadcasting."""

    def quantization(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        return {}  # numbers of one quantization compare as they are

    def evaluate(
        self,
        attrs: A,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        a, b = values
        assert a is not None and b is not None
        return self.choose(a, b)
