# SPDX-License-Identifier: Apache-2.0
"""TFLite file to graph. Nothing in the file is trusted, and every problem is reported at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import tflite

from netsuke.compiler.errors import InputError, ModelErrors
from netsuke.compiler.frontend.dilation import join_dilations
from netsuke.compiler.frontend.flatbuffer import check_structure
from netsuke.compiler.frontend.groups import split_groups
from netsuke.compiler.frontend.options import TfliteOptions
from netsuke.compiler.frontend.tensors import is_supported, read_tensor, type_name
from netsuke.compiler.frontend.topology import (
    ABSENT,
    FileOp,
    Namer,
    Wiring,
    read_wiring,
    wiring_problems,
)
from netsuke.compiler.ir import DType, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Operator, constraint_text
from netsuke.compiler.ops.registry import by_builtin, operator_of

SCHEMA_VERSION = 3

WHOLE_FILE = "model file"
"""Where an error is that belongs to no operator and no tensor."""

_INT8_HINT = (
    "convert with full integer quantization, int8 activations and weights: docs/QUANTIZING.md"
)


def read_model(data: bytes, name: str) -> Graph:
    """The graph of a TFLite file; `name` becomes the graph's.

    Raises InputError for a file that is not a sound TFLite model, and ModelErrors with everything
    that keeps a sound one from being compiled.
    """
    graph, problems = _read(data, name)
    if graph is None or problems:
        raise ModelErrors(name, problems)
    return graph


def check(data: bytes, where: str = WHOLE_FILE) -> tuple[str, ...]:
    """All problems of a TFLite file, one line each; empty for a model that can be compiled.

    `where` names the file, where it is at fault as a whole.
    """
    try:
        return _read(data, "model")[1]
    except InputError as error:
        return (str(naming_file(error, where)),)


def naming_file(error: InputError, where: str) -> InputError:
    """The error with the file's name in the place of WHOLE_FILE."""
    if error.where != WHOLE_FILE:
        return error
    return InputError(where, error.got, error.want, error.hint)


def _read(data: bytes, name: str) -> tuple[Graph | None, tuple[str, ...]]:
    """The graph if its operators could be read at all, and the problems found."""
    check_structure(data)
    model = tflite.Model.GetRootAs(data, 0)
    subgraph = _only_subgraph(model)
    wiring = read_wiring(model, subgraph)
    names = Namer(subgraph, wiring)
    tensors, problems = _read_tensors(model, subgraph, wiring, names)
    constants = frozenset(t for t in wiring.used if _is_constant(model, subgraph.Tensors(t)))
    problems += wiring_problems(wiring, constants, names)
    inside = _floats_inside(wiring, tensors)
    if inside:
        problems.append(_float_problem(inside, names))
    ops, op_problems = _read_ops(wiring, tensors, unsound=frozenset(inside))
    read = Graph(name, tensors, ops, wiring.inputs, wiring.outputs)
    joined, stood_for = join_dilations(read, wiring)
    problems += [*_unknown_operators(wiring, stood_for), *op_problems]
    if len(ops) + len(stood_for) < len(wiring.ops) and not problems:
        raise AssertionError("an operator was dropped without a problem")
    graph = split_groups(joined)
    problems += (p for op in graph.ops for p in _op_problems(graph, op))
    return graph, tuple(problems)


def _only_subgraph(model: tflite.Model) -> tflite.SubGraph:
    if model.Version() != SCHEMA_VERSION:
        raise InputError("model file", f"schema version {model.Version()}", str(SCHEMA_VERSION))
    if model.SubgraphsLength() != 1:
        hint = "control flow and several signatures are not supported"
        raise InputError("model file", f"{model.SubgraphsLength()} subgraphs", "1", hint)
    subgraph = model.Subgraphs(0)
    if subgraph.OperatorsLength() == 0:
        raise InputError("model file", "no operators", "at least one")
    return subgraph


# --- tensors -------------------------------------------------------------------------------------


def _read_tensors(
    model: tflite.Model, subgraph: tflite.SubGraph, wiring: Wiring, names: Namer
) -> tuple[Mapping[TensorId, Tensor], list[str]]:
    """The tensors that are in use and sound, and what is wrong with the others."""
    tensors: dict[TensorId, Tensor] = {}
    problems: list[str] = []
    by_type: dict[str, list[TensorId]] = {}
    for t in wiring.used:
        table = subgraph.Tensors(t)
        if not is_supported(table):
            by_type.setdefault(type_name(table), []).append(t)
            continue
        try:
            tensors[t] = read_tensor(model, table)
        except InputError as error:
            where = f"{names.where(t)}: {error.where}"
            problems.append(str(InputError(where, error.got, error.want, error.hint)))
    for kind, found in by_type.items():
        got = f"{kind} in {_and_more(names.where(found[0]), found)}"
        problems.append(str(InputError("model", got, "int8 tensors", _INT8_HINT)))
    return MappingProxyType(tensors), problems


def _is_constant(model: tflite.Model, tensor: tflite.Tensor) -> bool:
    index = tensor.Buffer()
    return bool(index < model.BuffersLength() and model.Buffers(index).DataLength())


