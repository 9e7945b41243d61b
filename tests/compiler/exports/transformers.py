# SPDX-License-Identifier: Apache-2.0
"""Exports small int8 vision transformers, one for each way that attention is commonly written.

    pip install '.[keras]'
    python tests/compiler/exports/transformers.py

writes tests/data/exports/*.tflite. Weights are random from a fixed seed: what is tested is the
operators that TensorFlow's converter makes of each form, not what a network has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

OUT = Path(__file__).parents[2] / "data" / "exports"
SEED = 5

IMAGE = (16, 12, 3)
PATCH = 4
TOKENS = (IMAGE[0] // PATCH) * (IMAGE[1] // PATCH)
WIDTH = 24
HEADS = 3
SIZE = WIDTH // HEADS
HIDDEN = 40
CLASSES = 7
CALIBRATION = 16

Tokens = keras.KerasTensor
Layer = Callable[[Tokens], Tokens]
"""[n, tokens, WIDTH] to the same shape."""


class Constant(layers.Layer):
    """Holds one trained tensor of `shape` and combines it with its input by `function`."""

    def __init__(
        self, shape: tuple[int, ...], function: Callable[[Tokens, Tokens], Tokens]
    ) -> None:
        super().__init__()
        self.held = self.add_weight(shape=shape, initializer="random_normal")
        self.function = function

    def call(self, x: Tokens) -> Tokens:
        return self.function(x, self.held)


def keras_norm(x: Tokens) -> Tokens:
    """Keras' own LayerNorm; in int8 it leaves DEQUANTIZE, NEG, QUANTIZE in the graph."""
    return layers.LayerNormalization(epsilon=1e-3)(x)


def plain_norm(x: Tokens) -> Tokens:
    """LayerNorm without gain and bias, spelled out."""
    centred = x - ops.mean(x, -1, keepdims=True)
    return centred * ops.rsqrt(ops.mean(centred * centred, -1, keepdims=True) + 1e-3)


def divided_norm(x: Tokens) -> Tokens:
    """LayerNorm as textbooks write it, with a square root and a division."""
    centred = x - ops.mean(x, -1, keepdims=True)
    return centred / ops.sqrt(ops.mean(ops.square(centred), -1, keepdims=True) + 1e-3)


def keras_attention(x: Tokens) -> Tokens:
    """Keras' own layer."""
    return layers.MultiHeadAttention(HEADS, SIZE)(x, x)


def einsum_attention(x: Tokens) -> Tokens:
    """Einsum throughout, heads in the weights' own axis."""
    query, key, value = (
        layers.EinsumDense("nte,ehd->nthd", (None, HEADS, SIZE), bias_axes="hd")(x)
        for _ in range(3)
    )
    scores = ops.softmax(ops.einsum("nqhd,nkhd->nhqk", query, key) * SIZE**-0.5)
    context = ops.einsum("nhqk,nkhd->nqhd", scores, value)
    return layers.EinsumDense("nthd,hde->nte", (None, WIDTH), bias_axes="e")(context)


def sliced_attention(x: Tokens) -> Tokens:
    """Each head by itself: slices of the projections, contexts concatenated."""
    query, key, value = (layers.Dense(WIDTH)(x) for _ in range(3))
    contexts = []
    for first in range(0, WIDTH, SIZE):
        q, k, v = (t[:, :, first : first + SIZE] for t in (query, key, value))
        scores = ops.softmax(ops.matmul(q, ops.transpose(k, (0, 2, 1))) * SIZE**-0.5)
        contexts.append(ops.matmul(scores, v))
    return layers.Dense(WIDTH)(ops.concatenate(contexts, -1))


def _merged(query: Tokens, key: Tokens, value: Tokens) -> Tokens:
    """Attention of [n, HEADS, tokens, SIZE] (key: [n, HEADS, SIZE, tokens]) with its projection."""
    context = ops.matmul(ops.softmax(ops.matmul(query, key) * SIZE**-0.5), value)
    tokens = context.shape[2]
    return layers.Dense(WIDTH)(
        ops.reshape(ops.transpose(context, (0, 2, 1, 3)), (-1, tokens, WIDTH))
    )


def joint_attention(x: Tokens) -> Tokens:
    """One projection for queries, keys and values, cut apart afterwards, as in timm."""
    tokens = x.shape[1]
    joint = ops.reshape(layers.Dense(3 * WIDTH)(x), (-1, tokens, 3, HEADS, SIZE))
    query, key, value = ops.unstack(ops.transpose(joint, (2, 0, 3, 1, 4)), axis=0)
    return _merged(query, ops.transpose(key, (0, 1, 3, 2)), value)


