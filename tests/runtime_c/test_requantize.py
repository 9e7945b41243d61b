# SPDX-License-Identifier: Apache-2.0
"""The rescaling of the DSP kernels, one rounding fewer than TFLite's, gives the same bytes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def sweep(directory: Path, count: int, seed: int) -> None:
    program = directory / "sweep"
    source = ROOT / "tests/runtime_c/requantize_sweep.c"
    include = f"-I{ROOT / 'runtime_c/include'}"
    subprocess.run(["gcc", "-std=gnu99", "-O2", include, source, "-o", program], check=True)
    done = subprocess.run([program, str(count), str(seed)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_equals_two_roundings(tmp_path: Path) -> None:
    sweep(tmp_path, 5_000_000, 1)


@pytest.mark.slow
def test_equals_two_roundings_a_billion_times(tmp_path: Path) -> None:
    sweep(tmp_path, 1_000_000_000, 2)
