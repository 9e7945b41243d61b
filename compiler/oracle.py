# SPDX-License-Identifier: Apache-2.0
"""The reference that every byte is compared with: TensorFlow Lite for Microcontrollers itself.

It is native code that trusts its model, so give it only models that the frontend has accepted.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, TypeVar

import numpy as np
import tflite

from netsuke.compiler.errors import InputError, ToolError
from netsuke.compiler.ir import Array, TensorId

_ARENA_BYTES = (1 << 21, 1 << 24, 1 << 27, 1 << 30)
"""Arena sizes to try in turn. The first is ample for the interpreter's own tables: it crashes
instead of failing when not even those fit."""

_OUT_OF_MEMORY = ("Failed to allocate", "Failed to resize buffer")

T = TypeVar("T")


class Oracle:
    """One model in tflite-micro's interpreter, which keeps every intermediate tensor.

    ToolError without the package; InputError when the interpreter refuses the model, e.g. for an
    operator that it lacks.
    """

    name = "tflite-micro"

    def __init__(self, model: bytes) -> None:
        self.version = _version()
        self._interpreter = _interpreter(model)
        graph = tflite.Model.GetRootAs(model, 0).Subgraphs(0)
        self._inputs, self._outputs = graph.InputsLength(), graph.OutputsLength()
        ops = (graph.Operators(i) for i in range(graph.OperatorsLength()))
        self._written = [int(op.Outputs(i)) for op in ops for i in range(op.OutputsLength())]

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """The outputs for `inputs`, both in the order of the model file.

        Shapes and types must be the model's, else InputError.
        """
        self._check(inputs)
        for i, value in enumerate(inputs):
            self._interpreter.set_input(np.ascontiguousarray(value), i)
        _native(self._interpreter.invoke)
        return [np.array(self._interpreter.get_output(i)) for i in range(self._outputs)]

    def run_layers(self, inputs: Sequence[Array]) -> dict[TensorId, Array]:
        """What every operator wrote, by the tensor's index in the model file."""
        self.run(inputs)
        return {t: np.array(self._details(t)["tensor_data"]) for t in self._written}

    def _details(self, tensor: TensorId) -> dict[str, Any]:
        details: dict[str, Any] = self._interpreter.GetTensor(tensor, 0)
        return details

    def _check(self, inputs: Sequence[Array]) -> None:
        if len(inputs) != self._inputs:
            raise InputError("oracle", f"{len(inputs)} inputs", str(self._inputs))
        for i, value in enumerate(inputs):
            details = self._interpreter.get_input_details(i)
            got = f"{value.dtype}{list(value.shape)}"
            want = f"{np.dtype(details['dtype'])}{[int(n) for n in details['shape']]}"
            if got != want:
                raise InputError(f"oracle: input {i}", got, want)


def _version() -> str:
    try:
        return importlib.metadata.version("tflite-micro")
    except importlib.metadata.PackageNotFoundError:
        hint = "pip install 'netsuke[validate]'"
        raise ToolError("oracle", "no tflite-micro", "it installed", hint) from None


def _interpreter(model: bytes) -> Any:
    from tflite_micro.python.tflite_micro import runtime

    keep_all = runtime.InterpreterConfig.kPreserveAllTensors
    for arena_bytes in _ARENA_BYTES:

        def create(size: int = arena_bytes) -> Any:
            return runtime.Interpreter.from_bytes(
                model, arena_size=size, intrepreter_config=keep_all
            )

        try:
            return _native(create)
        except InputError as error:
            if arena_bytes == _ARENA_BYTES[-1] or not error.got.startswith(_OUT_OF_MEMORY):
                raise
    raise AssertionError("unreachable")


def _native(call: Callable[[], T]) -> T:
    """Calls native code; its failure becomes an InputError with the first line that it printed."""
    with _standard_error() as printed:
        try:
            return call()
        except RuntimeError as error:
            printed.seek(0)
            lines = printed.read().decode(errors="replace").splitlines()
            got = next((line for line in lines if line.strip()), str(error))
            raise InputError(
                "oracle: tflite-micro does not run this model", got, "an operator it supports"
            ) from None


@contextlib.contextmanager
def _standard_error() -> Iterator[IO[bytes]]:
    """Catches what native code prints to file descriptor 2, which Python cannot see."""
    with tempfile.TemporaryFile() as printed:
        saved = os.dup(2)
        os.dup2(printed.fileno(), 2)
        try:
            yield printed
        finally:
            os.dup2(saved, 2)
            os.close(saved)
