# SPDX-License-Identifier: Apache-2.0
"""Reads and checks how operators and tensors are connected, whatever the operators are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import tflite

from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend.options import enum_names
from netsuke.compiler.frontend.tensors import ints, printable, tensor_name
from netsuke.compiler.ir import TensorId

ABSENT = -1
"""Stands for an optional input that an operator is not given."""


@dataclass(frozen=True, slots=True)
class FileOp:
    """An operator as the file has it. `name` is TFLite's, e.g. "CONV_2D" or "CUSTOM Foo"."""

    index: int
    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    table: tflite.Operator

    @property
    def present_inputs(self) -> tuple[TensorId, ...]:
        return tuple(t for t in self.inputs if t != ABSENT)

    @property
    def tensors(self) -> tuple[TensorId, ...]:
        """Everything that the operator reads and writes."""
        return (*self.present_inputs, *self.outputs)

    @property
    def where(self) -> str:
        return f"{self.name} {self.index}"


@dataclass(frozen=True, slots=True)
class Wiring:
    """A whole file's operators, and its inputs and outputs, by tensor index."""

    ops: tuple[FileOp, ...]
    inputs: tuple[TensorId, ...]
    outputs: tuple[TensorId, ...]

    @property
    def used(self) -> tuple[TensorId, ...]:
        """Every tensor that something refers to, in ascending order."""
        used = {*self.inputs, *self.outputs}
        used.update(t for op in self.ops for t in op.tensors)
        return tuple(sorted(used))


class Namer:
    """Names tensors for messages: with the first operator that refers to them."""

    def __init__(self, subgraph: tflite.SubGraph, wiring: Wiring) -> None:
        self._subgraph = subgraph
        self._first: dict[TensorId, str] = {}
        for op in wiring.ops:
            for t in op.tensors:
                self._first.setdefault(t, f"{op.where}, ")

    def quoted(self, t: TensorId) -> str:
        """The tensor's own name."""
        return repr(tensor_name(self._subgraph.Tensors(t)))

    def where(self, t: TensorId) -> str:
        return f"{self._first.get(t, '')}tensor {t} {self.quoted(t)}"


def read_wiring(model: tflite.Model, subgraph: tflite.SubGraph) -> Wiring:
    """Raises InputError at the first index that refers to nothing: nothing can be judged then."""
    tensors = subgraph.TensorsLength()
    ops = tuple(
        _read_op(model, subgraph.Operators(i), i, tensors)
        for i in range(subgraph.OperatorsLength())
    )
    inputs = ints(subgraph.InputsLength(), subgraph.InputsAsNumpy)
    outputs = ints(subgraph.OutputsLength(), subgraph.OutputsAsNumpy)
    _check_range("inputs of the graph", inputs, 0, tensors)
    _check_range("outputs of the graph", outputs, 0, tensors)
    return Wiring(ops, inputs, outputs)


def _read_op(model: tflite.Model, op: tflite.Operator, index: int, tensors: int) -> FileOp:
    name = _op_name(model, op, index)
    inputs = ints(op.InputsLength(), op.InputsAsNumpy)
    outputs = ints(op.OutputsLength(), op.OutputsAsNumpy)
    _check_range(f"{name} {index}: inputs", inputs, ABSENT, tensors)
    _check_range(f"{name} {index}: outputs", outputs, 0, tensors)
    return FileOp(index, name, inputs, outputs, op)


def _check_range(where: str, numbers: Sequence[int], low: int, high: int) -> None:
    for t in numbers:
        if not low <= t < high:
            raise InputError(where, f"tensor {t}", f"one of {high} tensors")


def _op_name(model: tflite.Model, op: tflite.Operator, index: int) -> str:
    code_index = op.OpcodeIndex()
    if code_index >= model.OperatorCodesLength():
        want = f"one of {model.OperatorCodesLength()}"
        raise InputError(f"operator {index}", f"operator code {code_index}", want)
    code = model.OperatorCodes(code_index)
    # Files written for old readers have the code in the first field, capped at 127.
    builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if builtin == tflite.BuiltinOperator.CUSTOM:
        return f"CUSTOM {printable(code.CustomCode() or b'')}"
    return enum_names(tflite.BuiltinOperator).get(builtin, f"BUILTIN_{builtin}")


def wiring_problems(wiring: Wiring, constants: frozenset[TensorId], names: Namer) -> Iterator[str]:
    """Every tensor is written exactly once, before it is read; inputs and constants never are."""
    yield from _edge_problems(wiring, constants, names)
    producer = {t: op for op in reversed(wiring.ops) for t in op.outputs}
    written = {*constants, *wiring.inputs}
    for op in wiring.ops:
        for t in dict.fromkeys(op.present_inputs):
            if t not in written:
                by = f"written later, by {producer[t].where}" if t in producer else "never written"
                got = f"tensor {t} {names.quoted(t)}, which is {by}"
                yield str(InputError(op.where, got, "inputs that are written before"))
        for t in op.outputs:
            if t in written:
                what = _writer(t, wiring, constants, producer)
                got = f"tensor {t} {names.quoted(t)}, which is {what}"
                yield str(InputError(op.where, got, "an output of its own"))
            written.add(t)


def _writer(
    t: TensorId, wiring: Wiring, constants: frozenset[TensorId], producer: dict[TensorId, FileOp]
) -> str:
    if t in constants:
        return "constant"
    return "an input of the graph" if t in wiring.inputs else f"written by {producer[t].where}"


def _edge_problems(wiring: Wiring, constants: frozenset[TensorId], names: Namer) -> Iterator[str]:
    for what, edge in (("inputs", wiring.inputs), ("outputs", wiring.outputs)):
        where = f"{what} of the graph"
        if not edge:
            yield str(InputError(where, "none", "at least one"))
        if len(set(edge)) != len(edge):
            yield str(InputError(where, str(list(edge)), "each tensor once"))
    for t in constants.intersection(wiring.inputs):
        yield str(InputError("inputs of the graph", f"constant {names.quoted(t)}", "a variable"))
    written = {t for op in wiring.ops for t in op.outputs}
    for t in wiring.outputs:
        if t not in written:
            got = f"tensor {t} {names.quoted(t)}, which no operator writes"
            yield str(InputError("outputs of the graph", got, "results of operators"))
