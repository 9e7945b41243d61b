# SPDX-License-Identifier: Apache-2.0
"""From a trained Keras model to an int8 .tflite file, and its accuracy by the reference.

Needs the extras [keras] (tensorflow) for `convert` and [validate] (tflite-micro) for `accuracy`.
"""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
import tflite
from numpy.typing import NDArray
from tflite_micro.python.tflite_micro import runtime

CALIBRATION_IMAGES = 500  # ranges of activations have settled by then; more only costs time
TFLM_ARENA_BYTES = 4 << 20  # the reference's working memory on the host, never a limit here

TYPE_NAMES = {
    value: name.lower() for name, value in vars(tflite.TensorType).items() if name.isupper()
}
OPERATOR_NAMES = {
    value: name for name, value in vars(tflite.BuiltinOperator).items() if name.isupper()
}


def to_float(images: NDArray[np.int8]) -> NDArray[np.float32]:
    """int8 images to the 0..1 range the float model was trained on; same shape."""
    return (images.astype(np.float32) + 128) / 255


def convert(model: keras.Model, images: NDArray[np.int8]) -> bytes:
    """Quantizes `model` to int8 throughout, input and output included, at a fixed batch of 1.

    `images` int8 [n, 28, 28, 1] calibrate the activations. Fails when an operator has no int8
    form, rather than leaving a float island in the graph.
    """
    image = keras.Input(images.shape[1:], batch_size=1)
    fixed = keras.Model(image, model(image, training=False))
    converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8

    def calibration() -> Iterator[list[NDArray[np.float32]]]:
        for image in images[:CALIBRATION_IMAGES]:
            yield [to_float(image[np.newaxis])]

    converter.representative_dataset = calibration
    return bytes(converter.convert())


def accuracy(model: bytes, images: NDArray[np.int8], labels: NDArray[np.uint8]) -> float:
    """Share of `images` that tflite-micro's interpreter, running `model`, labels right: 0 to 1."""
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=TFLM_ARENA_BYTES)
    right = 0
    for image, label in zip(images, labels, strict=True):
        interpreter.set_input(image[np.newaxis], 0)
        interpreter.invoke()
        right += int(np.argmax(interpreter.get_output(0)) == label)
    return right / len(labels)


def describe(model: bytes) -> list[str]:
    """One line for each operator of the first subgraph: name, input and output types and shapes."""
    file = tflite.Model.GetRootAsModel(model, 0)
    graph = file.Subgraphs(0)

    def tensor(index: int) -> str:
        if index < 0:
            return "-"
        found = graph.Tensors(index)
        shape = "x".join(map(str, found.ShapeAsNumpy())) if found.ShapeLength() else "scalar"
        return f"{TYPE_NAMES[found.Type()]} {shape}"

    lines = []
    for i in range(graph.OperatorsLength()):
        op = graph.Operators(i)
        code = file.OperatorCodes(op.OpcodeIndex())
        name = OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs = ", ".join(tensor(index) for index in op.InputsAsNumpy())
        outputs = ", ".join(tensor(index) for index in op.OutputsAsNumpy())
        lines.append(f"{i:3} {name}: {inputs} -> {outputs}")
    return lines
