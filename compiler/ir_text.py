# SPDX-License-Identifier: Apache-2.0
"""The canonical text of a graph: what `--dump-ir` writes and what pass tests read.

    graph "tiny"
    %0 = input : int8[1,2] scale=0.5 zero_point=3 "x"
    %1 = constant [1, -1] : int8[1,2] scale=0.25 zero_point=0 "w"
    %2 = fully_connected(%0, %1, _) {activation=NONE} @0 : int8[1,1] scale=1.0 zero_point=0 "y"
    return %2

A line is one tensor, or one operator with its outputs; `_` is an absent input, `@n` or `@n/source`
the operator's place in the model file. Attributes stand by field name; those left out have their
default. Scales are float32 in the shortest decimals that round-trip. Constants are lists in C
order, `splat(value)`, `random(seed, low, high)` (both ends included; tests only), or, where they
are large, a digest, which says what they are and cannot be read back. `origin=%t[...]` names the
channels that are left of a tensor, `origin=%t(axes)<cut>[...]` the order of its axes and its cut of
one as well. `#` begins a comment line.
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
import re
import typing
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any

import numpy as np

from netsuke.compiler.ir import (
    Array,
    Attrs,
    DType,
    Graph,
    Op,
    Origin,
    QuantParams,
    Tensor,
    TensorId,
)
from netsuke.compiler.ops.common import Activation
from netsuke.compiler.ops.registry import operator_of, operators

INLINE_ELEMENTS = 16
"""Constants of up to this many elements stand in the text itself."""


# --- writing -------------------------------------------------------------------------------------


def format_graph(graph: Graph, inline_elements: int = INLINE_ELEMENTS) -> str:
    """The text of `graph`; equal graphs give equal text.

    Constants of more than `inline_elements` elements that are not all equal become digests.
    """
    lines = [f"graph {json.dumps(graph.name)}"]
    lines += [f"%{t} = input : {_type_text(graph.tensors[t])}" for t in graph.inputs]
    for t, tensor in sorted(graph.tensors.items()):
        if tensor.data is not None:
            data = _data_text(tensor.data, inline_elements)
            lines.append(f"%{t} = constant {data} : {_type_text(tensor)}")
    lines += [_op_text(graph, op) for op in graph.ops]
    lines.append("return " + ", ".join(f"%{t}" for t in graph.outputs))
    return "\n".join(lines) + "\n"


def _op_text(graph: Graph, op: Op) -> str:
    inputs = ", ".join("_" if t is None else f"%{t}" for t in op.inputs)
    outputs = ", ".join(f"%{t}" for t in op.outputs)
    types = " ; ".join(_type_text(graph.tensors[t]) for t in op.outputs)
    name = operator_of(op.attrs).name
    place = f"@{op.index}" if op.source is None else f"@{op.index}/{op.source}"
    return f"{outputs} = {name}({inputs}){_attrs_text(op.attrs)} {place} : {types}"


def _attrs_text(attrs: Attrs) -> str:
    fields = dataclasses.fields(typing.cast(Any, attrs))
    values = [f"{f.name}={_value_text(f.name, getattr(attrs, f.name))}" for f in fields]
    return f" {{{', '.join(values)}}}" if values else ""


def _value_text(field: str, value: object) -> str:
    if field == "activation" and isinstance(value, int):
        return Activation(value).name
    return repr(value)


def _type_text(tensor: Tensor) -> str:
    text = f"{tensor.dtype.value}[{','.join(map(str, tensor.shape))}]"
    if tensor.quant is not None:
        q = tensor.quant
        text += f" scale={_scales_text(q.scales)} zero_point={_numbers_text(q.zero_points)}"
        text += "" if q.axis is None else f" axis={q.axis}"
    if tensor.origin is not None:
        text += _origin_text(tensor.origin)
    return f"{text} {json.dumps(tensor.name)}"


def _origin_text(origin: Origin) -> str:
    axes = "" if origin.axes is None else f"({','.join(map(str, origin.axes))})"
    cut = "" if origin.cut is None else f"<{','.join(map(str, origin.cut))}>"
    return f" origin=%{origin.tensor}{axes}{cut}[{','.join(map(str, origin.channels))}]"


def _scales_text(scales: tuple[float, ...]) -> str:
    return _numbers_text([str(np.float32(s)) for s in scales])


def _numbers_text(numbers: Iterable[int | str]) -> str:
    """One number as itself; several, not all equal, as a tuple; several equal ones as n*value."""
    values = [str(n) for n in numbers]
    if len(values) == 1:
        return values[0]
    if len(set(values)) == 1:
        return f"{len(values)}*{values[0]}"
    return f"({','.join(values)})"


def _data_text(data: Array, inline_elements: int) -> str:
    flat = data.reshape(-1)
    if flat.size <= inline_elements:
        return f"[{', '.join(str(v) for v in flat)}]"
    if (flat == flat[0]).all():
        return f"splat({flat[0]})"
    return f"sha256:{hashlib.sha256(data.tobytes()).hexdigest()[:16]}"


# --- reading -------------------------------------------------------------------------------------

_GRAPH = re.compile(r'graph ("(?:[^"\\]|\\.)*")$')
_INPUT = re.compile(r"%(\d+) = input : (.*)$")
_CONSTANT = re.compile(r"%(\d+) = constant (.*?) : (.*)$")
_OP = re.compile(r"(%[\d, %]+) = (\w+)\(([^)]*)\)(?: \{(.*?)\})? @(-?\d+)(?:/(\d+))? : (.*)$")
_RETURN = re.compile(r"return (.*)$")
_TYPE = re.compile(
    r"(\w+)\[([\d,]*)\]"
    r"(?: scale=(\S+) zero_point=(\S+)(?: axis=(\d+))?)?"
    r"(?: origin=%(\d+)(?:\(([\d,]*)\))?(?:<(\d+),(\d+),(\d+)>)?\[([\d,]*)\])?"
    r' ("(?:[^"\\]|\\.)*")'
)


class IrTextError(ValueError):
    """Text that is not a graph; the message has the line's number."""


