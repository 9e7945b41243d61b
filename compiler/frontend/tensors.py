# SPDX-License-Identifier: Apache-2.0
"""Reads tensors: type, shape, quantization parameters and constant data, each checked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tflite

from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend.options import enum_names
from netsuke.compiler.ir import Array, DType, QuantParams, Tensor

MAX_RANK = 8
MAX_TENSOR_BYTES = (1 << 31) - 1
"""Generated code counts bytes in int32_t."""

MAX_COMPUTED_BYTES = 1 << 23
"""Of one tensor that is not in the file. Larger than any activation of a network that runs on these
parts; a few bytes of a file could otherwise make the analysis of ranges allocate gigabytes."""

MAX_TEXT = 400
"""Letters of a name that are shown; converters string names together where they fuse operators."""

MIN_SCALE, MAX_SCALE = 2.0**-64, 2.0**64
"""Far beyond any real scale; keeps quotients of scales inside float32."""

_DTYPES = {
    tflite.TensorType.INT8: DType.INT8,
    tflite.TensorType.INT32: DType.INT32,
    tflite.TensorType.INT64: DType.INT64,
    tflite.TensorType.FLOAT32: DType.FLOAT32,
}


def type_name(tensor: tflite.Tensor) -> str:
    """TFLite's name of the element type, in lower case."""
    code = tensor.Type()
    return enum_names(tflite.TensorType).get(code, f"type {code}").lower()


def is_supported(tensor: tflite.Tensor) -> bool:
    """Whether the element type is one that a graph of ours can hold."""
    return tensor.Type() in _DTYPES


def tensor_name(tensor: tflite.Tensor) -> str:
    """The tensor's name as it is shown."""
    return printable(tensor.Name() or b"")


def printable(raw: bytes) -> str:
    """Text of a model file, with everything replaced that could break a line of a message, and
    cut where it is longer than names are."""
    text = raw.decode("utf-8", errors="replace")
    text = text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."
    return "".join(c if c.isprintable() else "?" for c in text)


def read_tensor(model: tflite.Model, tensor: tflite.Tensor) -> Tensor:
    """The tensor as the graph has it; its type must be supported.

    Raises InputError at the first thing wrong, whose `where` names the part of the tensor.
    """
    if tensor.IsVariable():
        raise InputError("is_variable", "a variable", "no state between inferences")
    if tensor.Sparsity() is not None:
        hint = "convert without sparsity"
        raise InputError("sparsity", "sparse weights", "dense weights", hint)
    dtype = _DTYPES[tensor.Type()]
    shape = _shape(tensor, dtype)
    # Types that are not quantized may carry parameters; they mean nothing.
    quant = None if dtype is DType.FLOAT32 else _quant(tensor, shape, dtype)
    data = _data(model, tensor, shape, dtype)
    if data is None and math.prod(shape) * dtype.size_bytes > MAX_COMPUTED_BYTES:
        raise InputError("shape", str(list(shape)), f"at most {MAX_COMPUTED_BYTES} bytes")
    return Tensor(tensor_name(tensor), shape, dtype, quant, data)


def _shape(tensor: tflite.Tensor, dtype: DType) -> tuple[int, ...]:
    rank = tensor.ShapeLength()
    if rank > MAX_RANK:
        raise InputError("shape", f"{rank} dimensions", f"at most {MAX_RANK}")
    shape = ints(rank, tensor.ShapeAsNumpy)
    signature_rank = tensor.ShapeSignatureLength()
    signature = ints(signature_rank, tensor.ShapeSignatureAsNumpy) if signature_rank == rank else ()
    # Converters leave the batch open and write 1 into the shape: that is what gets compiled.
    if any(n < 0 and not (i == 0 and shape[0] == 1) for i, n in enumerate(signature)):
        hint = "give the model's input a fixed shape before converting"
        raise InputError("shape_signature", str(list(signature)), "a static shape", hint)
    if any(n < 1 for n in shape):
        raise InputError("shape", str(list(shape)), "positive dimensions")
    if math.prod(shape) * dtype.size_bytes > MAX_TENSOR_BYTES:
        raise InputError("shape", str(list(shape)), f"at most {MAX_TENSOR_BYTES} bytes")
    return shape


def _quant(tensor: tflite.Tensor, shape: tuple[int, ...], dtype: DType) -> QuantParams | None:
    """One scale, or one for each index along the quantized dimension."""
    params = tensor.Quantization()
    if params is None or params.ScaleLength() == 0:
        return None
    if params.DetailsType():
        raise InputError("quantization", "custom details", "scales and zero points")
    count, axis = params.ScaleLength(), params.QuantizedDimension()
    if count > 1 and not 0 <= axis < len(shape):
        raise InputError("quantized_dimension", str(axis), f"one of {len(shape)} dimensions")
    if count > 1 and count != shape[axis]:
        raise InputError("scale", f"{count} scales", f"1, or {shape[axis]} along dimension {axis}")
    if params.ZeroPointLength() not in (1, count):
        raise InputError("zero_point", f"{params.ZeroPointLength()} zero points", f"{count}")
    scales = params.ScaleAsNumpy()
    zero_points = np.broadcast_to(params.ZeroPointAsNumpy(), (count,))
    _check_quant(scales, zero_points, dtype)
    return QuantParams(
        tuple(scales.tolist()), tuple(zero_points.tolist()), axis if count > 1 else None
    )


def _check_quant(scales: Array, zero_points: Array, dtype: DType) -> None:
    bad = scales[~((scales >= MIN_SCALE) & (scales <= MAX_SCALE))]
    if bad.size:
        raise InputError("scale", f"{bad[0]:g}", f"a number in [{MIN_SCALE:g}, {MAX_SCALE:g}]")
    limits = np.iinfo(dtype.value)
    bad = zero_points[(zero_points < limits.min) | (zero_points > limits.max)]
    if bad.size:
        raise InputError("zero_point", f"{bad[0]}", f"an {dtype.value}")


def _data(
    model: tflite.Model, tensor: tflite.Tensor, shape: tuple[int, ...], dtype: DType
) -> Array | None:
    """A read-only view of the file's bytes; None for a tensor that is computed."""
    index = tensor.Buffer()
    if index >= model.BuffersLength():
        raise InputError("buffer", f"index {index}", f"one of {model.BuffersLength()} buffers")
    buffer = model.Buffers(index)
    if buffer.Offset() or buffer.Size():
        raise InputError("buffer", "data outside the flatbuffer", "a file of less than 2 GB")
    size_bytes = buffer.DataLength()
    if size_bytes == 0:
        return None
    want_bytes = math.prod(shape) * dtype.size_bytes
    if size_bytes != want_bytes:
        want = f"{want_bytes} for {dtype.value}{list(shape)}"
        raise InputError("buffer", f"{size_bytes} bytes", want)
    data: Array = buffer.DataAsNumpy().view(dtype.value).reshape(shape)
    return data


def ints(count: int, as_numpy: Any) -> tuple[int, ...]:
    """A vector of the file; the `tflite` package returns 0 for one that is left out."""
    return tuple(as_numpy().tolist()) if count else ()
