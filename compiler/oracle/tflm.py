# SPDX-License-Identifier: Apache-2.0
"""tflite-micro's interpreter, which defines every operator that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, TensorId
from netsuke.compiler.oracle.native import call, inputs_of, version_of, written_by

_ARENA_BYTES = (1 << 21, 1 << 24, 1 << 27, 1 << 30)
"""Arena sizes to try in turn. The first is ample for the interpreter's own tables: it crashes
instead of failing when not even those fit."""

_OUT_OF_MEMORY = ("Failed to allocate", "Failed to resize buffer")


class Tflm:
    """A model in tflite-micro."""

    name = "tflite-micro"

    def __init__(self, model: bytes) -> None:
        self.version = version_of(self.name)
        self._interpreter = _interpreter(model)
        self._inputs, self._written = inputs_of(model), written_by(model)

    def run(self, values: Mapping[TensorId, Array]) -> dict[TensorId, Array]:
        """What every operator writes, given the model's inputs."""
        for i, t in enumerate(self._inputs):
            self._interpreter.set_input(np.ascontiguousarray(values[t]), i)
        call(self.name, self._interpreter.invoke)
        return {t: self._value(t) for t in self._written}

    def _value(self, tensor: TensorId) -> Array:
        return np.array(self._interpreter.GetTensor(tensor, 0)["tensor_data"])


def _interpreter(model: bytes) -> Any:
    from tflite_micro.python.tflite_micro import runtime

    keep_all = runtime.InterpreterConfig.kPreserveAllTensors
    for arena_bytes in _ARENA_BYTES:

        def create(size: int = arena_bytes) -> Any:
            return runtime.Interpreter.from_bytes(
                model, arena_size=size, intrepreter_config=keep_all
            )

        try:
            return call(Tflm.name, create)
        except InputError as error:
            if arena_bytes == _ARENA_BYTES[-1] or not error.got.startswith(_OUT_OF_MEMORY):
                raise
    raise AssertionError("unreachable")
