# SPDX-License-Identifier: Apache-2.0
"""What the examples on Fashion-MNIST do alike when they train a model and write it as int8.

Needs the extras [keras] and [validate].
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import dataset
import int8_model
import keras
import numpy as np
import tensorflow as tf

from netsuke.compiler.errors import NetsukeError

SEED = 20
BATCH = 128

Augment = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
"""Changes a batch of images [n, 28, 28, 1], and passes their labels on."""


def cosine(
    split: dataset.Split, epochs: int, peak: float, warmup_steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """A learning rate that rises to `peak` and falls to nothing along a cosine, over `epochs`."""
    steps = epochs * -(-len(split.labels) // BATCH)
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=peak, warmup_steps=warmup_steps
    )


def fit(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    split: dataset.Split,
    augment: Augment,
    epochs: int,
) -> None:
    """Trains `model`, float32 [n, 28, 28, 1] in 0..1 to 10 probabilities, on the whole split."""
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    pairs = (int8_model.to_float(split.images), split.labels.astype(np.int32))
    data = tf.data.Dataset.from_tensor_slices(pairs).shuffle(len(split.labels), seed=SEED)
    model.fit(data.batch(BATCH).map(augment).prefetch(2), epochs=epochs, verbose=2)


def train_and_write(train: Callable[[dataset.Split], keras.Model], path: Path) -> None:
    """Writes what `train` makes of the training images to `path` (int8, .tflite); prints its
    operators, size and accuracy. The same versions of all packages give the same file."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    try:
        training, test = dataset.load("train"), dataset.load("t10k")
        model = int8_model.convert(train(training), training.images)
        path.write_bytes(model)
        print(*int8_model.describe(model), sep="\n")
        share = int8_model.accuracy(model, test.images, test.labels)
        print(f"{len(model)} bytes, int8 accuracy over {len(test.labels)} test images: {share:.2%}")
    except NetsukeError as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
