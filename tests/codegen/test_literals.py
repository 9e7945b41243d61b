# SPDX-License-Identifier: Apache-2.0
"""Numbers as C text: what a C compiler reads is what was written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netsuke.codegen.literals import array_text, float_literal, int32_literal
from tests.support.host import WARNINGS

INT32 = st.integers(-(2**31), 2**31 - 1)
SCALES = st.floats(min_value=0, exclude_min=True, allow_infinity=False, width=32)
C_FLOAT = re.compile(r"\d+\.\d+e[+-]\d+f")


def read_int32(text: str) -> int:
    return -(2**31) if text == "INT32_MIN" else int(text)


@given(INT32)
def test_int32_round_trip(value: int) -> None:
    assert read_int32(int32_literal(value)) == value


@given(SCALES)
def test_float_round_trip(value: float) -> None:
    text = float_literal(value)
    assert C_FLOAT.fullmatch(text)
    assert np.float32(float(text[:-1])) == np.float32(value)


@given(st.lists(INT32, min_size=1, max_size=60))
def test_array_round_trip(values: list[int]) -> None:
    lines = array_text(np.array(values, np.int32)).split("\n")
    assert all(len(line) <= 96 and line.startswith("    ") for line in lines)
    items = "".join(line.strip() for line in lines).removesuffix(",").split(",")
    assert [read_int32(item) for item in items] == values


def test_a_c_compiler_reads_the_same_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    drawn = rng.integers(1, 0x7F800000, 500).astype(np.uint32).view(np.float32)  # any finite
    tiny, info = np.float32(2**-149), np.finfo(np.float32)
    floats = np.concatenate([drawn, np.array([tiny, info.tiny, info.max, 0.1, 1], np.float32)])
    ints = np.array([-(2**31), -(2**31) + 1, -1, 0, 2**31 - 1], np.int32)
    source = tmp_path / "numbers.c"
    source.write_text(
        "#include <stdint.h>\n#include <stdio.h>\n"
        f"static const float f[] = {{{','.join(map(float_literal, floats.tolist()))}}};\n"
        f"static const int32_t i[] = {{\n{array_text(ints)}\n}};\n"
        "int main(void)\n{\n    fwrite(f, 1, sizeof f, stdout);\n"
        "    fwrite(i, 1, sizeof i, stdout);\n    return 0;\n}\n"
    )
    program = tmp_path / "numbers"
    subprocess.run(["gcc", *WARNINGS, source, "-o", program], check=True)
    read = subprocess.run([program], check=True, capture_output=True).stdout
    assert read == floats.tobytes() + ints.tobytes()
