# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED: input [..., depth], weights [units, depth], bias [units] -> [..., units].

The input may have any shape whose size is a multiple of depth: it is cut into vectors of depth.
Source: tensorflow/lite/micro/kernels/fully_connected_common.cc,
kernels/internal/reference/integer_ops/fully_connected.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common, dsp, packing, products, sum_bounds
from netsuke.compiler.ops.base import (
    Access,
    Channels,
    Cut,
    Interval,
    Isa,
    KernelCall,
    Mixed,
    Operator,
    OptionReader,
    Part,
    Rows,
    Whole,
)


@dataclass(frozen=True, slots=True)
class FullyConnectedAttrs(Attrs):
    """`keep_num_dims`: the output has the leading dimensions of the input, else [vectors, units].

    `activation` is the fused one, a common.Activation.
    """

    keep_num_dims: bool = False
    activation: int = 0


def two_dimensional_weights(graph: Graph, op: Op) -> str | None:
    """The weights must have two dimensions, and the input a multiple of their depth in elements"""
    x, w, *_ = graph.input_tensors(op)
    assert x is not None and w is not None
    fits = len(w.shape) == 2 and w.shape[1] > 0 and x.elements % w.shape[1] == 0
    return None if fits else f"weights {w.shape} for input {x.shape}"


class FullyConnected(Operator[FullyConnectedAttrs]):
    name = "fully_connected"
    builtin = "FULLY_CONNECTED"
    attrs_type = FullyConnectedAttrs
    arity = (2, 3)
    constraints = (two_dimensional_weights, *products.CONSTRAINTS)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> FullyConnectedAttrs:
        if options.int("weights_format") != 0:
            raise InputError("weights_format", "shuffled weights", "the default format")
        return FullyConnectedAttrs(
            options.bool("keep_num_dims"), options.int("fused_activation_function")
        )

    def infer(self, attrs: FullyConnectedAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        x, w = common.input0(inputs), products.weights_of(inputs)
        if len(w.shape) != 2 or w.shape[1] < 1:
            raise InputError("shape of weights", str(w.shape), "[units, depth]")
        if attrs.keep_num_dims:
            return (*x.shape[:-1], w.shape[0])
        return (x.elements // w.shape[1], w.shape[0])

    def evaluate(
        self,
        attrs: FullyConnectedAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x, w = common.input0(inputs), products.weights_of(inputs)
        vectors = common.value0(values).reshape(-1, w.shape[1]).astype(np.float64)
        kernel = products.weight_values(inputs).astype(np.float64)
        sums = (vectors - x.q.zero_point) @ kernel.T  # below 2**53: exact
        return products.rescale(
            sums.reshape(out.shape), products.scaling(attrs.activation, inputs, out)
        )

    def part(
        self, attrs: FullyConnectedAttrs, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut
    ) -> Part | None:
        if cut.axis != len(out.shape) - 1:
            return None
        units = Cut(0, cut.start, cut.size)
        return Part(attrs, (None, *(None if t is None else units for t in inputs[1:])))

    def access(
        self, attrs: FullyConnectedAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        x = common.input0(inputs)
        pattern: Access = Rows() if self._row_by_row(x, out) else Whole()
        return (pattern, *(None for _ in inputs[1:]))

    def row_local(
        self, attrs: FullyConnectedAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> bool:
        return self._row_by_row(common.input0(inputs), out)

    def kernel(
        self,
        attrs: FullyConnectedAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        x, w = common.input0(inputs), products.weights_of(inputs)
        s = products.scaling(attrs.activation, inputs, out)
        weights = products.weight_values(inputs)
        bias = products.folded_bias(s, weights.sum(axis=1), x.q.zero_point)
        vectors = out.row_bytes // out.shape[-1] * block
        by_row = not self._row_by_row(x, out) and out.rows > 1
        if isa != "portable" and not by_row:
            call = dsp.fully_connected(vectors, x.q.zero_point, weights, s, bias)
            if call is not None:
                return call
        params = (
            ("weights", packing.weights(weights)),
            *packing.scaling(s, bias),
            ("vectors", vectors),
            ("depth", w.shape[1]),
            ("units", w.shape[0]),
            *packing.output_range(s),
        )
        function = "nk_fully_connected_whole_row" if by_row else "nk_fully_connected_row"
        return KernelCall(
            function,
            "nk_fully_connected",
            "fully_connected",
            "kernels/fully_connected.c",
            params,
            takes_row=by_row,
        )

    def macs(self, attrs: FullyConnectedAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> int:
        return out.elements * products.weights_of(inputs).shape[1]

    def interval(
        self,
        attrs: FullyConnectedAttrs,
        inputs: Sequence[Tensor | None],
        intervals: Sequence[Interval | None],
        out: Tensor,
    ) -> Interval | None:
        return sum_bounds.mixed(
            inputs, intervals[0], products.scaling(attrs.activation, inputs, out), False
        )

    def channels(
        self, attrs: FullyConnectedAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> Channels:
        return Mixed(padded=False)

    @staticmethod
    def _row_by_row(x: Tensor, out: Tensor) -> bool:
        """Whether each output row is computed from the input row at the same place."""
        return x.rows == out.rows


OPERATOR = FullyConnected()