def split_attention(x: Tokens) -> Tokens:
    """One projection, split along features."""
    tokens = x.shape[1]
    parts = ops.split(layers.Dense(3 * WIDTH)(x), 3, axis=-1)
    query, key, value = (ops.reshape(p, (-1, tokens, HEADS, SIZE)) for p in parts)
    first = (0, 2, 1, 3)
    return _merged(
        ops.transpose(query, first), ops.transpose(key, (0, 2, 3, 1)), ops.transpose(value, first)
    )


def masked_attention(x: Tokens) -> Tokens:
    """One head, low-rank projections, a constant mask over the scores."""
    query, key, value = (layers.Dense(WIDTH)(layers.Dense(SIZE, use_bias=False)(x)) for _ in "qkv")
    mask = np.triu(np.full((TOKENS, TOKENS), -6, np.float32), 1)[np.newaxis]
    scores = ops.matmul(query, ops.transpose(key, (0, 2, 1))) * WIDTH**-0.5 + mask
    return layers.Dense(WIDTH)(ops.matmul(ops.softmax(scores), value))


def mlp(activation: Layer) -> Layer:
    """The two layers for each token alone."""
    return lambda x: layers.Dense(WIDTH)(activation(layers.Dense(HIDDEN)(x)))


def exact_gelu(x: Tokens) -> Tokens:
    """GELU with erf."""
    return ops.gelu(x, approximate=False)


def tanh_gelu(x: Tokens) -> Tokens:
    """GELU's approximation with tanh."""
    return ops.gelu(x, approximate=True)


def mean_pooled(x: Tokens) -> Tokens:
    """The mean of all tokens."""
    return ops.mean(x, axis=1)


def class_pooled(x: Tokens) -> Tokens:
    """The first token."""
    return x[:, 0]


def with_class_token(x: Tokens) -> Tokens:
    """A trained token before the others."""
    return Constant((1, 1, WIDTH), lambda t, token: ops.concatenate([token, t], 1))(x)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a vision transformer."""

    norm: Layer
    attention: Layer
    activation: Layer
    pool: Layer = mean_pooled
    prepare: Layer = lambda x: x
    edge: tf.DType = tf.int8


FORMS = {
    "keras_attention": Form(keras_norm, keras_attention, ops.relu),
    "einsum_hard_swish": Form(plain_norm, einsum_attention, ops.hard_swish),
    "head_slices_tanh_gelu": Form(plain_norm, sliced_attention, tanh_gelu, edge=tf.float32),
    "class_token_gelu": Form(
        keras_norm, joint_attention, exact_gelu, class_pooled, with_class_token
    ),
    "split_relu6": Form(divided_norm, split_attention, ops.relu6),
    "masked_low_rank_silu": Form(plain_norm, masked_attention, ops.silu),
}


def build(form: Form) -> keras.Model:
    """float32 [1, *IMAGE] to the probabilities of CLASSES."""
    image = keras.Input(IMAGE, batch_size=1)
    x = layers.Reshape((TOKENS, WIDTH))(layers.Conv2D(WIDTH, PATCH, PATCH)(image))
    x = form.prepare(x)
    x = Constant((1, *x.shape[1:]), lambda tokens, position: tokens + position)(x)
    x = x + form.attention(form.norm(x))
    x = x + mlp(form.activation)(form.norm(x))
    x = form.pool(form.norm(x))
    return keras.Model(image, layers.Dense(CLASSES, activation="softmax")(x))


def convert(model: keras.Model, edge: tf.DType) -> bytes:
    """`model` in int8, calibrated with random images; its inputs and outputs of type `edge`."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = edge

    def calibration() -> Iterator[list[np.ndarray]]:
        rng = np.random.default_rng(SEED)
        for _ in range(CALIBRATION):
            yield [rng.uniform(-1, 1, (1, *IMAGE)).astype(np.float32)]

    converter.representative_dataset = calibration
    return bytes(converter.convert())


def main() -> None:
    """Writes one file for each form."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name, form in FORMS.items():
        keras.utils.set_random_seed(SEED)
        (OUT / f"{name}.tflite").write_bytes(convert(build(form), form.edge))


if __name__ == "__main__":
    main()
