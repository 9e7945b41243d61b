# SPDX-License-Identifier: Apache-2.0
"""Base of the operators that only change a tensor's shape, not its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Aligned,
    Channels,
    Constraint,
    Isa,
    KernelCall,
    Operator,
    Whole,
)

A = TypeVar("A", bound=Attrs)


def same_elements(graph: Graph, op: Op) -> str | None:
    """The output must have as many elements as the input"""
    source, out = common.input0(graph.input_tensors(op)), graph.output(op)
    if source.elements == out.elements:
        return None
    return f"{source.elements} into {out.elements}"


class View(Operator[A]):
    """An operator whose output shares its input's storage: it has no kernel."""

    is_view = True
    monotone = "increasing"
    constraints: ClassVar[tuple[Constraint, ...]] = (*common.MOVED_INT8, same_elements)

    def evaluate(
        self, attrs: A, inputs: Sequence[Tensor | None], values: Sequence[Array | None], out: Tensor
    ) -> Array:
        return common.value0(values).reshape(out.shape)

    def access(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (Whole(), *(None for _ in inputs[1:]))

    def channels(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> Channels:
        """Known where the output's last axis holds whole periods of the input's channels."""
        source = common.input0(inputs).shape
        if not source or not out.shape or out.shape[-1] % source[-1]:
            return None
        if source[-1] == 1 < out.shape[-1]:
            return None
        periods = np.arange(out.shape[-1]) % source[-1]
        return Aligned((periods, *(None for _ in inputs[1:])))

    def kernel(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        raise AssertionError(f"{self.name} is a view: nothing runs")
