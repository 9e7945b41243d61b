# SPDX-License-Identifier: Apache-2.0
"""Reads SPACE_TO_BATCH_ND, a convolution and BATCH_TO_SPACE_ND as the dilated convolution they are.

TensorFlow dilates by dealing the pixels out to a batch of images, one for each place in a block;
the converter finds most of these, not all. The padding of the first operator, less what the last
one crops, is the padding of the dilated convolution. Between them there may be a RESHAPE, that
makes an image of a sequence.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netsuke.compiler.frontend.topology import FileOp, Wiring
from netsuke.compiler.ir import Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.common import constant_ints
from netsuke.compiler.ops.reshape import ReshapeAttrs
from netsuke.compiler.ops.windows import WindowAttrs

_Pairs = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Dilation:
    """A convolution of the file with what deals pixels out before it and gathers them after it.

    `block` is (height, width); `padding` (before, after) of both axes.
    """

    dealer: FileOp
    convolution: int
    gatherer: FileOp
    between: tuple[int, ...]
    block: tuple[int, int]
    padding: _Pairs


def join_dilations(graph: Graph, wiring: Wiring) -> tuple[Graph, frozenset[int]]:
    """`graph` with dilated convolutions, and what deals and gathers pixels in the file for them.

    `graph` has the convolutions of the file, which need not be sound, but not the operators before
    and after them. What cannot be read as a dilation stays as it is.
    """
    found = list(_dilations(graph, wiring))
    dealers = {d.dealer.index for d in found if _all_joined(d.dealer, found, wiring)}
    joined = [d for d in found if d.dealer.index in dealers]
    tensors, indices = dict(graph.tensors), itertools.count(len(wiring.ops) + len(graph.ops))
    new = {d.convolution: _made(graph, d, tensors, indices) for d in joined}
    gone = {i for d in joined for i in d.between}
    ops = (new.get(op.index, [op]) for op in graph.ops if op.index not in gone)
    stood_for = dealers | {d.gatherer.index for d in joined}
    return graph.replace(ops=itertools.chain(*ops), tensors=tensors), frozenset(stood_for)


def _dilations(graph: Graph, wiring: Wiring) -> Iterator[_Dilation]:
    writer = {t: op for op in wiring.ops for t in op.outputs}
    read = {op.index: op for op in graph.ops}
    for gatherer in wiring.ops:
        if gatherer.name != "BATCH_TO_SPACE_ND" or not _complete(gatherer):
            continue
        convolution, after = _behind_reshape(writer, gatherer.inputs[0])
        op = None if convolution is None else read.get(convolution.index)
        if convolution is None or op is None or not isinstance(op.attrs, WindowAttrs):
            continue
        dealer, before = _behind_reshape(writer, convolution.inputs[0])
        if dealer is None or dealer.name != "SPACE_TO_BATCH_ND" or bool(before) != bool(after):
            continue
        if not _complete(dealer):
            continue
        if not _alone(wiring, convolution, *after):
            continue
        sizes = _sizes(graph.tensors, dealer, gatherer, op.attrs)
        if sizes is not None:
            yield _Dilation(dealer, op.index, gatherer, (*before, *after), *sizes)


def _complete(op: FileOp) -> bool:
    """Whether a dealer or gatherer has tensor, block and padding or crops; nothing checked yet."""
    return len(op.inputs) == 3 and len(op.outputs) == 1


def _behind_reshape(
    writer: Mapping[TensorId, FileOp], t: TensorId
) -> tuple[FileOp | None, tuple[int, ...]]:
    """What writes `t`, or what writes the tensor that a RESHAPE makes it of, and that RESHAPE."""
    op = writer.get(t)
    if op is None or op.name != "RESHAPE" or not op.inputs:
        return op, ()
    return writer.get(op.inputs[0]), (op.index,)


def _alone(wiring: Wiring, convolution: FileOp, *after: int) -> bool:
    """Whether nothing else reads what is computed on the way to the gatherer."""
    inner = {*convolution.outputs, *(t for i in after for t in wiring.ops[i].outputs)}
    readers = [t for op in wiring.ops for t in op.inputs if t in inner]
    return len(readers) == len(inner) and not inner & set(wiring.outputs)


def _sizes(
    tensors: Mapping[TensorId, Tensor], dealer: FileOp, gatherer: FileOp, window: WindowAttrs
) -> tuple[tuple[int, int], _Pairs] | None:
    """Block and padding, None where these are no dilation."""
    x, y = tensors.get(dealer.inputs[0]), tensors.get(gatherer.outputs[0])
    deal = [constant_ints(tensors.get(t)) for t in dealer.inputs[1:]]
    gather = [constant_ints(tensors.get(t)) for t in gatherer.inputs[1:]]
    plain = (window.stride_h, window.stride_w, window.dilation_h, window.dilation_w) == (1,) * 4
    if x is None or y is None or not plain or window.padded or len(x.shape) != len(y.shape):
        return None
    axes = len(x.shape) - 2
    if axes not in (1, 2) or x.shape[0] != 1 or y.shape[0] != 1:
        return None
    (block, pads), (same, crops) = deal, gather
    if block is None or pads is None or crops is None or block != same:
        return None
    if not len(block) == axes == len(pads) / 2 == len(crops) / 2:
        return None
    padding = [p - c for p, c in zip(pads, crops, strict=True)]
    if min(block) < 1 or min(padding) < 0:
        return None
    if axes == 1:  # a sequence is an image of one row
        block, padding = (1, *block), [0, 0, *padding]
    top, bottom, left, right = padding
    return (block[0], block[1]), ((top, bottom), (left, right))


def _all_joined(dealer: FileOp, found: list[_Dilation], wiring: Wiring) -> bool:
    """Whether all that read the dealt pixels are such convolutions."""
    mine = [d for d in found if d.dealer is dealer]
    known = {d.convolution for d in mine} | {i for d in mine for i in d.between}
    inner = {*dealer.outputs}
    inner |= {t for d in mine for i in d.between[:1] for t in wiring.ops[i].outputs}
    readers = {op.index for op in wiring.ops if inner & set(op.inputs)}
    return readers <= known and not inner & set(wiring.outputs)


def _made(
    graph: Graph, d: _Dilation, tensors: dict[TensorId, Tensor], indices: Iterator[int]
) -> list[Op]:
    """The dilated convolution, between views where it is one of a sequence."""
    op = next(o for o in graph.ops if o.index == d.convolution)
    source, target = d.dealer.inputs[0], d.gatherer.outputs[0]
    assert isinstance(op.attrs, WindowAttrs)
    (top, bottom), (left, right) = d.padding
    attrs = dataclasses.replace(
        op.attrs,
        dilation_h=d.block[0],
        dilation_w=d.block[1],
        pad_top=top,
        pad_bottom=bottom,
        pad_left=left,
        pad_right=right,
    )
    convolution = dataclasses.replace(
        op, attrs=attrs, inputs=(source, *op.inputs[1:]), outputs=(target,)
    )
    if len(tensors[source].shape) == 4:
        return [convolution]
    x, y = (_image(tensors, t) for t in (source, target))
    return [
        Op(next(indices), ReshapeAttrs(tensors[x].shape), (source,), (x,), op.index),
        dataclasses.replace(convolution, inputs=(x, *op.inputs[1:]), outputs=(y,)),
        Op(next(indices), ReshapeAttrs(tensors[target].shape), (y,), (target,), op.index),
    ]


def _image(tensors: dict[TensorId, Tensor], t: TensorId) -> TensorId:
    """A new tensor: the sequence `t` as an image of one row."""
    sequence, new = tensors[t], max(tensors) + 1
    tensors[new] = dataclasses.replace(sequence, shape=(1, *sequence.shape))
    return new
