# SPDX-License-Identifier: Apache-2.0
"""GELU equals TensorFlow Lite's reference kernel; tflite-micro has none.

gelu_tables.json holds what TensorFlow 2.21 computes for all 256 inputs with
OpResolverType.BUILTIN_REF.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate
from tests.support.host import build_host
from tests.support.op_cases import Case, graph_of, t

TABLES = json.loads((Path(__file__).parent / "gelu_tables.json").read_text())
ALL = np.arange(-128, 128, dtype=np.int8).reshape(1, 256)


def case_of(golden: dict[str, Any]) -> Case:
    source = t((1, 256), golden["scale"], golden["zero_point"])
    out = t((1, 256), golden["out_scale"], golden["out_zero_point"])
    return Case("GELU", [source], out, {"approximate": golden["approximate"]})


CASES = {str(i): case_of(golden) for i, golden in enumerate(TABLES)}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_reference(name: str) -> None:
    (got,) = evaluate(graph_of({name: CASES[name]}), [ALL])
    assert got.ravel().tolist() == TABLES[int(name)]["table"]


def test_c_equals_reference(tmp_path: Path) -> None:
    host = build_host(graph_of(CASES), tmp_path, observed=False)
    (output,) = host.run([np.concatenate([ALL.ravel()] * len(CASES))]).outputs
    assert output.tolist() == [n for golden in TABLES for n in golden["table"]]