def _floats_inside(wiring: Wiring, tensors: Mapping[TensorId, Tensor]) -> list[TensorId]:
    """float32 tensors that do not enter through QUANTIZE, leave through DEQUANTIZE or stand between
    a DEQUANTIZE and a QUANTIZE with operators that compute on reals exactly."""
    floats = [t for t, v in sorted(tensors.items()) if v.dtype is DType.FLOAT32]
    real = {name for name, operator in by_builtin().items() if operator.real}
    writer = {t: op.name for op in wiring.ops for t in op.outputs}
    readers: dict[TensorId, set[str]] = {t: set() for t in floats}
    for op in wiring.ops:
        for t in op.present_inputs:
            readers.get(t, set()).add(op.name)

    def fits(t: TensorId) -> bool:
        if t in wiring.inputs:
            return readers[t] == {"QUANTIZE"}
        if t in wiring.outputs:
            return writer.get(t) == "DEQUANTIZE" and readers[t] <= {"QUANTIZE", *real}
        between = writer.get(t) in {"DEQUANTIZE", *real}
        return between and bool(readers[t]) and readers[t] <= {"QUANTIZE", *real}

    return [t for t in floats if not fits(t)]


def _float_problem(inside: list[TensorId], names: Namer) -> str:
    got = f"float32 in {_and_more(names.where(inside[0]), inside)}"
    want = "float32 only as input of a QUANTIZE or output of a DEQUANTIZE at the graph's edge"
    return str(InputError("model", got, want, _INT8_HINT))


def _and_more(first: str, found: list[TensorId]) -> str:
    return first if len(found) == 1 else f"{first} and {len(found) - 1} more tensors"


# --- operators -----------------------------------------------------------------------------------


def _unknown_operators(wiring: Wiring, known: frozenset[int]) -> Iterator[str]:
    """One line for each kind of operator that netsuke lacks, but for those with these indices."""
    unknown: dict[str, list[int]] = {}
    for op in wiring.ops:
        if op.name not in by_builtin() and op.index not in known:
            unknown.setdefault(op.name, []).append(op.index)
    for name, indices in unknown.items():
        more = f" and {len(indices) - 3} more" if len(indices) > 3 else ""
        where = f"{name} {', '.join(map(str, indices[:3]))}{more}"
        hint = "docs/SUPPORTED_OPS.md lists them"
        yield str(InputError(where, "an unsupported operator", "a supported one", hint))


def _read_ops(
    wiring: Wiring, tensors: Mapping[TensorId, Tensor], unsound: frozenset[TensorId]
) -> tuple[tuple[Op, ...], list[str]]:
    """The operators whose parameters could be read, and what is wrong with the others.

    An operator with an unknown name or an unsound tensor has its problem reported already.
    """
    ops: list[Op] = []
    problems: list[str] = []
    sound, spare = tensors.keys() - unsound, itertools.count(len(wiring.ops))
    for file_op in wiring.ops:
        if file_op.name not in by_builtin() or not sound.issuperset(file_op.tensors):
            continue
        try:
            ops += _read_op(file_op, tensors, spare)
        except InputError as error:
            where = f"{file_op.where}: {error.where}"
            problems.append(str(InputError(where, error.got, error.want, error.hint)))
    return tuple(ops), problems


def _read_op(
    file_op: FileOp, tensors: Mapping[TensorId, Tensor], spare: Iterator[int]
) -> tuple[Op, ...]:
    """One operator, or one for each output with an index from `spare`."""
    operator = by_builtin()[file_op.name]
    inputs = _read_inputs(file_op, operator)
    given = tuple(None if t is None else tensors[t] for t in inputs)
    attrs = operator.read(TfliteOptions(file_op.table, file_op.name), given)
    outputs = file_op.outputs
    if operator.several_outputs and outputs:
        parts = [operator.of_output(attrs, n, len(outputs)) for n in range(len(outputs))]
        return tuple(
            Op(next(spare), part, inputs, (t,), file_op.index)
            for part, t in zip(parts, outputs, strict=True)
        )
    if len(outputs) != 1:
        raise InputError("outputs", str(len(outputs)), "1")
    return (Op(file_op.index, attrs, inputs, outputs),)


def _read_inputs(file_op: FileOp, operator: Operator[Any]) -> tuple[TensorId | None, ...]:
    """The inputs, as many as the operator takes and in the order in which it takes them."""
    least, most = operator.arity
    count = len(file_op.inputs)
    if not least <= count <= most:
        want = str(least) if least == most else f"{least} to {most}"
        raise InputError("inputs", str(count), want)
    given = [None if t == ABSENT else t for t in file_op.inputs]
    order = operator.file_order or range(count)
    inputs = tuple(given[place] if place < count else None for place in order)
    if None in inputs[:least]:
        missing = order[inputs.index(None)]
        raise InputError("inputs", f"input {missing} left out", "it given")
    return inputs


def _op_problems(graph: Graph, op: Op) -> Iterator[str]:
    """The first broken constraint, or else an output shape that inference contradicts."""
    operator = operator_of(op.attrs)
    index = op.index if op.source is None else op.source
    where = f"{operator.builtin} {index}, output {graph.output(op).name!r}"
    for constraint in operator.constraints:
        got = constraint(graph, op)
        if got is not None:
            yield f"{where}: {constraint_text(constraint)}; got {got}"
            return
    shape, inferred = graph.output(op).shape, operator.infer(op.attrs, graph.input_tensors(op))
    if shape != inferred:
        got, want = f"shape {list(shape)}", f"{list(inferred)} by shape inference"
        yield str(InputError(where, got, want))
