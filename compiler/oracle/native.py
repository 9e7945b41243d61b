# SPDX-License-Identifier: Apache-2.0
"""What interpreters have in common: a part of a model, and failures of native code."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Protocol, TypeVar

import tflite

from netsuke.compiler.errors import InputError, ToolError
from netsuke.compiler.ir import Array, TensorId

T = TypeVar("T")


class Part(Protocol):
    """Some operators of a model in one interpreter."""

    name: str
    version: str

    def run(self, values: Mapping[TensorId, Array]) -> dict[TensorId, Array]:
        """What every operator of the part writes, given at least the tensors that it reads."""


def inputs_of(model: bytes) -> list[TensorId]:
    """The inputs of a model, by tensor index."""
    graph = tflite.Model.GetRootAs(model, 0).Subgraphs(0)
    return [int(graph.Inputs(i)) for i in range(graph.InputsLength())]


def operators_of(model: bytes) -> list[str]:
    """The names of the operators of a model, each once, sorted."""
    file = tflite.Model.GetRootAs(model, 0)
    graph = file.Subgraphs(0)
    used = {graph.Operators(i).OpcodeIndex() for i in range(graph.OperatorsLength())}
    codes = {file.OperatorCodes(i).BuiltinCode() for i in used}
    return sorted(n for n, v in vars(tflite.BuiltinOperator).items() if v in codes and n.isupper())


def written_by(model: bytes) -> list[TensorId]:
    """What the operators of a model write, in their order, by tensor index."""
    graph = tflite.Model.GetRootAs(model, 0).Subgraphs(0)
    ops = (graph.Operators(i) for i in range(graph.OperatorsLength()))
    return [int(op.Outputs(i)) for op in ops for i in range(op.OutputsLength())]


def version_of(package: str) -> str:
    """The installed version of a package; ToolError without it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        hint = "pip install '.[validate]' in netsuke's folder"
        raise ToolError("oracle", f"no {package}", "it installed", hint) from None


def call(name: str, function: Callable[[], T]) -> T:
    """Calls native code; its failure becomes an InputError with the first line that it printed."""
    with _standard_error() as printed:
        try:
            return function()
        except (RuntimeError, ValueError) as error:
            printed.seek(0)
            lines = printed.read().decode(errors="replace").splitlines()
            got = next((line for line in lines if line.strip()), str(error))
            raise InputError(
                f"oracle: {name} does not run this model", got, "an operator it supports"
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
