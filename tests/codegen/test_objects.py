# SPDX-License-Identifier: Apache-2.0
"""What generated C is once compiled for the target: no heap, recursion or state, nothing exported.

Read off the object files and GCC's call graphs, for each level and for clang, whose warnings are
errors as those of GCC.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import networkx as nx
import pytest

from firmware_examples.fashion_mnist import dataset
from netsuke.targets.stack import CALL_GRAPH_FLAG, stack_bytes
from tests.codegen.test_generated import compile_in
from tests.support.host import ROOT, WARNINGS

EXAMPLES = Path(dataset.__file__).parents[1]
WAYS = [
    ("fashion_mnist", "speed", "streamed"),
    ("fashion_mnist", "size", "resident"),
    ("vit_fashion_mnist", "speed", "resident"),
]
CORE = ("-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
LIBRARY = {"memcpy", "memset", "memmove", "memcmp"}
"""And the compiler's own helpers, __aeabi_..."""


@pytest.fixture(scope="module", params=WAYS, ids="-".join)
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a model, compiled for an emulated Cortex-M4 as product code."""
    model, optimize, feed = request.param
    options = ("-t", "mps2-an386", "--optimize", optimize, "--input", feed)
    folder = tmp_path_factory.mktemp(f"{model}_{optimize}_{feed}")
    return compile_in(folder, (EXAMPLES / model / f"{model}.tflite").read_bytes(), *options)


def sources(out: Path) -> list[Path]:
    """The model's C files; the first includes the kernels."""
    return [out / "net.c", out / "net_weights.c"]


def compiled(out: Path, directory: Path, *command: str) -> list[Path]:
    """The object files, in `directory`."""
    for source in sources(out):
        target = directory / f"{source.parent.name}_{source.stem}.o"
        places = [f"-I{out}", f"-I{out / 'runtime'}", f"-I{out / 'runtime/include'}"]
        arguments = [*command, *WARNINGS, *places, "-c", str(source), "-o", str(target)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
    return sorted(directory.glob("*.o"))


def clang_for_arm() -> list[str]:
    """clang takes the C library's headers from the cross compiler."""
    if shutil.which("clang") is None:
        pytest.skip("no clang on this machine")
    asked = ["arm-none-eabi-gcc", "-M", "-xc", "-"]
    said = subprocess.run(
        asked, input="#include <string.h>", capture_output=True, text=True, check=True
    ).stdout
    place = re.findall(r"(\S+)/string\.h", said)[0]
    return ["clang", "--target=arm-none-eabi", f"-isystem{place}"]


def symbols(objects: list[Path], *options: str) -> set[str]:
    listing = ["arm-none-eabi-nm", *options, *map(str, objects)]
    found = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in found.splitlines() if line and not line.endswith(":")}


@pytest.mark.parametrize("level", ["-O2", "-Os", "clang -O2"])
def test_objects(level: str, generated: Path, tmp_path: Path) -> None:
    by_clang = level.startswith("clang")
    compiler = clang_for_arm() if by_clang else ["arm-none-eabi-gcc", CALL_GRAPH_FLAG]
    objects = compiled(generated, tmp_path, *compiler, *CORE, level.split()[-1])
    exported = symbols(objects, "-g", "--defined-only")
    assert all(re.match(r"net_|nk_\w+_(row|accumulate|finish)$", name) for name in exported)
    lacking = symbols(objects, "-u") - exported
    assert all(name in LIBRARY or name.startswith("__aeabi_") for name in lacking), lacking
    sizes = subprocess.run(
        ["arm-none-eabi-size", *map(str, objects)], check=True, capture_output=True, text=True
    ).stdout
    state = [line.split()[1:3] for line in sizes.splitlines()[1:]]
    assert state and all(entry == ["0", "0"] for entry in state), sizes
    if not by_clang:
        _assert_bounded(generated, list(tmp_path.glob("*.ci")))


def _assert_bounded(generated: Path, graphs: list[Path]) -> None:
    """No recursion, no call through a pointer and no frame of variable size: else no bound."""
    streamed = "net_push_rows" in (generated / "net.h").read_text()
    for function in ["net_invoke", "net_init", *(["net_push_rows"] if streamed else [])]:
        assert stack_bytes(graphs, function) is not None, function


def test_only_the_agent_calls_through_pointers(tmp_path: Path) -> None:
    """Its table of requests, and the frame sender's writer. Without optimization, kernels would
    too: they are made of inline functions whose arguments choose a function."""
    runtime, callers = ROOT / "runtime_c", set()
    for source in sorted((*runtime.glob("src/*/*.c"), *runtime.glob("agent/*.c"))):
        places = [f"-I{runtime / name}" for name in ("include", "src", "agent")]
        target = tmp_path / f"{source.parent.name}_{source.stem}.o"
        command = ["arm-none-eabi-gcc", *CORE, "-O1", "-std=c99", CALL_GRAPH_FLAG, *places]
        subprocess.run([*command, "-c", source, "-o", target], check=True)
        text = target.with_suffix(".ci").read_text()
        edges = re.findall(r'sourcename: "([^"]+)" targetname: "([^"]+)"', text)
        own = nx.DiGraph((a, b) for a, b in edges if b != "__indirect_call")
        assert nx.is_directed_acyclic_graph(own), f"{source.name} is recursive"
        callers |= {source.name for _, b in edges if b == "__indirect_call"}
        assert "(dynamic)" not in text.replace("dynamic,bounded", "")
    assert callers == {"agent.c", "frame.c"}
