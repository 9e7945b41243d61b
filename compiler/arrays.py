# SPDX-License-Identifier: Apache-2.0
"""Arrays in files that a user hands over: inputs of a model, checked and quantized."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, DType, Graph, Tensor, TensorId
from netsuke.compiler.project import read_text

DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    MemoryError,
    RuntimeError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy.load raises for files that are missing, damaged, encrypted, or claim to be huge."""


def load_arrays(path: Path) -> Mapping[str, Array]:
    """The arrays of an .npz file by name, or the one of a .npy file as `x`."""
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"x": loaded}
        with loaded:
            found = {name: loaded[name] for name in loaded.files}
    except DAMAGED as error:
        raise InputError(str(path), _why(error), "a .npy or .npz file", _SAVE_HINT) from None
    if not all(isinstance(array, np.ndarray) for array in found.values()):
        raise InputError(str(path), "members that are no arrays", "an .npz of arrays")
    return found


_SAVE_HINT = "numpy.save or numpy.savez writes one"


def _why(error: Exception) -> str:
    """What is wrong with the file, without numpy's advice to unpickle what a stranger made."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = [*str(error).splitlines(), type(error).__name__][0]
    if "Object arrays" in said:
        return "Python objects"
    return "a file of another kind" if "pickle" in said else said


def load_labels(path: Path, count: int) -> tuple[str, ...]:
    """The `count` lines of a text file, one label each."""
    lines = tuple(read_text(path).splitlines())
    if len(lines) != count:
        raise InputError(str(path), f"{len(lines)} lines", f"{count}, one for each output value")
    return lines


def load_inputs(path: Path, source: Graph, graph: Graph) -> bytes:
    """The int8 bytes of all inputs from a .npy file, or from an .npz with one array an input.

    Arrays are int8, or float32 where the model file has float32 there; any shape of the right
    number of elements.
    """
    arrays = tuple(load_arrays(path).values())
    if len(arrays) != len(graph.inputs):
        raise InputError(str(path), f"{len(arrays)} arrays", f"{len(graph.inputs)}, one an input")
    triples = zip(source.inputs, graph.inputs, arrays, strict=True)
    return b"".join(int8_of(str(path), source, graph, s, t, a).tobytes() for s, t, a in triples)


def int8_of(
    where: str, source: Graph, graph: Graph, s: TensorId, t: TensorId, array: Array
) -> Array:
    """The int8 values of input `t` of the compiled graph for an array meant for the model file's
    input `s`. InputError, which begins with `where`, for another type or number of elements."""
    tensor = graph.tensors[t]
    real = source.tensors[s].dtype is DType.FLOAT32
    allowed = ("int8", "float32") if real else ("int8",)
    want = f"{' or '.join(allowed)}, {tensor.elements} elements ({list(tensor.shape)})"
    if array.dtype.name not in allowed or array.size != tensor.elements:
        got = f"{array.dtype}, {array.size} elements ({list(array.shape)})"
        raise InputError(where, got, want, _cast_hint(array, tensor))
    if tensor.origin is not None:
        array = tensor.origin.of(array.reshape(source.tensors[s].shape))
    if array.dtype != np.float32:
        return array
    scaled = array / np.float32(tensor.q.scale)
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + tensor.q.zero_point
    quantized: Array = np.clip(rounded, -128, 127).astype(np.int8)
    return quantized


def _cast_hint(array: Array, tensor: Tensor) -> str:
    """How to get from a type that is not taken to int8."""
    if array.dtype.kind == "f":
        q = tensor.q
        return f"int8 = clip(round(real / {q.scale:.9g}) + {q.zero_point}, -128, 127)"
    return "x.astype(numpy.int8)" if array.dtype.name not in ("int8", "uint8") else ""
