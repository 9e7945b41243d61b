# SPDX-License-Identifier: Apache-2.0
"""Makes small TFLite models in memory, for tests.

    model = build_model(
        [
            TensorSpec("x", (1, 8, 8, 3), scale=0.5, zero_point=-3),
            TensorSpec("w", (4, 3, 3, 3), scale=[0.1, 0.2, 0.3, 0.4], data=weights),
            TensorSpec("b", (4,), "int32", scale=[...], data=bias),
            TensorSpec("y", (1, 8, 8, 4), scale=0.7, zero_point=5),
        ],
        [OpSpec("CONV_2D", ["x", "w", "b"], ["y"],
                {"padding": "SAME", "stride_w": 1, "stride_h": 1,
                 "fused_activation_function": "RELU"})],
        inputs=["x"], outputs=["y"],
    )

It checks nothing, so that wrong models can be made as well as right ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
import tflite

OPTIONS = {
    "ADD": "AddOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "CAST": "CastOptions",
    "CONCATENATION": "ConcatenationOptions",
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "DEPTH_TO_SPACE": "DepthToSpaceOptions",
    "DEQUANTIZE": "DequantizeOptions",
    "DIV": "DivOptions",
    "EXPAND_DIMS": "ExpandDimsOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "GATHER": "GatherOptions",
    "GELU": "GeluOptions",
    "HARD_SWISH": "HardSwishOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MEAN": "ReducerOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MIRROR_PAD": "MirrorPadOptions",
    "MUL": "MulOptions",
    "PACK": "PackOptions",
    "PAD": "PadOptions",
    "PADV2": "PadV2Options",
    "QUANTIZE": "QuantizeOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "RESHAPE": "ReshapeOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions",
    "SHAPE": "ShapeOptions",
    "SLICE": "SliceOptions",
    "SOFTMAX": "SoftmaxOptions",
    "SPACE_TO_DEPTH": "SpaceToDepthOptions",
    "SPLIT": "SplitOptions",
    "SPLIT_V": "SplitVOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions",
    "SQUEEZE": "SqueezeOptions",
    "STRIDED_SLICE": "StridedSliceOptions",
    "SUB": "SubOptions",
    "SUM": "ReducerOptions",
    "TILE": "TileOptions",
    "TRANSPOSE": "TransposeOptions",
    "TRANSPOSE_CONV": "TransposeConvOptions",
    "UNPACK": "UnpackOptions",
}
"""The options table of each builtin operator; RELU, LOGISTIC and others have none."""

VERSIONS = {"TILE": 3}
"""Of operators, as the converter writes them for int8 tensors, where an interpreter cares."""

_ENUMS = {"padding": tflite.Padding, "fused_activation_function": tflite.ActivationFunctionType}


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One tensor. A list of scales means per-channel quantization along `axis`.

    `data` makes it a constant. `zero_point` may be a list too; one number serves all channels.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str = "int8"
    scale: float | Sequence[float] | None = None
    zero_point: int | Sequence[int] = 0
    axis: int = 0
    data: np.ndarray[Any, Any] | bytes | None = None
    shape_signature: tuple[int, ...] | None = None
    is_variable: bool = False


@dataclass(frozen=True, slots=True)
class OpSpec:
    """One operator: TFLite's builtin name, tensor names (None: absent), options by schema name.

    `custom_code` is the name of an operator whose builtin is "CUSTOM". `options_type` overrides
    the options table that belongs to the builtin ("" writes none).
    """

    builtin: str
    inputs: Sequence[str | None]
    outputs: Sequence[str]
    options: Mapping[str, Any] = field(default_factory=dict)
    custom_code: str | None = None
    options_type: str | None = None


def build_model(
    tensors: Sequence[TensorSpec],
    ops: Sequence[OpSpec],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> bytes:
    """The bytes of a TFLite file with one subgraph."""
    b = flatbuffers.Builder(1 << 12)
    buffers, buffer_of = [b""], {}
    for t in tensors:
        if t.data is not None:
            buffer_of[t.name] = len(buffers)
            buffers.append(t.data if isinstance(t.data, bytes) else _raw(t.data, t.dtype))
    index = {t.name: i for i, t in enumerate(tensors)}
    codes = list(dict.fromkeys((op.builtin, op.custom_code) for op in ops))
    tensor_at = [_tensor(b, t, buffer_of.get(t.name, 0)) for t in tensors]
    op_at = [_op(b, op, codes.index((op.builtin, op.custom_code)), index) for op in ops]
    subgraph = _table(
        b,
        "SubGraph",
        Tensors=_offsets(b, tensor_at),
        Inputs=_ints(b, [index[n] for n in inputs]),
        Outputs=_ints(b, [index[n] for n in outputs]),
        Operators=_offsets(b, op_at),
        Name=b.CreateString("main"),
    )
    model = _table(
        b,
        "Model",
        Version=3,
        OperatorCodes=_offsets(b, [_code(b, *c) for c in codes]),
        Subgraphs=_offsets(b, [subgraph]),
        Description=b.CreateString("netsuke test"),
        Buffers=_offsets(b, [_buffer(b, raw) for raw in buffers]),
    )
    b.Finish(model, b"TFL3")
    return bytes(b.Output())


def _raw(data: np.ndarray[Any, Any], dtype: str) -> bytes:
    return np.ascontiguousarray(data, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()


def _table(b: flatbuffers.Builder, kind: str, **fields: Any) -> int:
    """Writes a table by the generated functions `<kind>Start`, `<kind>Add<Field>`, `<kind>End`."""
    getattr(tflite, f"{kind}Start")(b)
    for name, value in fields.items():
        if value is not None:
            getattr(tflite, f"{kind}Add{name}")(b, value)
    return int(getattr(tflite, f"{kind}End")(b))


def _offsets(b: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    b.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        b.PrependUOffsetTRelative(offset)
    return int(b.EndVector())


def _ints(b: flatbuffers.Builder, values: Sequence[int]) -> int:
    return int(b.CreateNumpyVector(np.asarray(values, dtype="<i4")))


def _buffer(b: flatbuffers.Builder, raw: bytes) -> int:
    if not raw:
        return _table(b, "Buffer")
    b.StartVector(1, len(raw), 16)
    b.head = b.head - len(raw)
    b.Bytes[b.head : b.head + len(raw)] = raw
    return _table(b, "Buffer", Data=b.EndVector())


def _code(b: flatbuffers.Builder, builtin: str, custom_code: str | None) -> int:
    code = int(getattr(tflite.BuiltinOperator, builtin))
    name = None if custom_code is None else b.CreateString(custom_code)
    return _table(
        b,
        "OperatorCode",
        DeprecatedBuiltinCode=min(code, 127),
        BuiltinCode=code,
        CustomCode=name,
        Version=VERSIONS.get(builtin, 1),
    )


def _quantization(b: flatbuffers.Builder, t: TensorSpec) -> int | None:
    if t.scale is None:
        return None
    scales = np.atleast_1d(np.asarray(t.scale, dtype="<f4"))
    zeros = np.asarray(t.zero_point, dtype="<i8")
    if zeros.ndim == 0:
        zeros = np.broadcast_to(zeros, scales.shape)
    return _table(
        b,
        "QuantizationParameters",
        Scale=b.CreateNumpyVector(scales),
        ZeroPoint=b.CreateNumpyVector(np.ascontiguousarray(zeros)),
        QuantizedDimension=t.axis,
    )


def _tensor(b: flatbuffers.Builder, t: TensorSpec, buffer: int) -> int:
    signature = None if t.shape_signature is None else _ints(b, t.shape_signature)
    return _table(
        b,
        "Tensor",
        Shape=_ints(b, t.shape),
        Type=getattr(tflite.TensorType, t.dtype.upper()),
        Buffer=buffer,
        Name=b.CreateString(t.name),
        Quantization=_quantization(b, t),
        IsVariable=t.is_variable,
        ShapeSignature=signature,
        HasRank=True,
    )


def _op(b: flatbuffers.Builder, op: OpSpec, code: int, index: Mapping[str, int]) -> int:
    kind = OPTIONS.get(op.builtin, "") if op.options_type is None else op.options_type
    options = _options(b, kind, op.options) if kind else None
    return _table(
        b,
        "Operator",
        OpcodeIndex=code,
        Inputs=_ints(b, [-1 if n is None else index[n] for n in op.inputs]),
        Outputs=_ints(b, [index[n] for n in op.outputs]),
        BuiltinOptionsType=getattr(tflite.BuiltinOptions, kind) if kind else None,
        BuiltinOptions=options,
    )


def _options(b: flatbuffers.Builder, kind: str, options: Mapping[str, Any]) -> int:
    fields: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, str):
            value = getattr(_ENUMS[name], value)
        elif isinstance(value, (list, tuple)):
            value = _ints(b, value)
        fields["".join(part.capitalize() for part in name.split("_"))] = value
    return _table(b, kind, **fields)
