# SPDX-License-Identifier: Apache-2.0
"""Trains a depthwise-separable CNN on Fashion-MNIST and writes fashion_mnist.tflite (int8).

Run in this folder, some minutes on two cores: python train.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import dataset
import int8_model
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from netsuke.compiler.errors import NetsukeError

HERE = Path(__file__).parent
SEED = 20
EPOCHS = 14
BATCH = 128
PEAK_RATE = 6e-3


def separable(x: keras.KerasTensor, channels: int, stride: int) -> keras.KerasTensor:
    """Depthwise 3x3, then pointwise to `channels`; batch norms fold into the weights."""
    x = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.Conv2D(channels, 1, use_bias=False)(x)
    return layers.ReLU(6.0)(layers.BatchNormalization()(x))


def build() -> keras.Model:
    """float32 [n, 28, 28, 1] in 0..1 to the probabilities of the 10 labels."""
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(image)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    for channels, stride in ((32, 2), (48, 1), (64, 2), (96, 1)):
        x = separable(x, channels, stride)
    x = layers.AveragePooling2D(7)(x)
    x = layers.Reshape((96,))(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(layers.Dropout(0.2)(x)))


def augment(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mirrors, and shifts by up to two pixels, a batch of images [n, 28, 28, 1]."""
    padded = tf.pad(tf.image.random_flip_left_right(image), [[0, 0], [2, 2], [2, 2], [0, 0]])
    return tf.image.random_crop(padded, tf.shape(image)), label


def train(split: dataset.Split) -> keras.Model:
    """Trains on the whole split: Adam, learning rate falling to nothing along a cosine."""
    model = build()
    steps = EPOCHS * -(-len(split.labels) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=PEAK_RATE, warmup_steps=400
    )
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    pairs = (int8_model.to_float(split.images), split.labels.astype(np.int32))
    data = tf.data.Dataset.from_tensor_slices(pairs).shuffle(len(split.labels), seed=SEED)
    model.fit(data.batch(BATCH).map(augment).prefetch(2), epochs=EPOCHS, verbose=2)
    return model


def main() -> None:
    """Writes fashion_mnist.tflite and the sample images, prints operators and accuracy."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    training, test = dataset.load("train"), dataset.load("t10k")
    model = int8_model.convert(train(training), training.images)
    (HERE / "fashion_mnist.tflite").write_bytes(model)
    samples = dataset.one_of_each(test)
    np.save(HERE / "images.npy", samples)
    np.save(HERE / "ankle_boot.npy", samples[9:])
    print(*int8_model.describe(model), sep="\n")
    share = int8_model.accuracy(model, test.images, test.labels)
    print(f"{len(model)} bytes, int8 accuracy over {len(test.labels)} test images: {share:.2%}")


if __name__ == "__main__":
    try:
        main()
    except NetsukeError as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
