# SPDX-License-Identifier: Apache-2.0
"""What the reader makes of right models, and what it says about wrong ones."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tflite

from netsuke.compiler.errors import InputError, ModelErrors
from netsuke.compiler.frontend import check, read_model
from netsuke.compiler.ir import DType, QuantParams
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.verify import verify
from tests.support.small_models import SMALL_MODELS
from tests.support.tflite_builder import OpSpec, TensorSpec, build_model

SHARED_MODELS = Path(__file__).parents[3].parent / "shared" / "models"
HINT = (
    "(hint: convert with full integer quantization, int8 activations and weights: "
    "docs/QUANTIZING.md)"
)

WEIGHTS = np.arange(2 * 3 * 3 * 5).reshape(2, 3, 3, 5) % 255 - 127


@dataclasses.dataclass
class Description:
    """A convolution and a ReLU; tests change one thing and look at what is said."""

    tensors: dict[str, TensorSpec]
    ops: list[OpSpec]
    inputs: list[str]
    outputs: list[str]

    def build(self) -> bytes:
        return build_model(list(self.tensors.values()), self.ops, self.inputs, self.outputs)

    def change(self, name: str, **fields: object) -> None:
        self.tensors[name] = dataclasses.replace(self.tensors[name], **fields)  # type: ignore[arg-type]


def convolution() -> Description:
    tensors = [
        TensorSpec("x", (1, 6, 7, 5), scale=0.5, zero_point=-3),
        TensorSpec("w", (2, 3, 3, 5), scale=[0.25, 0.125], data=WEIGHTS),
        TensorSpec("b", (2,), "int32", scale=[0.125, 0.0625], data=np.array([70000, -5])),
        TensorSpec("c", (1, 4, 5, 2), scale=0.75, zero_point=11),
        TensorSpec("y", (1, 4, 5, 2), scale=0.75, zero_point=11),
    ]
    options = {"padding": "VALID", "stride_w": 1, "stride_h": 1}
    return Description(
        {t.name: t for t in tensors},
        [OpSpec("CONV_2D", ["x", "w", "b"], ["c"], options), OpSpec("RELU", ["c"], ["y"])],
        ["x"],
        ["y"],
    )


def test_graph_has_everything_that_the_file_says() -> None:
    graph = read_model(convolution().build(), "net")
    assert (graph.name, graph.inputs, graph.outputs) == ("net", (0,), (4,))
    assert [(op.index, op.inputs, op.outputs) for op in graph.ops] == [
        (0, (0, 1, 2), (3,)),
        (1, (3,), (4,)),
    ]
    assert [operator_of(op.attrs).builtin for op in graph.ops] == ["CONV_2D", "RELU"]
    x, w, b = (graph.tensors[i] for i in range(3))
    assert (x.name, x.shape, x.dtype, x.data) == ("x", (1, 6, 7, 5), DType.INT8, None)
    assert x.quant == QuantParams((0.5,), (-3,))
    assert w.quant == QuantParams((0.25, 0.125), (0, 0), 0)
    assert w.data is not None and w.data.tolist() == WEIGHTS.tolist()
    assert b.data is not None and b.data.tolist() == [70000, -5] and b.dtype is DType.INT32
    assert not w.data.flags.writeable


@pytest.mark.parametrize("name", SMALL_MODELS)
def test_small_models_give_valid_graphs(name: str) -> None:
    verify(read_model(SMALL_MODELS[name](), name))


ISSUE_A_MODELS = (
    "ad01_int8 kws_ref_model mcunet_vww1 micro_speech_quantized mobilenet_v2_224 "
    "pretrainedResnet_quant vww_96_int8"
)


@pytest.mark.parametrize("name", ISSUE_A_MODELS.split())
def test_trained_models_give_valid_graphs(name: str) -> None:
    path = SHARED_MODELS / f"{name}.tflite"
    if not path.exists():
        pytest.skip("needs the trained models in ../shared/models")
    verify(read_model(path.read_bytes(), name))


def test_an_open_batch_of_one_is_compiled_for_one() -> None:
    model = convolution()
    model.change("x", shape_signature=(-1, 6, 7, 5))
    assert check(model.build()) == ()


def one_tensor(name: str, **fields: object) -> Callable[[Description], None]:
    return lambda model: model.change(name, **fields)


def options(**fields: object) -> Callable[[Description], None]:
    def change(model: Description) -> None:
        conv = model.ops[0]
        model.ops[0] = dataclasses.replace(conv, options={**conv.options, **fields})

    return change


def op(index: int, **fields: object) -> Callable[[Description], None]:
    def change(model: Description) -> None:
        model.ops[index] = dataclasses.replace(model.ops[index], **fields)  # type: ignore[arg-type]

    return change


def edges(**fields: list[str]) -> Callable[[Description], None]:
    def change(model: Description) -> None:
        for name, value in fields.items():
            setattr(model, name, value)

    return change


def reverse_ops(model: Description) -> None:
    model.ops.reverse()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        # tensors
        (
            one_tensor("x", is_variable=True),
            "CONV_2D 0, tensor 0 'x': is_variable: got a variable, "
            "want no state between inferences",
        ),
        (
            one_tensor("x", shape_signature=(1, -1, 7, 5)),
            "CONV_2D 0, tensor 0 'x': shape_signature: got [1, -1, 7, 5], want a static shape "
            "(hint: give the model's input a fixed shape before converting)",
        ),
        (
            one_tensor("x", shape=(1, -1, 7, 5)),
            "CONV_2D 0, tensor 0 'x': shape: got [1, -1, 7, 5], want positive dimensions",
        ),
        (
            one_tensor("x", shape=(1, 0, 7, 5)),
            "CONV_2D 0, tensor 0 'x': shape: got [1, 0, 7, 5], want positive dimensions",
        ),
        (
            one_tensor("x", shape=(1,) * 9),
            "CONV_2D 0, tensor 0 'x': shape: got 9 dimensions, want at most 8",
        ),
        (
            one_tensor("x", shape=(1 << 16, 1 << 15)),
            "CONV_2D 0, tensor 0 'x': shape: got [65536, 32768], want at most 2147483647 bytes",
        ),
        (
            one_tensor("x", shape=(1, 1 << 12, 1 << 11, 5)),
            "CONV_2D 0, tensor 0 'x': shape: got [1, 4096, 2048, 5], want at most 8388608 bytes",
        ),
        (
            one_tensor("w", data=WEIGHTS[:1]),
            "CONV_2D 0, tensor 1 'w': buffer: got 45 bytes, want 90 for int8[2, 3, 3, 5]",
        ),
        (
            one_tensor("y", scale=0.0),
            "RELU 1, tensor 4 'y': scale: got 0, want a number in [5.42101e-20, 1.84467e+19]",
        ),
        (
            one_tensor("w", scale=[0.5, float("nan")]),
            "CONV_2D 0, tensor 1 'w': scale: got nan, want a number in [5.42101e-20, 1.84467e+19]",
        ),
        (
            one_tensor("w", scale=[0.5, 0.25, 0.125]),
            "CONV_2D 0, tensor 1 'w': scale: got 3 scales, want 1, or 2 along dimension 0",
        ),
        (
            one_tensor("w", axis=4),
            "CONV_2D 0, tensor 1 'w': quantized_dimension: got 4, want one of 4 dimensions",
        ),
        (
            one_tensor("x", zero_point=128),
            "CONV_2D 0, tensor 0 'x': zero_point: got 128, want an int8",
        ),
        (
            one_tensor("w", zero_point=[0, 0, 0]),
            "CONV_2D 0, tensor 1 'w': zero_point: got 3 zero points, want 2",
        ),
        (
            one_tensor("x", dtype="uint8"),
            f"model: got uint8 in CONV_2D 0, tensor 0 'x', want int8 tensors {HINT}",
        ),
        (
            one_tensor("x", dtype="float32", scale=None),
            "model: got float32 in CONV_2D 0, tensor 0 'x', want float32 only as input of a "
            f"QUANTIZE or output of a DEQUANTIZE at the graph's edge {HINT}",
        ),
        # wiring
        (edges(inputs=[]), "inputs of the graph: got none, want at least one"),
        (edges(inputs=["x", "x"]), "inputs of the graph: got [0, 0], want each tensor once"),
        (edges(inputs=["x", "w"]), "inputs of the graph: got constant 'w', want a variable"),
        (
            edges(outputs=["y", "x"]),
            "outputs of the graph: got tensor 0 'x', which no operator writes, "
            "want results of operators",
        ),
        (
            reverse_ops,
            "RELU 0: got tensor 3 'c', which is written later, by CONV_2D 1, "
            "want inputs that are written before",
        ),
        (
            one_tensor("w", data=None),
            "CONV_2D 0: got tensor 1 'w', which is never written, "
            "want inputs that are written before",
        ),
        (
            op(1, outputs=["w"]),
            "RELU 1: got tensor 1 'w', which is constant, want an output of its own",
        ),
        (
            op(1, outputs=["x"]),
            "RELU 1: got tensor 0 'x', which is an input of the graph, want an output of its own",
        ),
        (
            op(1, outputs=["c"]),
            "RELU 1: got tensor 3 'c', which is written by CONV_2D 0, want an output of its own",
        ),
        # operators
        (
            op(1, builtin="CUSTOM", custom_code="Mine\n", options_type=""),
            "CUSTOM Mine? 1: got an unsupported operator, want a supported one "
            "(hint: docs/SUPPORTED_OPS.md lists them)",
        ),
        (
            op(1, builtin="LSTM"),
            "LSTM 1: got an unsupported operator, want a supported one "
            "(hint: docs/SUPPORTED_OPS.md lists them)",
        ),
        (op(0, inputs=["x"]), "CONV_2D 0: inputs: got 1, want 2 to 3"),
        (op(0, inputs=["x", None, "b"]), "CONV_2D 0: inputs: got input 1 left out, want it given"),
        (op(1, outputs=["y", "c"]), "RELU 1: outputs: got 2, want 1"),
        (op(0, options_type=""), "CONV_2D 0: options: got none, want Conv2DOptions"),
        (
            op(0, options_type="Pool2DOptions"),
            "CONV_2D 0: options: got Pool2DOptions, want Conv2DOptions",
        ),
        (options(padding=2), "CONV_2D 0: padding: got 2, want a value of Padding"),
        (
            one_tensor("c", shape=(1, 4, 6, 2)),
            "CONV_2D 0, output 'c': got shape [1, 4, 6, 2], want [1, 4, 5, 2] by shape inference",
        ),
    ],
)
def test_one_problem_is_one_line(change: Callable[[Description], None], text: str) -> None:
    model = convolution()
    change(model)
    assert text in check(model.build())


def test_all_problems_are_found_at_once() -> None:
    model = convolution()
    model.change("x", zero_point=-129)
    model.change("w", scale=[0.5, -1.0])
    model.ops[1] = dataclasses.replace(model.ops[1], builtin="LSTM")
    model.outputs.append("x")
    problems = check(model.build())
    assert [p.split(": got")[0] for p in problems] == [
        "CONV_2D 0, tensor 0 'x': zero_point",
        "CONV_2D 0, tensor 1 'w': scale",
        "outputs of the graph",
        "LSTM 1",
    ]
    with pytest.raises(ModelErrors) as error:
        read_model(model.build(), "net")
    assert error.value.problems == problems
    assert str(error.value) == f"net: {'; '.join(problems)}"


def test_a_model_of_another_type_gets_one_line_not_one_for_each_tensor() -> None:
    model = convolution()
    for name in ("x", "w", "c", "y"):
        model.change(name, dtype="int16")
    assert check(model.build()) == (
        "model: got int16 in CONV_2D 0, tensor 0 'x' and 3 more tensors, want int8 tensors " + HINT,
    )


def test_names_cannot_break_a_line() -> None:
    model = convolution()
    model.tensors["x"] = dataclasses.replace(model.tensors["x"], name="x\n\x1b[2J", zero_point=999)
    model.inputs = ["x\n\x1b[2J"]
    model.ops[0] = dataclasses.replace(model.ops[0], inputs=["x\n\x1b[2J", "w", "b"])
    assert check(model.build()) == (
        "CONV_2D 0, tensor 0 'x??[2J': zero_point: got 999, want an int8",
    )


def test_names_have_an_end() -> None:
    model = convolution()
    model.ops[0] = dataclasses.replace(model.ops[0], builtin="CUSTOM", custom_code="c" * 10_000)
    (problem,) = check(model.build())
    assert problem.startswith(f"CUSTOM {'c' * 397}... 0: got an unsupported operator")


def test_unused_tensors_do_not_matter() -> None:
    model = convolution()
    model.tensors["spare"] = TensorSpec("spare", (0, -7), "string", scale=-1.0)
    assert check(model.build()) == ()
    assert len(read_model(model.build(), "net").tensors) == 5


def test_another_schema_is_refused() -> None:
    data = bytearray(convolution().build())
    table = tflite.Model.GetRootAs(data, 0)._tab
    position = table.Pos + table.Offset(4)
    data[position : position + 4] = (4).to_bytes(4, "little")
    with pytest.raises(InputError) as error:
        read_model(bytes(data), "net")
    assert str(error.value) == "model file: got schema version 4, want 3"


def test_time_grows_with_the_file_only() -> None:
    """A chain of 2,000 operators, each with a problem, is about as long as real networks get."""
    names = [f"t{i}" for i in range(2001)]
    tensors = [TensorSpec(n, (1, 2), scale=0.5, zero_point=i % 2) for i, n in enumerate(names)]
    ops = [OpSpec("RESHAPE", [a], [b]) for a, b in itertools.pairwise(names)]
    data = build_model(tensors, ops, names[:1], names[-1:])
    start = time.process_time()
    assert len(check(data)) == 2000
    assert time.process_time() - start < 1.5
