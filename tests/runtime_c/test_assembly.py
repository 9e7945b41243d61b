# SPDX-License-Identifier: Apache-2.0
"""What assembly in kernels relies on and a compiler has to keep."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLAGS = ("-mcpu=cortex-m4", "-mthumb", "-ffunction-sections", f"-I{ROOT / 'runtime_c/include'}")
KERNELS = {"conv_2d": "nk_tile", "depthwise_conv_2d": "nk_columns", "fully_connected": "nk_vector"}


@pytest.mark.parametrize("level", ["-Os", "-O3"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_code_that_jumps_from_adr_is_aligned(kernel: str, level: str, tmp_path: Path) -> None:
    """The linker moves a section by its alignment; adr rounds the program counter down to 4."""
    source, built = ROOT / f"runtime_c/src/kernels_dsp/{kernel}.c", tmp_path / "kernel.o"
    subprocess.run(["arm-none-eabi-gcc", *FLAGS, level, "-c", source, "-o", built], check=True)
    command = ["arm-none-eabi-objdump", "-h", built]
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.findall(rf"\.text\.{KERNELS[kernel]}_\d\w* .*2\*\*(\d)", table)
    assert found
    assert min(map(int, found)) >= 2
