# SPDX-License-Identifier: Apache-2.0
"""Trains a small vision transformer on Fashion-MNIST and writes vit_fashion_mnist.tflite (int8).

Run in this folder, about a quarter of an hour on two cores: python train.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import tensorflow as tf
from keras import layers, ops

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fashion_mnist"))  # the examples share dataset and training

import dataset  # noqa: E402
import training  # noqa: E402

EPOCHS = 20
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.05
WARMUP_STEPS = 300

PATCH = 4
TOKENS = (28 // PATCH) ** 2
WIDTH = 48
HEADS = 3
DEPTH = 3
HIDDEN = 3 * WIDTH
EPSILON = 1e-3


class PositionEmbedding(layers.Layer):
    """Adds a trained vector to each token: [n, TOKENS, WIDTH], same shape out."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.embedding = self.add_weight(shape=(1, *shape[1:]), initializer="random_normal")

    def call(self, tokens: keras.KerasTensor) -> keras.KerasTensor:
        return tokens + self.embedding


def normalize(x: keras.KerasTensor) -> keras.KerasTensor:
    """LayerNorm over the last axis, spelled out because Keras' own leaves a float island in int8.

    It has no gain and no bias: a Dense layer always follows, and its weights can hold both.
    """
    centred = x - ops.mean(x, -1, keepdims=True)
    variance = ops.mean(centred * centred, -1, keepdims=True)
    return centred * ops.rsqrt(variance + EPSILON)


def heads(x: keras.KerasTensor, axes: tuple[int, int, int]) -> keras.KerasTensor:
    """[n, TOKENS, WIDTH] cut into heads; its token, head and feature axes in the order `axes`."""
    return ops.transpose(ops.reshape(x, (-1, TOKENS, HEADS, WIDTH // HEADS)), (0, *axes))


def attention(x: keras.KerasTensor) -> keras.KerasTensor:
    """Multi-head self-attention over [n, TOKENS, WIDTH]; the scale folds into the query weights."""
    query = heads(layers.Dense(WIDTH)(x) * (WIDTH // HEADS) ** -0.5, (2, 1, 3))
    key = heads(layers.Dense(WIDTH)(x), (2, 3, 1))
    value = heads(layers.Dense(WIDTH)(x), (2, 1, 3))
    context = ops.matmul(ops.softmax(ops.matmul(query, key)), value)
    merged = ops.reshape(ops.transpose(context, (0, 2, 1, 3)), (-1, TOKENS, WIDTH))
    return layers.Dense(WIDTH)(merged)


def mlp(x: keras.KerasTensor) -> keras.KerasTensor:
    """Two layers for each token alone; ReLU fuses into the first, GELU would be three operators."""
    return layers.Dense(WIDTH)(layers.Dense(HIDDEN, activation="relu")(x))


def build() -> keras.Model:
    """float32 [n, 28, 28, 1] in 0..1 to the probabilities of the 10 labels."""
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(WIDTH, PATCH, PATCH)(image)
    x = PositionEmbedding()(layers.Reshape((TOKENS, WIDTH))(x))
    for _ in range(DEPTH):
        x = x + layers.Dropout(0.05)(attention(normalize(x)))
        x = x + layers.Dropout(0.05)(mlp(normalize(x)))
    x = ops.mean(normalize(x), axis=1)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


def augment(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mirrors half of a batch of images [n, 28, 28, 1]."""
    return tf.image.random_flip_left_right(image), label


def train(split: dataset.Split) -> keras.Model:
    """Trains on the whole split with AdamW."""
    model = build()
    rate = training.cosine(split, EPOCHS, PEAK_RATE, WARMUP_STEPS)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY)
    training.fit(model, optimizer, split, augment, EPOCHS)
    return model


if __name__ == "__main__":
    training.train_and_write(train, HERE / "vit_fashion_mnist.tflite")
