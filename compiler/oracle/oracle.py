# SPDX-License-Identifier: Apache-2.0
"""Runs a model by reference interpreters, each operator by the one whose bytes define it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import tflite

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, TensorId
from netsuke.compiler.oracle.cut import cut
from netsuke.compiler.oracle.litert import LiteRT
from netsuke.compiler.oracle.native import Part
from netsuke.compiler.oracle.tflm import Tflm

_TFLM_LACKS = tuple(
    int(getattr(tflite.BuiltinOperator, name))
    for name in ("GELU", "EXP", "LOG", "NEG", "SPACE_TO_BATCH_ND", "SQRT", "TILE")
)
"""With int8 inputs. Its SPACE_TO_BATCH_ND pads with a number that it never sets."""

_TFLM_MOST_AXES = 5
"""That its TRANSPOSE takes."""

_NUMPY_NAMES = {v: k.lower() for k, v in vars(tflite.TensorType).items() if k.isupper()}


class Oracle:
    """One model in tflite-micro's interpreter, which keeps every intermediate tensor.

    tflite-micro has no int8 GELU, EXP, LOG, NEG, SQRT and TILE, no sound SPACE_TO_BATCH_ND, and no
    TRANSPOSE of six axes. A model with such operators is cut there, and they run in LiteRT's
    reference kernels; `name` and `version` tell when that is so.

    ToolError without a package that is needed; InputError when an interpreter refuses the model,
    e.g. for an operator that it lacks.
    """

    def __init__(self, model: bytes) -> None:
        graph = tflite.Model.GetRootAs(model, 0).Subgraphs(0)
        self._inputs = [int(graph.Inputs(i)) for i in range(graph.InputsLength())]
        self._outputs = [int(graph.Outputs(i)) for i in range(graph.OutputsLength())]
        self._shapes = [_shape(graph.Tensors(t)) for t in self._inputs]
        self._parts = list(_parts(model))
        self.name = ", ".join(dict.fromkeys(part.name for part in self._parts))
        self.version = ", ".join(dict.fromkeys(part.version for part in self._parts))

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """The outputs for `inputs`, both in the order of the model file.

        Shapes and types must be the model's, else InputError.
        """
        layers = self.run_layers(inputs)
        return [layers[t] for t in self._outputs]

    def run_layers(self, inputs: Sequence[Array]) -> dict[TensorId, Array]:
        """What every operator wrote, by the tensor's index in the model file."""
        self._check(inputs)
        given = dict(zip(self._inputs, inputs, strict=True))
        written: dict[TensorId, Array] = {}
        for part in self._parts:
            written |= part.run(given | written)
        return written

    def _check(self, inputs: Sequence[Array]) -> None:
        if len(inputs) != len(self._inputs):
            raise InputError("oracle", f"{len(inputs)} inputs", str(len(self._inputs)))
        for i, (value, want) in enumerate(zip(inputs, self._shapes, strict=True)):
            got = f"{value.dtype}{list(value.shape)}"
            if got != want:
                raise InputError(f"oracle: input {i}", got, want)


def _shape(tensor: tflite.Tensor) -> str:
    return f"{_NUMPY_NAMES[tensor.Type()]}{[tensor.Shape(i) for i in range(tensor.ShapeLength())]}"


def _lacks(code: int, x: tflite.Tensor) -> bool:
    """Whether tflite-micro lacks the operator with this first input."""
    if code == tflite.BuiltinOperator.TRANSPOSE:
        return bool(x.ShapeLength() > _TFLM_MOST_AXES)
    return code in _TFLM_LACKS and x.Type() == tflite.TensorType.INT8


def _parts(model: bytes) -> Iterator[Part]:
    """The model's operators in order, cut wherever the interpreter changes."""
    file = tflite.Model.GetRootAs(model, 0)
    graph = file.Subgraphs(0)
    ops = [graph.Operators(i) for i in range(graph.OperatorsLength())]
    lacking = [
        _lacks(file.OperatorCodes(op.OpcodeIndex()).BuiltinCode(), graph.Tensors(op.Inputs(0)))
        for op in ops
    ]
    made = {int(graph.Inputs(i)) for i in range(graph.InputsLength())}
    start = 0
    for lacks, run in itertools.groupby(lacking):
        stop = start + len(list(run))
        read = {int(op.Inputs(i)) for op in ops[start:stop] for i in range(op.InputsLength())}
        wrote = [int(op.Outputs(i)) for op in ops[start:stop] for i in range(op.OutputsLength())]
        part = cut(model, range(start, stop), sorted(read & made), wrote)
        whole = stop - start == len(ops)
        yield (LiteRT if lacks else Tflm)(model if whole else part)
        made.update(wrote)
        start = stop
