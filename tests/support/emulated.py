# SPDX-License-Identifier: Apache-2.0
"""Cases of operators, computed on an emulated Cortex-M4."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from netsuke.codegen.c_model import Optimize
from netsuke.compiler.boards import Place, validate
from netsuke.compiler.driver import Options
from netsuke.targets.target import find_target
from tests.support.op_cases import Case, model_of


def emulated_mismatches(cases: Mapping[str, Case], directory: Path, optimize: Optimize) -> int:
    """How many bytes differ from the oracle's. One firmware holds all cases."""
    path = directory / "layers.tflite"
    path.write_bytes(model_of(cases))
    place = Place(find_target("mps2-an386"), None)
    found = validate(path, place, Options(optimize), lambda _: None, count=2, seed=5, layers=False)
    return int(found["bytes_mismatched"])