def parse_graph(text: str) -> Graph:
    """The graph that `text` describes; not verified. Raises IrTextError."""
    parser = _Parser()
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        try:
            parser.read(stripped)
        except (ValueError, KeyError, TypeError, SyntaxError) as error:
            raise IrTextError(f"line {number}: {stripped}: {error!r}") from error
    return parser.graph()


class _Parser:
    """Collects the lines of one graph."""

    def __init__(self) -> None:
        self.name = ""
        self.tensors: dict[TensorId, Tensor] = {}
        self.inputs: list[TensorId] = []
        self.outputs: tuple[TensorId, ...] = ()
        self.ops: list[Op] = []

    def read(self, line: str) -> None:
        rules: list[tuple[re.Pattern[str], Callable[..., None]]] = [
            (_GRAPH, self._graph),
            (_INPUT, self._input),
            (_CONSTANT, self._constant),
            (_RETURN, self._return),
            (_OP, self._op),
        ]
        for pattern, rule in rules:
            match = pattern.match(line)
            if match:
                rule(*match.groups())
                return
        raise ValueError("neither graph, tensor, operator nor return")

    def graph(self) -> Graph:
        tensors = MappingProxyType(dict(sorted(self.tensors.items())))
        return Graph(self.name, tensors, tuple(self.ops), tuple(self.inputs), self.outputs)

    def _graph(self, name: str) -> None:
        self.name = json.loads(name)

    def _input(self, tensor_id: str, type_text: str) -> None:
        (tensor,) = _parse_types(type_text)
        self._define(int(tensor_id), tensor)
        self.inputs.append(int(tensor_id))

    def _constant(self, tensor_id: str, data: str, type_text: str) -> None:
        (tensor,) = _parse_types(type_text)
        values = _parse_data(data, tensor)
        values.setflags(write=False)
        self._define(int(tensor_id), dataclasses.replace(tensor, data=values))

    def _op(
        self,
        outs: str,
        name: str,
        ins: str,
        attrs: str | None,
        index: str,
        source: str | None,
        types: str,
    ) -> None:
        outputs = _parse_ids(outs)
        for tensor_id, tensor in zip(outputs, _parse_types(types), strict=True):
            self._define(tensor_id, tensor)
        inputs = (None if t.strip() == "_" else int(t.strip()[1:]) for t in ins.split(",") if t)
        part_of = None if source is None else int(source)
        parsed = _parse_attrs(name, attrs or "")
        self.ops.append(Op(int(index), parsed, tuple(inputs), outputs, part_of))

    def _return(self, outs: str) -> None:
        self.outputs = _parse_ids(outs)

    def _define(self, tensor_id: TensorId, tensor: Tensor) -> None:
        if tensor_id in self.tensors:
            raise ValueError(f"%{tensor_id} is defined twice")
        self.tensors[tensor_id] = tensor


