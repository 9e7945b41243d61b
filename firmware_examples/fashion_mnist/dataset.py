# SPDX-License-Identifier: Apache-2.0
"""Fashion-MNIST (Zalando SE, MIT licence) as Debian ships it, in the int8 form the models take.

A pixel of the dataset is 0 to 255 and a model's input means pixel / 255, so with scale 1/255 and
zero point -128 the quantized pixel is pixel - 128: exact, and reversible.

python dataset.py FILE.npz writes the test images for `netsuke validate --dataset`.
"""

from __future__ import annotations

import gzip
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netsuke.compiler.errors import InputError, NetsukeError, ToolError

FOLDER = Path("/usr/share/datasets/fashion-mnist")
PACKAGE = "dataset-fashion-mnist"
LABEL_NAMES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
UINT8_VECTOR, UINT8_IMAGES = 0x0801, 0x0803  # magic numbers of the idx format


@dataclass(frozen=True, slots=True)
class Split:
    """One half of the dataset: `images` int8 [n, 28, 28, 1], `labels` uint8 [n] (0 to 9)."""

    images: NDArray[np.int8]
    labels: NDArray[np.uint8]


def read_idx(path: Path, magic: int) -> NDArray[np.uint8]:
    """Reads a gzipped idx file of bytes: big-endian magic, one uint32 for each dimension, data.

    Raises ToolError when the file is absent and InputError when it is not what `magic` says.
    """
    if not path.is_file():
        raise ToolError(str(path), "no such file", hint=f"apt install {PACKAGE}")
    data = gzip.decompress(path.read_bytes())
    got = int.from_bytes(data[:4], "big")
    if got != magic:
        raise InputError(str(path), f"idx magic {got:#06x}", f"{magic:#06x}")
    dimensions = magic & 0xFF
    shape = np.frombuffer(data, ">u4", dimensions, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def quantize(pixels: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Pixels 0..255 to int8 with scale 1/255 and zero point -128; same shape."""
    return (pixels ^ np.uint8(0x80)).view(np.int8)


def load(split: str, folder: Path = FOLDER) -> Split:
    """Loads "train" (60,000 images) or "t10k" (the 10,000 test images), in the file's order.

    Raises ToolError (exit status 3), naming the Debian package, when the files are absent.
    """
    images = read_idx(folder / f"{split}-images-idx3-ubyte.gz", UINT8_IMAGES)
    labels = read_idx(folder / f"{split}-labels-idx1-ubyte.gz", UINT8_VECTOR)
    return Split(quantize(images)[..., np.newaxis], labels)


def one_of_each(split: Split) -> NDArray[np.int8]:
    """The first image of every label: int8 [10, 28, 28, 1], the index being the label."""
    first = [int(np.flatnonzero(split.labels == label)[0]) for label in range(len(LABEL_NAMES))]
    return split.images[first]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python dataset.py FILE.npz")
    try:
        test = load("t10k")
    except NetsukeError as error:
        print(f"dataset.py: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    np.savez(sys.argv[1], x=test.images, y=test.labels)
