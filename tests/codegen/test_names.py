# SPDX-License-Identifier: Apache-2.0
"""Names that a model file gives its tensors come from strangers: generated files hold none."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from netsuke.codegen.export import FORMATS, SOURCES, export
from netsuke.compiler.driver import Options, c_files, compile_graph
from netsuke.targets.target import find_target
from tests.support.tflite_builder import OpSpec, TensorSpec, build_model

HOSTILE = "../../x*/ #error\n\\\x1b[2J</script>]]>'&\"${HOME}$(id){{7*7}}\u202egnp" + "n" * 10_000


def files(folder: Path, kind: str, extra: str) -> dict[str, bytes]:
    """What is written for a convolution whose tensors' names end in `extra`, hashes of the model
    file and the archive of all other files left out."""
    x, w, y = (letter + extra for letter in "xwy")
    data = build_model(
        [
            TensorSpec(x, (1, 4, 5, 2), scale=0.5, zero_point=-3),
            TensorSpec(w, (3, 1, 1, 2), scale=[0.1, 0.2, 0.3], data=np.arange(6, dtype=np.int8)),
            TensorSpec(y, (1, 4, 5, 3), scale=0.7, zero_point=5),
        ],
        [OpSpec("CONV_2D", [x, w], [y], {"padding": "SAME", "stride_w": 1, "stride_h": 1})],
        [x],
        [y],
    )
    folder.mkdir()
    path = folder / "net.tflite"
    path.write_bytes(data)
    options = Options()
    compiled = compile_graph(path, find_target("mps2-an386"), options, lambda _: None)
    hashes = re.compile(rf"{compiled.origin.sha256}|_STAMP (?:!= )?\S+".encode())
    found = export(*c_files(compiled, options), kind)
    return {name: hashes.sub(b"", text) for name, text in found.items() if ".pack" not in name}


@pytest.mark.parametrize("kind", [*FORMATS, SOURCES])
def test_names_of_tensors_leave_no_trace(kind: str, tmp_path: Path) -> None:
    assert files(tmp_path / "a", kind, "") == files(tmp_path / "b", kind, HOSTILE)