def _parse_ids(text: str) -> tuple[TensorId, ...]:
    return tuple(int(t.strip()[1:]) for t in text.split(","))


def _parse_origin(texts: list[str | None]) -> Origin | None:
    source, axes, axis, first, count, channels = texts
    if source is None:
        return None
    order = None if axes is None else _parse_ints(axes)
    cut = None if axis is None else (int(axis), int(first or 0), int(count or 0))
    return Origin(int(source), _parse_ints(channels or ""), order, cut)


def _parse_types(text: str) -> list[Tensor]:
    """Tensors from their types, separated by " ; "."""
    tensors, at = [], 0
    while at < len(text):
        match = _TYPE.match(text, at)
        if match is None:
            raise ValueError(f"not a tensor's type: {text[at:]}")
        dtype, shape, scale, zero_point, axis, *origin_texts, name = match.groups()
        quant = None
        if scale is not None:
            scales = tuple(float(np.float32(s)) for s in _parse_numbers(scale))
            zero_points = tuple(int(z) for z in _parse_numbers(zero_point))
            quant = QuantParams(scales, zero_points, None if axis is None else int(axis))
        origin = _parse_origin(origin_texts)
        tensor = Tensor(json.loads(name), _parse_ints(shape), DType(dtype), quant, None, origin)
        tensors.append(tensor)
        at = match.end() + len(" ; ")
    return tensors


def _parse_ints(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in text.split(",") if n)


def _parse_numbers(text: str) -> list[str]:
    if "*" in text:
        count, value = text.split("*")
        return [value] * int(count)
    return text.strip("()").split(",")


def _parse_data(text: str, tensor: Tensor) -> Array:
    dtype = np.dtype(tensor.dtype.value)
    if text.startswith("["):
        return np.array(ast.literal_eval(text), dtype).reshape(tensor.shape)
    match = re.fullmatch(r"(splat|random)\((.*)\)", text)
    if match is None:
        raise ValueError(f"constant data cannot be read back: {text}")
    arguments = [ast.literal_eval(a) for a in match.group(2).split(",")]
    if match.group(1) == "splat":
        return np.full(tensor.shape, arguments[0], dtype)
    seed, low, high = arguments
    return np.random.default_rng(seed).integers(low, high + 1, tensor.shape).astype(dtype)


def _parse_attrs(name: str, text: str) -> Attrs:
    attrs_type = {operator.name: operator.attrs_type for operator in operators()}[name]
    call = ast.parse(f"f({text})", mode="eval").body
    assert isinstance(call, ast.Call)
    values = {str(k.arg): _parse_value(k.value) for k in call.keywords}
    return typing.cast(Any, attrs_type)(**values)  # type: ignore[no-any-return]


def _parse_value(node: ast.expr) -> object:
    return int(Activation[node.id]) if isinstance(node, ast.Name) else ast.literal_eval(node)
