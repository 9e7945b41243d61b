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
from netsuke.compiler.ir import Array, DType, Graph, TensorId

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
        said = [*str(error).splitlines(), type(error).__name__]
        raise InputError(str(path), said[0], "a .npy or .npz file") from None
    if not all(isinstance(array, np.ndarray) for array in found.values()):
        raise InputError(str(path), "members that are no arrays", "an .npz of arrays")
    return found


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
        raise InputError(where, f"{array.dtype}, {array.size} elements", want)
    if tensor.origin is not None:
        array = tensor.origin.of(array.reshape(source.tensors[s].shape))
    if array.dtype != np.float32:
        return array
    scaled = array / np.float32(tensor.q.scale)
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + tensor.q.zero_point
    quantized: Array = np.clip(rounded, -128, 127).astype(np.int8)
    return quantized
