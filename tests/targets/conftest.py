# SPDX-License-Identifier: Apache-2.0
"""Firmware of the models written by hand, built once for each target."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from netsuke.targets.firmware import Firmware, build_firmware
from netsuke.targets.target import find_target

FOLDER = Path(__file__).parent / "firmware"
PLUS_ONE_BYTES = 1200

Build = Callable[[str, str], Firmware]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return a function that builds firmware/glue_<model>.c for a target, both by name."""

    @functools.cache
    def build_once(model: str, target: str) -> Firmware:
        return build_firmware(
            [FOLDER / f"glue_{model}.c"],
            [],
            find_target(target),
            tmp_path_factory.mktemp(f"{model}_{target}"),
            optimize="speed",
        )

    return build_once


def plus_one(data: bytes, inferences: int) -> tuple[npt.NDArray[np.uint8], ...]:
    """Return the three layers' outputs of glue_plus_one.c, computed with Python's integers."""
    first = [(value + 1) % 256 for value in data]
    second = [-value % 256 for value in first]
    weights = (1, 2, 3)
    third = [(value + i + (weights[i] if i < 3 else 0)) % 256 for i, value in enumerate(second)]
    third[-1] = inferences % 256
    return tuple(np.array(layer, np.uint8) for layer in (first, second, third))
