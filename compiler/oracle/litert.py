# SPDX-License-Identifier: Apache-2.0
"""LiteRT's reference kernels (BUILTIN_REF), for operators that tflite-micro lacks."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import tflite

from netsuke.compiler.ir import Array, TensorId
from netsuke.compiler.oracle.native import call, inputs_of, operators_of, version_of, written_by


class LiteRT:
    """A model in LiteRT with the kernels that are written for reading, and no delegate."""

    def __init__(self, model: bytes) -> None:
        self.name = f"LiteRT BUILTIN_REF for {', '.join(operators_of(model))}"
        self.version = version_of("ai-edge-litert")
        self._interpreter = call(self.name, lambda: _interpreter(model))
        self._inputs, self._written = inputs_of(model), written_by(model)

    def run(self, values: Mapping[TensorId, Array]) -> dict[TensorId, Array]:
        """What every operator writes, given the model's inputs."""
        for t in self._inputs:
            self._interpreter.set_tensor(t, np.ascontiguousarray(values[t]))
        call(self.name, self._interpreter.invoke)
        return {t: np.array(self._interpreter.get_tensor(t)) for t in self._written}


def _interpreter(model: bytes) -> Any:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    made = Interpreter(
        model_content=_known_version(model),
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
        experimental_preserve_all_tensors=True,
    )
    made.allocate_tensors()
    return made


def _known_version(model: bytes) -> bytes:
    """`model` with TILE in its first version, or as it is. Later ones only add types; the reference
    kernels are the same code, but registered for the first two."""
    file = tflite.Model.GetRootAs(model, 0)
    patched = bytearray(model)
    for code in map(file.OperatorCodes, range(file.OperatorCodesLength())):
        field = code._tab.Offset(_VERSION)
        if code.BuiltinCode() == tflite.BuiltinOperator.TILE and field:
            struct.pack_into("<i", patched, code._tab.Pos + field, 1)
    return bytes(patched)


_VERSION = 8
"""Where the vtable of an OperatorCode names this field."""
