# SPDX-License-Identifier: Apache-2.0
"""SPACE_TO_BATCH_ND, convolution, BATCH_TO_SPACE_ND are read as one dilated convolution, and equal
the reference interpreters that compute all three."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.frontend.reader import check, read_model
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.ops.windows import WindowAttrs
from netsuke.compiler.oracle import Oracle
from tests.support.host import build_host
from tests.support.tflite_builder import OpSpec, TensorSpec, build_model

X, Y = {"scale": 0.03, "zero_point": -7}, {"scale": 0.09, "zero_point": 11}
RNG = np.random.default_rng(5)
VALID = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "fused_activation_function": "RELU"}

Pairs = list[list[int]]


def ints(name: str, values: object) -> TensorSpec:
    array = np.array(values, np.int32)
    return TensorSpec(name, array.shape, "int32", data=array)


def weights(name: str, shape: tuple[int, ...]) -> TensorSpec:
    return TensorSpec(name, shape, "int8", 0.005, data=RNG.integers(-127, 128, shape))


def image(
    size: tuple[int, int],
    block: tuple[int, int],
    pads: Pairs,
    crops: Pairs,
    depthwise: bool = False,
) -> bytes:
    """A 3 x 2 window over an image of 4 channels, dealt out in blocks."""
    batch = block[0] * block[1]
    h, w = ((n + sum(p)) // b for n, p, b in zip(size, pads, block, strict=True))
    high, wide = (b * n - sum(c) for b, n, c in zip(block, (h - 2, w - 1), crops, strict=True))
    tensors = [
        TensorSpec("x", (1, *size, 4), "int8", **X),
        TensorSpec("dealt", (batch, h, w, 4), "int8", **X),
        weights("w", (1, 3, 2, 4) if depthwise else (4, 3, 2, 4)),
        TensorSpec("made", (batch, h - 2, w - 1, 4), "int8", **Y),
        TensorSpec("y", (1, high, wide, 4), "int8", **Y),
        *(ints("block", block), ints("pads", pads), ints("crops", crops)),
    ]
    kind = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    multiplier = {"depth_multiplier": 1} if depthwise else {}
    ops = [
        OpSpec("SPACE_TO_BATCH_ND", ["x", "block", "pads"], ["dealt"]),
        OpSpec(kind, ["dealt", "w"], ["made"], VALID | multiplier),
        OpSpec("BATCH_TO_SPACE_ND", ["made", "block", "crops"], ["y"]),
    ]
    return build_model(tensors, ops, ["x"], ["y"])


def sequence(*, also: bool = False) -> bytes:
    """Two windows of two steps over one dealt sequence, as 1-D convolutions are written."""
    tensors = [
        TensorSpec("x", (1, 12, 3), "int8", **X),
        TensorSpec("dealt", (4, 3, 3), "int8", **X),
        TensorSpec("dealt image", (4, 1, 3, 3), "int8", **X),
        *(ints("block", [4]), ints("pads", [[0, 0]]), ints("crops", [[0, 0]])),
    ]
    ops = [
        OpSpec("SPACE_TO_BATCH_ND", ["x", "block", "pads"], ["dealt"]),
        OpSpec("RESHAPE", ["dealt"], ["dealt image"], {"new_shape": [4, 1, 3, 3]}),
    ]
    for k in "ab":
        made = [
            TensorSpec(f"image {k}", (4, 1, 2, 5), "int8", **Y),
            TensorSpec(f"made {k}", (4, 2, 5), "int8", **Y),
            TensorSpec(f"y {k}", (1, 8, 5), "int8", **Y),
        ]
        tensors += [weights(f"w {k}", (5, 1, 2, 3)), *made]
        image_of, flat, y = (t.name for t in made)
        ops += [
            OpSpec("CONV_2D", ["dealt image", f"w {k}"], [image_of], VALID),
            OpSpec("RESHAPE", [image_of], [flat], {"new_shape": [4, 2, 5]}),
            OpSpec("BATCH_TO_SPACE_ND", [flat, "block", "crops"], [y]),
        ]
    if also:
        tensors.append(TensorSpec("odd", (4, 3, 3), "int8", **X))
        ops.append(OpSpec("RELU", ["dealt"], ["odd"]))
    return build_model(tensors, ops, ["x"], ["y a", "y b"])


MODELS = {
    "same": image((9, 8), (2, 3), [[2, 3], [1, 3]], [[0, 1], [0, 0]]),
    "uneven": image((10, 8), (4, 2), [[4, 6], [0, 2]], [[3, 0], [0, 1]]),
    "valid": image((12, 8), (2, 2), [[0, 0], [0, 0]], [[0, 0], [0, 0]]),
    "rows_only": image((9, 6), (3, 1), [[3, 3], [0, 0]], [[0, 0], [0, 0]]),
    "depthwise": image((9, 8), (2, 3), [[2, 3], [1, 3]], [[0, 1], [0, 0]], depthwise=True),
    "sequence": sequence(),
}


@pytest.mark.parametrize("name", MODELS)
def test_equals_all_three(name: str, tmp_path: Path) -> None:
    graph, oracle = read_model(MODELS[name], "net"), Oracle(MODELS[name])
    (shape,) = [graph.tensors[t].shape for t in graph.inputs]
    vectors = [RNG.integers(-128, 128, shape).astype(np.int8) for _ in range(3)]
    run = build_host(graph, tmp_path, observed=False).run(vectors)
    for x, output in zip(vectors, run.outputs, strict=True):
        want = oracle.run([x])
        for got, expected in zip(evaluate(graph, [x]), want, strict=True):
            np.testing.assert_array_equal(got, expected)
        np.testing.assert_array_equal(output, np.concatenate([w.ravel() for w in want]))


def test_one_operator_stands_for_three() -> None:
    (op,) = read_model(MODELS["uneven"], "net").ops
    assert isinstance(op.attrs, WindowAttrs) and operator_of(op.attrs).name == "conv_2d"
    assert (op.attrs.dilation_h, op.attrs.dilation_w) == (4, 2)
    padding = (op.attrs.pad_top, op.attrs.pad_bottom, op.attrs.pad_left, op.attrs.pad_right)
    assert padding == (1, 6, 0, 1)


def damaged(deal: list[str], gather: list[str]) -> bytes:
    """Operators with too few inputs, or with the sizes of another rank."""
    tensors = [
        TensorSpec("x", (1, 9, 8, 4), "int8", **X),
        TensorSpec("dealt", (2, 5, 8, 4), "int8", **X),
        weights("w", (4, 3, 2, 4)),
        TensorSpec("made", (2, 3, 7, 4), "int8", **Y),
        TensorSpec("y", (1, 6, 7, 4), "int8", **Y),
        *(ints("block", [2, 1]), ints("pads", [[0, 1], [0, 0]]), ints("crops", [[0, 0]])),
    ]
    ops = [
        OpSpec("SPACE_TO_BATCH_ND", deal, ["dealt"]),
        OpSpec("CONV_2D", ["dealt", "w"], ["made"], VALID),
        OpSpec("BATCH_TO_SPACE_ND", gather, ["y"]),
    ]
    return build_model(tensors, ops, ["x"], ["y"])


DEAL, GATHER = ["x", "block", "pads"], ["made", "block", "crops"]


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(damaged(DEAL, GATHER), id="crops of another rank"),
        pytest.param(damaged(DEAL[:2], GATHER), id="no padding"),
        pytest.param(damaged(DEAL, GATHER[:2]), id="no crops"),
        pytest.param(damaged([], GATHER), id="dealer of nothing"),
        pytest.param(damaged(DEAL, []), id="gatherer of nothing"),
        pytest.param(image((9, 8), (2, 3), [[0, 1], [0, 1]], [[1, 0], [0, 0]]), id="negative"),
        pytest.param(sequence(also=True), id="another reader"),
    ],
)
def test_what_is_no_dilation_is_refused(model: bytes) -> None:
    text = "\n".join(check(model))
    assert "SPACE_TO_BATCH_ND 0: got an unsupported operator" in text
    assert "BATCH_TO_SPACE_ND" in text
