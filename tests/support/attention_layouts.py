# SPDX-License-Identifier: Apache-2.0
"""Attentions in the layouts that converters and people write, as graphs, with random weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import (
    Array,
    Attrs,
    DType,
    Graph,
    Op,
    QuantParams,
    Tensor,
    TensorId,
    constant,
)
from netsuke.compiler.ops.add import AddAttrs
from netsuke.compiler.ops.batch_matmul import BatchMatmulAttrs
from netsuke.compiler.ops.fully_connected import FullyConnectedAttrs
from netsuke.compiler.ops.mean import MeanAttrs
from netsuke.compiler.ops.mul import MulAttrs
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.ops.slice import SliceAttrs
from netsuke.compiler.ops.softmax import SoftmaxAttrs
from netsuke.compiler.ops.sub import SubAttrs
from netsuke.compiler.ops.transpose import TransposeAttrs

UNIT = QuantParams((1 / 256,), (-128,))

MASKS = ("none", "square", "batched", "by head", "by head and place")
KEYS = ("transposed", "adjoint", "swapped later", "of one head", "the queries", "constant")
PROJECTIONS = ("one", "low rank", "vectors", "sliced", "scaled")
PLACES = ("outside", "inside")


@dataclass(frozen=True, slots=True)
class Layout:
    """`place` is where the axis of heads lies: outside that of a head's features, or inside it;
    `shown`: scores are outputs of the graph as well; `blocks` attentions follow each other."""

    batch: int
    tokens: int
    width: int
    heads: int
    size: int
    place: str
    keys: str
    projections: str
    mask: str
    norm: bool
    shown: bool
    blocks: int
    seed: int


def attention_graph(layout: Layout) -> Graph:
    """int8 [batch, tokens, width] to the same shape."""
    return _Builder(layout).graph()


class _Builder:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.rng = np.random.default_rng(layout.seed)
        self.tensors: dict[TensorId, Tensor] = {}
        self.ops: list[Op] = []

    def graph(self) -> Graph:
        shape = (self.layout.batch, self.layout.tokens, self.layout.width)
        source = x = self._add(Tensor("x", shape, DType.INT8, self._quant(0.05)))
        shown = []
        for _ in range(self.layout.blocks):
            x, scores = self._block(x)
            shown += [scores] if self.layout.shown else []
        return Graph("g", self.tensors, tuple(self.ops), (source,), (x, *shown)).replace()

    # --- parts ---

    def _add(self, tensor: Tensor) -> TensorId:
        self.tensors[len(self.tensors)] = tensor
        return len(self.tensors) - 1

    def _quant(self, scale: float) -> QuantParams:
        return QuantParams((float(np.float32(scale)),), (int(self.rng.integers(-20, 21)),))

    def _ints(self, *values: int) -> TensorId:
        return self._add(constant("ints", np.array(values, np.int32)))

    def _numbers(self, shape: tuple[int, ...], scale: float) -> TensorId:
        data = self.rng.integers(-128, 128, shape).astype(np.int8)
        return self._add(constant("c", data, self._quant(scale)))

    def _op(self, attrs: Attrs, *inputs: TensorId, quant: QuantParams | float = 0.0) -> TensorId:
        """An operator's output; of input 0's quantization where none is given."""
        if isinstance(quant, float):
            quant = self._quant(quant) if quant else self.tensors[inputs[0]].q
        shape = operator_of(attrs).infer(attrs, [self.tensors[t] for t in inputs])
        out = self._add(Tensor(f"t{len(self.tensors)}", shape, DType.INT8, quant))
        self.ops.append(Op(len(self.ops), attrs, inputs, (out,)))
        return out

    def _linear(self, x: TensorId, units: int) -> TensorId:
        depth = self.tensors[x].shape[-1]
        scales = self.rng.uniform(0.002, 0.02, units).astype(np.float32)
        quant = QuantParams(tuple(map(float, scales)), (0,) * units, 0)
        weights = constant("w", self.rng.integers(-127, 128, (units, depth)).astype(np.int8), quant)
        bias = constant("b", self.rng.integers(-2000, 2000, units).astype(np.int32))
        keep = self.layout.projections != "vectors"
        attrs = FullyConnectedAttrs(keep_num_dims=keep)
        return self._op(attrs, x, self._add(weights), self._add(bias), quant=0.04 * depth**0.5)

    def _shaped(self, x: TensorId, *shape: int) -> TensorId:
        return self._op(ReshapeAttrs(shape), x)

    def _turned(self, x: TensorId, *order: int) -> TensorId:
        return self._op(TransposeAttrs(order), x, self._ints(*order))

    # --- attention ---

    def _block(self, x: TensorId) -> tuple[TensorId, TensorId]:
        seen = self._norm(x) if self.layout.norm else x
        query, key, value = self._operands(seen)
        adjoint = self.layout.keys in ("adjoint", "the queries")
        scores = self._op(BatchMatmulAttrs(False, adjoint), query, key, quant=0.15)
        scores = self._op(SoftmaxAttrs(1.0), self._masked(scores), quant=UNIT)
        context = self._op(BatchMatmulAttrs(False, False), scores, value, quant=0.03)
        order = (0, 2, 1, 3) if self.layout.place == "outside" else (0, 2, 3, 1)
        by_token = self._turned(context, *order)
        merged = self._shaped(
            by_token, self.layout.batch, self.layout.tokens, self.layout.heads * self.layout.size
        )
        out = self._linear(merged, self.layout.width)
        out = self._shaped(out, *self.tensors[x].shape)
        return self._op(AddAttrs(), x, out, quant=0.08), scores

    def _norm(self, x: TensorId) -> TensorId:
        mean = self._op(MeanAttrs((2,), True), x, self._ints(2), quant=0.02)
        centred = self._op(SubAttrs(), x, mean, quant=0.06)
        return self._op(MulAttrs(), centred, self._numbers((self.layout.width,), 0.01), quant=0.05)

    def _operands(self, x: TensorId) -> tuple[TensorId, TensorId, TensorId]:
        layout, units = self.layout, self.layout.heads * self.layout.size
        sliced = self._linear(x, 3 * units) if layout.projections == "sliced" else None
        query, value = (self._projected(x, sliced, i * units, layout.heads) for i in (0, 2))
        if layout.keys == "the queries":
            return query, query, value
        if layout.keys == "constant":
            return query, self._numbers((1, layout.heads, layout.size, layout.tokens), 0.04), value
        heads = 1 if layout.keys == "of one head" else layout.heads
        key = self._projected(x, sliced, units, heads)
        if layout.keys == "adjoint":
            return query, key, value
        if layout.keys == "transposed":
            self.ops.pop()  # the TRANSPOSE that put heads before tokens
            order = (0, 2, 3, 1) if layout.place == "outside" else (0, 3, 2, 1)
            return query, self._turned(self.ops[-1].outputs[0], *order), value
        return query, self._turned(key, 0, 1, 3, 2), value

    def _projected(self, x: TensorId, sliced: TensorId | None, first: int, heads: int) -> TensorId:
        """[batch, heads, tokens, size]"""
        layout, units = self.layout, heads * self.layout.size
        if sliced is not None:
            whole = self.tensors[sliced].shape
            begin, size = (0, 0, first), (*whole[:-1], units)
            inputs = sliced, self._ints(*begin), self._ints(*size)
            y = self._op(SliceAttrs(begin, size), *inputs)
        else:
            y = self._linear(self._linear(x, 3) if layout.projections == "low rank" else x, units)
        if layout.projections == "scaled":
            y = self._op(MulAttrs(), y, self._numbers((1,), 0.01), quant=0.05)
        if layout.place == "outside":
            return self._turned(
                self._shaped(y, layout.batch, layout.tokens, heads, layout.size), 0, 2, 1, 3
            )
        return self._turned(
            self._shaped(y, layout.batch, layout.tokens, layout.size, heads), 0, 3, 1, 2
        )

    def _masked(self, scores: TensorId) -> TensorId:
        heads, tokens = self.layout.heads, self.layout.tokens
        shapes = {
            "square": (tokens, tokens),
            "batched": (1, 1, tokens, tokens),
            "by head": (heads, 1, 1),
            "by head and place": (1, heads, tokens, tokens),
        }
        if self.layout.mask not in shapes:
            return scores
        shape = shapes[self.layout.mask]
        return self._op(AddAttrs(), scores, self._mask(shape), quant=0.2)

    def _mask(self, shape: tuple[int, ...]) -> TensorId:
        data: Array = np.where(self.rng.random(shape) < 0.5, 100, -100).astype(np.int8)
        return self._add(constant("mask", data, QuantParams((float(np.float32(0.04)),), (100,))))
