# SPDX-License-Identifier: Apache-2.0
"""Every operator has all its parts: cases, constraints that say what they want, kernel, header."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tflite

from netsuke.compiler.ir import Graph
from netsuke.compiler.ops.base import KernelCall, Operator
from netsuke.compiler.ops.registry import by_builtin, operators
from tests.support.op_cases import Case, graph_of

ROOT = Path(__file__).parents[3]
RUNTIME = ROOT / "runtime_c"

NO_KERNEL = {"dequantize", "square"}
"""In float32: passes take it away."""

BETWEEN_OTHERS = {"square"}
"""Cases of one operator alone are refused; their tests make chains."""

CASES_BY_TESTS_OF_PRODUCTS = {"conv_2d", "depthwise_conv_2d", "fully_connected"}
"""Their tables are in the tests of convolutions and matrix products."""


def _tables() -> Iterator[Case]:
    """The cases of every test module of operators."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.stem == Path(__file__).stem:
            continue
        module = importlib.import_module(f"tests.compiler.ops.{path.stem}")
        for table in (getattr(module, "CASES", {}), getattr(module, "EDGES", {})):
            yield from (case for case in table.values() if isinstance(case, Case))


BY_BUILTIN: dict[str, Case] = {}
for _case in _tables():
    BY_BUILTIN.setdefault(_case.builtin, _case)

IN_FILES = [o for o in by_builtin().values() if o.name not in CASES_BY_TESTS_OF_PRODUCTS]
COMPUTED = [
    o for o in IN_FILES if o.builtin in BY_BUILTIN and not o.is_view and o.name not in NO_KERNEL
]


def _call(operator: Operator[Any]) -> KernelCall:
    graph: Graph = graph_of({"case": BY_BUILTIN[operator.builtin]})
    op = graph.ops[0]
    inputs, out = graph.input_tensors(op), graph.output(op)
    return operator.kernel(op.attrs, inputs, out, "portable", 1)


def _fields(header: str, struct: str) -> list[str]:
    """The fields of a struct, in order, whether the header lays it out or another one that it
    includes, which it then names by a typedef."""
    text = (RUNTIME / f"include/netsuke/{header}.h").read_text()
    if other := re.search(rf"^typedef nk_(\w+) {struct};$", text, re.MULTILINE):
        assert f'#include "netsuke/{other[1]}.h"' in text
        return _fields(other[1], f"nk_{other[1]}")
    body = text[text.index("typedef struct {") : text.index(f"}} {struct};")]
    return [line.rstrip(";").split()[-1].lstrip("*") for line in body.splitlines() if ";" in line]


@pytest.mark.parametrize("operator", operators(), ids=lambda o: o.name)
def test_names_agree(operator: Operator[Any]) -> None:
    assert type(operator).__module__.endswith(f".{operator.name}")
    assert operator.internal or hasattr(tflite.BuiltinOperator, operator.builtin)
    assert operator.internal or operator.builtin == operator.name.upper()


@pytest.mark.parametrize("operator", IN_FILES, ids=lambda o: o.name)
def test_it_has_cases(operator: Operator[Any]) -> None:
    assert operator.builtin in BY_BUILTIN or operator.name in BETWEEN_OTHERS


@pytest.mark.parametrize("operator", operators(), ids=lambda o: o.name)
def test_constraints_say_what_they_want(operator: Operator[Any]) -> None:
    assert operator.constraints
    for constraint in operator.constraints:
        text = (constraint.__doc__ or "").strip()
        assert (" must " in text or " may " in text) and not text.endswith("."), constraint


@pytest.mark.parametrize("operator", COMPUTED, ids=lambda o: o.name)
def test_kernel_and_header_belong_together(operator: Operator[Any]) -> None:
    call = _call(operator)
    header = (RUNTIME / f"include/netsuke/{call.header}.h").read_text()
    source = (RUNTIME / "src" / call.source).read_text()
    assert f'#include "netsuke/{call.header}.h"' in source
    assert f"void {call.function}(" in header and f"void {call.function}(" in source
    assert ("int32_t row)" in header) == call.takes_row
    assert _fields(call.header, call.struct) == [name for name, _ in call.params]
    if call.reduce is not None:
        assert call.reduce.accumulate in source and call.reduce.finish in source
