# SPDX-License-Identifier: Apache-2.0
"""Trains a depthwise-separable CNN on Fashion-MNIST and writes fashion_mnist.tflite (int8), with
the sample images images.npy and ankle_boot.npy.

Run in this folder, some minutes on two cores: python train.py
"""

from __future__ import annotations

from pathlib import Path

import dataset
import keras
import numpy as np
import tensorflow as tf
import training
from keras import layers

HERE = Path(__file__).parent
EPOCHS = 14
PEAK_RATE = 6e-3
WARMUP_STEPS = 400


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
    """Trains on the whole split with Adam."""
    model = build()
    rate = training.cosine(split, EPOCHS, PEAK_RATE, WARMUP_STEPS)
    training.fit(model, keras.optimizers.Adam(rate), split, augment, EPOCHS)
    return model


if __name__ == "__main__":
    training.train_and_write(train, HERE / "fashion_mnist.tflite")
    samples = dataset.one_of_each(dataset.load("t10k"))
    np.save(HERE / "images.npy", samples)
    np.save(HERE / "ankle_boot.npy", samples[9:])
