# SPDX-License-Identifier: Apache-2.0
"""Random layers of operators that move numbers without changing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tests.support.op_cases import Case, ints, t
from tests.support.tflite_builder import TensorSpec

Shape = tuple[int, ...]
SCALE = 0.03


def _shape(rng: np.random.Generator, low: int = 2, high: int = 4) -> Shape:
    axes = tuple(int(n) for n in rng.integers(1, 9, rng.integers(low, high + 1)))
    return (1, *axes[1:]) if rng.random() < 0.6 else axes


def _axis(rng: np.random.Generator, rank: int) -> tuple[int, int]:
    """An axis as a model file may say it, negative or not, and what it means."""
    axis = int(rng.integers(rank))
    return axis - rank if rng.random() < 0.3 else axis, axis


def _with(shape: Sequence[int], axis: int, *size: int) -> Shape:
    """`shape` with other sizes, or none, in the place of an axis."""
    return (*shape[:axis], *size, *shape[axis + 1 :])


class Draws:
    """One layer of one quantization; every method is the operator of its name."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.zero_point = int(rng.integers(-128, 128))

    def _t(self, shape: Shape) -> TensorSpec:
        return t(shape, SCALE, self.zero_point)

    def _input(self, shape: Shape, *, constant: float = 0.0) -> TensorSpec:
        if self.rng.random() >= constant:
            return self._t(shape)
        data = self.rng.integers(-128, 128, shape)
        return t(shape, SCALE, self.zero_point, data=data)

    def concatenation(self) -> Case:
        shape = _shape(self.rng)
        said, axis = _axis(self.rng, len(shape))
        sizes = [int(n) for n in self.rng.integers(1, 9, self.rng.integers(1, 7))]
        inputs = [self._input(_with(shape, axis, n), constant=0.2) for n in sizes]
        inputs[0] = self._t(inputs[0].shape)
        out = self._t(_with(shape, axis, sum(sizes)))
        return Case("CONCATENATION", inputs, out, {"axis": said})

    def pack(self) -> Case:
        shape, count = _shape(self.rng, 1, 3), int(self.rng.integers(1, 5))
        said, axis = _axis(self.rng, len(shape) + 1)
        inputs = [self._t(shape), *(self._input(shape, constant=0.2) for _ in range(count - 1))]
        out = self._t((*shape[:axis], count, *shape[axis:]))
        return Case("PACK", inputs, out, {"axis": said, "values_count": count})

    def unpack(self) -> Case:
        shape = _shape(self.rng)
        said, axis = _axis(self.rng, len(shape))
        parts = [self._t(_with(shape, axis))] * shape[axis]
        options = {"axis": said, "num": shape[axis]}
        return Case("UNPACK", [self._t(shape)], parts[0], options, more_outputs=parts[1:])

    def split(self) -> Case:
        shape, count = _shape(self.rng), int(self.rng.integers(1, 5))
        said, axis = _axis(self.rng, len(shape))
        whole = _with(shape, axis, shape[axis] * count)
        inputs, parts = [ints(said), self._t(whole)], [self._t(shape)] * count
        return Case("SPLIT", inputs, parts[0], {"num_splits": count}, more_outputs=parts[1:])

    def split_v(self) -> Case:
        shape = _shape(self.rng)
        said, axis = _axis(self.rng, len(shape))
        sizes = [int(n) for n in self.rng.integers(1, 6, self.rng.integers(1, 5))]
        parts = [self._t(_with(shape, axis, n)) for n in sizes]
        inputs = [self._t(_with(shape, axis, sum(sizes))), ints(*sizes), ints(said)]
        options = {"num_splits": len(sizes)}
        return Case("SPLIT_V", inputs, parts[0], options, more_outputs=parts[1:])

    def slice(self) -> Case:
        shape = _shape(self.rng)
        begins = [int(self.rng.integers(n)) for n in shape]
        sizes = [int(self.rng.integers(1, n - b + 1)) for n, b in zip(shape, begins, strict=True)]
        rest = [-1 if b + s == n else s for n, b, s in zip(shape, begins, sizes, strict=True)]
        return Case("SLICE", [self._t(shape), ints(*begins), ints(*rest)], self._t(tuple(sizes)))

    def strided_slice(self) -> Case:
        shape = _shape(self.rng)
        begins = [int(self.rng.integers(-n, n)) for n in shape]
        ends = [int(self.rng.integers(-n - 1, n + 1)) for n in shape]
        steps = [int(self.rng.choice([1, 1, 1, 2, 3, -1, -2])) for _ in shape]
        free = self.rng.random((2, len(shape))) < 0.4
        parts = [
            slice(None if fb else b, None if fe else e, s)
            for b, e, s, fb, fe in zip(begins, ends, steps, *free, strict=True)
        ]
        out = tuple(len(range(*p.indices(n))) for p, n in zip(parts, shape, strict=True))
        masks = [sum(1 << i for i in np.flatnonzero(f).tolist()) for f in free]
        options = {"begin_mask": masks[0], "end_mask": masks[1], "shrink_axis_mask": 0}
        inputs = [self._t(shape), ints(*begins), ints(*ends), ints(*steps)]
        return Case("STRIDED_SLICE", inputs, self._t(out), options)

    def gather(self) -> Case:
        shape = _shape(self.rng)
        said, axis = _axis(self.rng, len(shape))
        indices = self.rng.integers(0, shape[axis], self.rng.integers(1, 6)).tolist()
        if self.rng.random() < 0.6:  # evenly spaced ones are supported
            indices = list(range(shape[axis]))[:: int(self.rng.integers(1, 4))]
        out = self._t(_with(shape, axis, len(indices)))
        return Case("GATHER", [self._t(shape), ints(*indices)], out, {"axis": said})

    def pad(self) -> Case:
        shape = _shape(self.rng)
        pads = self.rng.integers(0, 4, (len(shape), 2)) * (self.rng.random((len(shape), 1)) < 0.6)
        out = tuple(n + int(sum(p)) for n, p in zip(shape, pads, strict=True))
        return Case("PAD", [self._t(shape), t(pads.shape, data=pads, dtype="int32")], self._t(out))

    def padv2(self) -> Case:
        plain = self.pad()
        fill = t((), SCALE, self.zero_point, data=int(self.rng.integers(-128, 128)))
        return Case("PADV2", [*plain.inputs, fill], plain.output)

    def transpose(self) -> Case:
        shape = _shape(self.rng, 2, 5)
        order = self.rng.permutation(len(shape)).tolist()
        out = self._t(tuple(shape[a] for a in order))
        return Case("TRANSPOSE", [self._t(shape), ints(*order)], out)

    def tile(self) -> Case:
        shape = _with(_shape(self.rng, 2, 5), 0, 1)
        shape = tuple(1 if self.rng.random() < 0.4 else n for n in shape)
        times = [int(self.rng.integers(1, 6)) if n == 1 else 1 for n in shape]
        out = self._t(tuple(n * m for n, m in zip(shape, times, strict=True)))
        return Case("TILE", [self._t(shape), ints(*times)], out)

    def _resize(self, builtin: str) -> Case:
        high, wide, channels = (int(n) for n in self.rng.integers(1, 9, 3))
        size = [int(n) for n in self.rng.integers(1, 13, 2)]
        names = ("align_corners", "half_pixel_centers")
        options = {name: bool(self.rng.integers(2)) for name in names}
        inputs = [self._t((1, high, wide, channels)), ints(*size)]
        return Case(builtin, inputs, self._t((1, size[0], size[1], channels)), options)

    def resize_nearest_neighbor(self) -> Case:
        return self._resize("RESIZE_NEAREST_NEIGHBOR")

    def resize_bilinear(self) -> Case:
        return self._resize("RESIZE_BILINEAR")

    def _blocks(self) -> tuple[Shape, Shape, dict[str, int]]:
        """An image with few channels, the same with a block of pixels in each, the block."""
        high, wide, channels, block = (int(n) for n in self.rng.integers(1, 5, 4))
        deep = (1, high, wide, channels * block**2)
        return (1, high * block, wide * block, channels), deep, {"block_size": block}

    def depth_to_space(self) -> Case:
        flat, deep, options = self._blocks()
        return Case("DEPTH_TO_SPACE", [self._t(deep)], self._t(flat), options)

    def space_to_depth(self) -> Case:
        flat, deep, options = self._blocks()
        return Case("SPACE_TO_DEPTH", [self._t(flat)], self._t(deep), options)

    def mirror_pad(self) -> Case:
        shape = _with(_shape(self.rng, 3, 4), 0, 1)
        pads = self.rng.integers(0, 4, (len(shape), 2))
        pads[[0, -1]] = 0
        out = tuple(n + int(sum(p)) for n, p in zip(shape, pads, strict=True))
        paddings = t(pads.shape, data=pads, dtype="int32")
        options = {"mode": int(self.rng.integers(2))}
        return Case("MIRROR_PAD", [self._t(shape), paddings], self._t(out), options)

    def _extreme(self, builtin: str) -> Case:
        shape = _shape(self.rng)
        few = tuple(1 if self.rng.random() < 0.4 else n for n in shape)
        operands = [self._t(shape), self._input(few, constant=0.3)]
        return Case(builtin, operands[:: int(self.rng.choice([1, -1]))], self._t(shape))

    def maximum(self) -> Case:
        return self._extreme("MAXIMUM")

    def minimum(self) -> Case:
        return self._extreme("MINIMUM")


def _draw(name: str) -> Callable[[np.random.Generator], Case]:
    def draw(rng: np.random.Generator) -> Case:
        case: Case = getattr(Draws(rng), name)()
        return case

    return draw


MOVES = {name.upper(): _draw(name) for name in vars(Draws) if not name.startswith("_")}
