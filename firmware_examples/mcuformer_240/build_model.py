# SPDX-License-Identifier: Apache-2.0
"""Builds a network of MCUFormer's search space with Keras and writes it as an int8 .tflite file.

MCUFormer (Liang et al., NeurIPS 2023) searches vision transformers for 240 x 240 pictures that
fit an STM32F746: width, depth, heads, ratio of the MLP, rank of every projection and patch size are
the arguments below. Weights are random, from a fixed seed: train what `build` returns, then
`export` it.

Run in this folder, some minutes: python build_model.py
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fashion_mnist"))  # the examples share the conversion

import int8_model  # noqa: E402

SEED = 20
SIDE, CLASSES = 240, 1000
CALIBRATION_IMAGES = 8
EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class Choice:
    """One point of the search space. `rank_ratio` is the rank of a projection relative to the
    smaller of its sides; 1 leaves it whole."""

    width: int
    depth: int
    heads: int
    mlp_ratio: float
    rank_ratio: float
    patch: int

    @property
    def tokens(self) -> int:
        """Patches and the class token."""
        return (SIDE // self.patch) ** 2 + 1


class Embedding(layers.Layer):
    """Puts the trained class token first and adds a trained vector to each token."""

    def build(self, shape: tuple[int, ...]) -> None:
        _, patches, width = shape
        self.token = self.add_weight(shape=(1, 1, width), initializer="random_normal")
        self.place = self.add_weight(shape=(1, patches + 1, width), initializer="random_normal")

    def call(self, patches: keras.KerasTensor) -> keras.KerasTensor:
        first = ops.broadcast_to(self.token, (ops.shape(patches)[0], 1, patches.shape[-1]))
        return ops.concatenate([first, patches], axis=1) + self.place


def normalize(x: keras.KerasTensor) -> keras.KerasTensor:
    """LayerNorm over the last axis; the projection that always follows holds gain and bias."""
    centred = x - ops.mean(x, -1, keepdims=True)
    variance = ops.mean(centred * centred, -1, keepdims=True)
    return centred * ops.rsqrt(variance + EPSILON)


def gelu(x: keras.KerasTensor) -> keras.KerasTensor:
    """GELU by its sigmoid form, of operators that every TFLite runtime has."""
    return x * ops.sigmoid(1.702 * x)


def project(x: keras.KerasTensor, width: int, choice: Choice) -> keras.KerasTensor:
    """A linear layer, as the product of two thin ones where the rank is lowered."""
    rank = round(choice.rank_ratio * min(x.shape[-1], width))
    if choice.rank_ratio < 1:
        x = layers.Dense(rank, use_bias=False)(x)
    return layers.Dense(width)(x)


def attention(x: keras.KerasTensor, choice: Choice) -> keras.KerasTensor:
    """Multi-head self-attention over [n, tokens, width]."""
    each = choice.width // choice.heads

    def heads(axes: tuple[int, int, int], scale: float = 1.0) -> keras.KerasTensor:
        split = ops.reshape(
            project(x, choice.width, choice) * scale, (-1, choice.tokens, choice.heads, each)
        )
        return ops.transpose(split, (0, *axes))

    query, key, value = heads((2, 1, 3), each**-0.5), heads((2, 3, 1)), heads((2, 1, 3))
    context = ops.matmul(ops.softmax(ops.matmul(query, key)), value)
    merged = ops.reshape(ops.transpose(context, (0, 2, 1, 3)), (-1, choice.tokens, choice.width))
    return project(merged, choice.width, choice)


def build(choice: Choice) -> keras.Model:
    """float32 [n, 240, 240, 3] in 0..1 to the scores of the classes."""
    image = keras.Input((SIDE, SIDE, 3))
    patches = layers.Conv2D(choice.width, choice.patch, choice.patch)(image)
    x = Embedding()(layers.Reshape((choice.tokens - 1, choice.width))(patches))
    hidden = round(choice.mlp_ratio * choice.width)
    for _ in range(choice.depth):
        x = x + attention(normalize(x), choice)
        x = x + project(gelu(project(normalize(x), hidden, choice)), choice.width, choice)
    return keras.Model(image, layers.Dense(CLASSES)(normalize(x)[:, 0]))


def export(model: keras.Model) -> bytes:
    """The model as int8 .tflite with a batch of 1, calibrated on noise from black to white."""
    shape = (CALIBRATION_IMAGES, SIDE, SIDE, 3)
    pictures = np.random.default_rng(SEED).integers(-128, 128, shape).astype(np.int8)
    return int8_model.convert(model, pictures)


def parse(arguments: list[str]) -> tuple[Choice, Path]:
    """The network asked for, and where to write it."""
    parser = argparse.ArgumentParser(description="a network of MCUFormer's search space")
    parser.add_argument("--width", type=int, choices=(168, 192, 216), default=192)
    parser.add_argument("--depth", type=int, choices=(12, 13, 14), default=12)
    parser.add_argument("--heads", type=int, choices=(3, 4), default=3)
    parser.add_argument("--mlp-ratio", type=float, choices=(3.5, 4), default=4)
    parser.add_argument("--rank-ratio", type=float, default=0.5, help="0 to 1 (default 0.5)")
    parser.add_argument("--patch", type=int, choices=(16, 20, 24, 30, 32), default=16)
    parser.add_argument("-o", "--output", type=Path, default=HERE / "mcuformer_240.tflite")
    given = vars(parser.parse_args(arguments))
    output = given.pop("output")
    if not 0 < given["rank_ratio"] <= 1:
        parser.error(f"--rank-ratio: got {given['rank_ratio']}, want more than 0, at most 1")
    return Choice(**given), output


def main(arguments: list[str]) -> None:
    """Writes the file and says what is in it."""
    choice, output = parse(arguments)
    keras.utils.set_random_seed(SEED)
    model = export(build(choice))
    output.write_bytes(model)
    print(f"{output.name}: {choice.tokens} tokens, {len(model):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
