# SPDX-License-Identifier: Apache-2.0
"""What an operator module provides, and the data it hands to the stages that follow.

An operator is one module `ops/<name>.py` with one subclass of `Operator` and its attributes; the
registry in `ops/__init__.py` finds it by the type of the attributes or by TFLite's code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, TypeVar

from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor

A = TypeVar("A", bound=Attrs)

Isa = Literal["portable", "dsp", "dsp_lean", "dsp_least"]
"""Instruction sets with kernels of their own: any C99 target, Armv7E-M's DSP extension. The lean
ones take less scratch for more instructions, where an operator has such kernels."""


# --- access patterns -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rows:
    """Output row t reads input rows [t * num // den + lo, t * num // den + hi).

    A convolution has num = stride, den = 1, lo = -pad, hi = kernel height (dilated) - pad and
    reads every `step`-th row of that range. num = 0 reads the same rows for every output row (a
    broadcast). `edge` says what the kernel is given for a row outside the tensor: a row of zero
    points, or a null pointer (pooling counts the rows that exist).
    """

    num: int = 1
    den: int = 1
    lo: int = 0
    hi: int = 1
    step: int = 1
    edge: Literal["zero_point", "null"] = "zero_point"

    def span(self, row: int) -> range:
        """The input rows, in order, some possibly outside the tensor, that output `row` reads."""
        first = row * self.num // self.den
        return range(first + self.lo, first + self.hi, self.step)

    @property
    def count(self) -> int:
        """How many row pointers the kernel is given for this input."""
        return len(range(self.lo, self.hi, self.step))


@dataclass(frozen=True, slots=True)
class Whole:
    """Every output row may read all of the input: a barrier. The kernel is given one pointer."""


Access = Rows | Whole


# --- channels: indices along the last axis -------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """What each channel of an int8 tensor can be, both ends included: int64, shape [channels]."""

    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class Aligned:
    """Output channel j is computed from channel `sources[k][j]` of each input k and no other.

    `sources[k]` is None for an input without channels (axes, shapes), and -1 where output channel
    j does not read input k. All channels are computed alike, so equal sources mean equal channels
    (but in views). With channels taken out of inputs and output alike, the operator computes what
    is left with the same attributes (but for the shape of a RESHAPE).
    """

    sources: tuple[Array | None, ...]


@dataclass(frozen=True, slots=True)
class Mixed:
    """Output channel j sums all channels of input 0, weighted by input 1 [j, ..., channel] (its
    last axis may hold several periods of the channels), and adds input 2 [j]. Where it is `padded`,
    zero points stand beyond the edges of input 0."""

    padded: bool


Channels = Aligned | Mixed | None
"""None: nothing is known."""


# --- kernel calls --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConstArray:
    """A constant array that the generated C contains and a parameter points to.

    `kind` decides the section: "weights" and "params" (quantization, tables) are counted apart.
    """

    values: Array
    kind: Literal["weights", "params"] = "params"


ParamValue = int | ConstArray | None
"""A literal, an array, or a null pointer."""


@dataclass(frozen=True, slots=True)
class ReduceCall:
    """A second way to compute the only output row of a reduction: input row by input row.

    `accumulate` is `nk_<op>_accumulate(p, row, acc)`, called once for each input row in any order;
    `finish` is `nk_<op>_finish(p, acc, out)`. `acc` is `accumulator_bytes` of zeros at first,
    4-byte aligned. Both take the parameter struct of the row kernel and live in its source file.
    """

    accumulate: str
    finish: str
    accumulator_bytes: int


@dataclass(frozen=True, slots=True)
class TileStep:
    """One operator of a patch on the columns of a tile: `call` computes a row of `out` from the
    rows `access` of `source`, both as wide as the tile and as high as the whole tensors."""

    call: KernelCall
    access: Rows
    source: Tensor
    out: Tensor


@dataclass(frozen=True, slots=True)
class Tile:
    """`count` neighbouring tiles that differ in their place only; the first begins at column
    `out_column` of the output and reads the input from column `in_column` on."""

    out_column: int
    in_column: int
    count: int
    steps: tuple[TileStep, ...]


@dataclass(frozen=True, slots=True)
class PatchCall:
    """Several operators in a row, computed tile by tile; the last one gives `rows` output rows.

    Within a tile, operator i writes a ring of `rings[i]` rows at byte `offsets[i]` of the scratch
    memory, the last one the output; kernels are given the scratch from byte `scratch` on. From
    tile to tile it is `out_columns` columns of the output and `in_columns` of the input.
    """

    tiles: tuple[Tile, ...]
    rings: tuple[int, ...]
    offsets: tuple[int, ...]
    scratch: int
    rows: int
    out_columns: int
    in_columns: int


@dataclass(frozen=True, slots=True)
class KernelCall:
    """How generated C computes one output row (or a block of rows) of an operator.

    `function` is `nk_<op>_row`, declared in `netsuke/<header>.h`; `source` is its file relative to
    runtime_c/src. `struct` is the parameter struct's type and `params` its fields by name, in the
    order of the declaration; a nested dictionary is not needed by any kernel.

    A kernel that `takes_row` has one more parameter at the end, `int32_t row`: the index of the
    output row it computes (of the first one of a block).
    """

    function: str
    struct: str
    header: str
    source: str
    params: tuple[tuple[str, ParamValue], ...]
    scratch_bytes: int = 0
    takes_row: bool = False
    reduce: ReduceCall | None = None
    patch: PatchCall | None = None
    """Set where there is no kernel but those of the operators of a patch."""

    @property
    def kernels(self) -> tuple[KernelCall, ...]:
        """The calls of kernels that this one consists of."""
        if self.patch is None:
            return (self,)
        return tuple(step.call for tile in self.patch.tiles for step in tile.steps)


# --- parts of tensors ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cut:
    """Indices [start, start + size) of one axis of a tensor, whole along all others."""

    axis: int
    start: int
    size: int

    def shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of that part of a tensor of `shape`."""
        return (*shape[: self.axis], self.size, *shape[self.axis + 1 :])


@dataclass(frozen=True, slots=True)
class Part:
    """How an operator computes a cut of its output alone: attributes, and for each input the cut
    of it that is needed, None where it is needed whole."""

    attrs: Attrs
    inputs: tuple[Cut | None, ...]


# --- constraints ---------------------------------------------------------------------------------

Constraint = Callable[[Graph, Op], str | None]
"""Returns None, or what was found instead. The docstring says what is wanted: it is the error text
and the row of SUPPORTED_OPS.md."""


def constraint_text(constraint: Constraint) -> str:
    """What a constraint wants, on one line, without its full stop."""
    return " ".join((constraint.__doc__ or "").split()).rstrip(".")


class Operator(ABC, Generic[A]):
    """Everything netsuke knows about one operator.

    Shapes are TFLite's. Methods are pure. `evaluate` may rely on `constraints` having held.
    """

    name: ClassVar[str]
    """TFLite's name in snake case; also the kernel's and the case table's name."""

    builtin: ClassVar[str]
    """TFLite's name as in `tflite.BuiltinOperator`."""

    attrs_type: ClassVar[type[Attrs]]

    arity: ClassVar[tuple[int, int]] = (1, 1)
    """The least and the greatest number of inputs. The frontend refuses others, and an absent input
    among the least, so that every method may rely on it."""

    constraints: ClassVar[tuple[Constraint, ...]] = ()
    """Checked in this order up to the first that is broken, so one may rely on those before it."""

    elementwise: ClassVar[bool] = False
    """An output element depends on the elements at its place (broadcast) in the inputs alone."""

    real: ClassVar[bool] = False
    """Computes in float32, exactly, between a DEQUANTIZE and a QUANTIZE; passes make a table of
    the whole chain, so that no kernel is needed."""

    internal: ClassVar[bool] = False
    """Made by passes only: no model file holds it, and `builtin` is a name of our own."""

    is_view: ClassVar[bool] = False
    """The output is always the bytes of input 0 in order: storage is shared and nothing runs."""

    file_order: ClassVar[tuple[int, ...]] = ()
    """The place in the model file of each input, where that is not its place here."""

    several_outputs: ClassVar[bool] = False
    """The model file's operator has several outputs. The graph has an operator for each, with the
    attributes that `of_output` makes of what `read` gave."""

    @abstractmethod
    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> A:
        """The attributes from TFLite's options table and constant inputs (axes, shapes, ...).

        An InputError says what cannot be read; its `where` is put behind the operator's name.
        """

    def of_output(self, attrs: A, number: int, count: int) -> A:
        """The attributes of the operator that computes output `number` of `count`.

        An InputError says why there cannot be `count` outputs.
        """
        return attrs

    @abstractmethod
    def infer(self, attrs: A, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        """The shape of the output."""

    @abstractmethod
    def evaluate(
        self, attrs: A, inputs: Sequence[Tensor | None], values: Sequence[Array | None], out: Tensor
    ) -> Array:
        """The output, exactly as TensorFlow Lite for Microcontrollers computes it."""

    @abstractmethod
    def access(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        """For each input what an output row reads of it; None for constants and absent inputs."""

    @abstractmethod
    def kernel(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        """The call that computes `block` output rows (block > 1 only if `row_local`)."""

    def row_local(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        """Whether rows are independent and may be merged: a block of b rows is one call on a b
        times longer row. Such a kernel takes its row length from `block`."""
        return False

    def rows_per_call(self, attrs: A) -> int:
        """Output rows that a call computes at once, where rows are not independent."""
        return 1

    def macs(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> int:
        """Multiply-accumulates of one inference; 0 where the operator has no products of sums."""
        return 0

    def extra_macs(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> int:
        """Those of `macs` that compute again what had been computed before."""
        return 0

    def title(self, attrs: A, place: str) -> str:
        """What messages call the operator at `place` of the model file."""
        return f"{place} {self.name}"

    def copies(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        """Whether with these attributes the output is the bytes of input 0 in the same order.

        Passes turn such an operator into a RESHAPE, or drop it.
        """
        return self.is_view

    monotone: ClassVar[Literal["no", "increasing", "separately"]] = "no"
    """Whether an output never falls when inputs rise; or, "separately", depends on all elements of
    each input in one direction, up or down, whatever the other inputs are."""

    def interval(
        self,
        attrs: A,
        inputs: Sequence[Tensor | None],
        intervals: Sequence[Interval | None],
        out: Tensor,
    ) -> Interval | None:
        """What the output can be, given what the inputs can be (None for absent inputs and those
        that are not int8). None where only `monotone` says something."""
        return None

    def channels(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> Channels:
        """How output channels depend on input channels."""
        return None

    def part(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut) -> Part | None:
        """How to compute only `cut` of the output, None where the operator cannot."""
        return None

    def taken(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> Cut | None:
        """The cut of input 0 whose bytes, in order, are the output; None where it is no such."""
        return None

    def in_place(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> tuple[int, ...]:
        """Inputs whose row the kernel may overwrite with the output row, byte over byte."""
        return ()


Ints = tuple[int, ...]  # named, because `int` means something else inside OptionReader


class OptionReader(ABC):
    """Typed, checked access to one operator's TFLite options table, given by the frontend.

    A field that the file leaves out has the schema's default. `kind` names the table's type.
    """

    kind: str

    @abstractmethod
    def int(self, field: str) -> int: ...

    @abstractmethod
    def bool(self, field: str) -> bool: ...

    @abstractmethod
    def float(self, field: str) -> float: ...

    @abstractmethod
    def ints(self, field: str) -> Ints:
        """The numbers of a vector field; empty when the file leaves it out."""
