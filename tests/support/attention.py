# SPDX-License-Identifier: Apache-2.0
"""Multi-head attention of any shape, with random weights and quantization, as a TFLite model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.support.small_models import Net


@dataclass(frozen=True, slots=True)
class Shape:
    """What an attention can be. `size` is the width of one head, `width` that of a token.

    `mask` adds a constant to the scores, `norm` centres tokens before the projections; `adjoint`
    leaves keys as they are and transposes them inside the product. Projections are products of two
    matrices of rank `rank` where that is not 0.
    """

    tokens: int
    width: int
    heads: int
    size: int
    mask: bool
    norm: bool
    adjoint: bool
    seed: int
    rank: int = 0


def attention(shape: Shape) -> bytes:
    """int8 [1, tokens, width] to the same shape: attention and what it is added to."""
    net = Net(shape.seed)
    tokens = (1, shape.tokens, shape.width)
    x = net.tensor(tokens, scale=0.05, zero_point=_zero(net))
    seen = x
    if shape.norm:
        mean = (1, shape.tokens, 1)
        centre = net.op("MEAN", [x, net.ints([2])], mean, {"keep_dims": True}, scale=0.02)
        seen = net.op("SUB", [x, centre], tokens, scale=0.06, zero_point=_zero(net))
    key_order = (0, 2, 1, 3) if shape.adjoint else (0, 2, 3, 1)
    query = _heads(net, shape, seen, (0, 2, 1, 3))
    key = _heads(net, shape, seen, key_order)
    value = _heads(net, shape, seen, (0, 2, 1, 3))
    scores = _scores(net, shape, query, key)
    context = net.op(
        "BATCH_MATMUL",
        [scores, value],
        (1, shape.heads, shape.tokens, shape.size),
        scale=_projected_scale(shape.width) / 2,
        zero_point=_zero(net),
    )
    merged = _merged(net, shape, context)
    out = net.op("ADD", [x, merged], tokens, scale=0.06, zero_point=_zero(net))
    return net.build([x], [out])


def _zero(net: Net) -> int:
    return int(net.rng.integers(-20, 21))


def _projected_scale(width: int) -> float:
    """What keeps a projection of random tokens within int8, most of it used."""
    return 0.006 * float(width) ** 0.5


def _projection(net: Net, x: str, before: int, after: int, rows: int) -> str:
    data = net.rng.integers(-127, 128, (after, before))
    weights = net.tensor(data.shape, scale=net.rng.uniform(8e-4, 12e-4), zero_point=0, data=data)
    return net.op(
        "FULLY_CONNECTED",
        [x, weights, net.bias(after)],
        (1, rows, after),
        {"keep_num_dims": True},
        scale=_projected_scale(before),
        zero_point=_zero(net),
    )


def _heads(net: Net, shape: Shape, x: str, order: tuple[int, ...]) -> str:
    """Projected, and the axes batch, token, head, feature in this order."""
    before = shape.rank or shape.width
    if shape.rank:
        x = _projection(net, x, shape.width, shape.rank, shape.tokens)
    projected = _projection(net, x, before, shape.heads * shape.size, shape.tokens)
    source = net.tensors[-1]
    same = {"scale": source.scale, "zero_point": source.zero_point}
    cut = (1, shape.tokens, shape.heads, shape.size)
    parts = net.op("RESHAPE", [projected, net.ints(cut)], cut, {"new_shape": cut}, **same)
    turned = tuple(cut[a] for a in order)
    return net.op("TRANSPOSE", [parts, net.ints(order)], turned, **same)


def _scores(net: Net, shape: Shape, query: str, key: str) -> str:
    square = (1, shape.heads, shape.tokens, shape.tokens)
    options, scale = {"adj_y": shape.adjoint}, 0.002 * shape.width * shape.size**0.5
    scores = net.op(
        "BATCH_MATMUL", [query, key], square, options, scale=scale, zero_point=_zero(net)
    )
    if shape.mask:
        data = np.where(np.tri(shape.tokens, dtype=bool), 100, -100)
        mask = net.tensor((1, 1, *square[2:]), scale=0.04, zero_point=100, data=data[None, None])
        scores = net.op("ADD", [scores, mask], square, scale=scale * 1.3, zero_point=_zero(net))
    unit = {"scale": 1 / 256, "zero_point": -128}
    return net.op("SOFTMAX", [scores], square, {"beta": 1.0}, **unit)


def _merged(net: Net, shape: Shape, context: str) -> str:
    source = net.tensors[-1]
    same = {"scale": source.scale, "zero_point": source.zero_point}
    turned = (1, shape.tokens, shape.heads, shape.size)
    joined = (1, shape.tokens, shape.heads * shape.size)
    by_token = net.op("TRANSPOSE", [context, net.ints((0, 2, 1, 3))], turned, **same)
    flat = net.op("RESHAPE", [by_token, net.ints(joined)], joined, {"new_shape": joined}, **same)
    return _projection(net, flat, shape.heads * shape.size, shape.width, shape.tokens)
