# SPDX-License-Identifier: Apache-2.0
"""SUB: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.compiler.ops.base import Isa
from tests.support.op_cases import c_equals_oracle, equals_oracle
from tests.support.shared_cases import arithmetic

CASES = arithmetic("SUB")


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


@pytest.mark.parametrize("isa", ["portable", "dsp"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path, isa)
