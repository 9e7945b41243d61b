# SPDX-License-Identifier: Apache-2.0
"""The directory that `netsuke compile` writes: the same everywhere, complete, clean and exact."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from firmware_examples.fashion_mnist import dataset
from netsuke.cli import main
from netsuke.compiler.oracle import Oracle
from tests.support.host import OUTPUT, ROOT, WARNINGS, WATERMARK
from tests.support.small_models import convolutional

FASHION = Path(dataset.__file__).parent / "fashion_mnist.tflite"
MACHINE = re.compile(r"(?<![\w.*/])/(?!\*|/)[a-z]+/")
"""The beginning of an absolute path; comments begin with other letters."""


def compile_in(folder: Path, data: bytes, *options: str, name: str = "net", seed: int = 0) -> Path:
    """What a new process writes from a model in `folder`, which is its working directory too."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.tflite").write_bytes(data)
    command = [sys.executable, "-m", "netsuke.cli", "compile", f"{name}.tflite", "-o", "out"]
    paths = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": paths}
    done = subprocess.run(
        [*command, "--no-firmware", *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "out"


def contents(directory: Path) -> dict[str, bytes]:
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def fashion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_in(tmp_path_factory.mktemp("fashion"), FASHION.read_bytes())


def test_the_same_bytes_with_another_hash_seed_and_directory(fashion: Path, tmp_path: Path) -> None:
    second = compile_in(tmp_path / "else where", FASHION.read_bytes(), seed=4242)
    first, other = contents(fashion), contents(second)
    assert sorted(first) == sorted(other)
    assert [name for name in first if first[name] != other[name]] == []


def test_nothing_of_the_machine_is_in_them(fashion: Path) -> None:
    names = {str(fashion.parent), str(Path.home()), os.uname().nodename}
    for name, data in contents(fashion).items():
        text = data.decode()
        assert not [place for place in names if len(place) > 5 and place in text], name
        assert not MACHINE.search(text), name
        assert not re.search(r"20\d\d-\d\d-\d\d|\d\d:\d\d:\d\d", text), name


def test_report_lists_every_file(fashion: Path) -> None:
    listed = json.loads((fashion / "report.json").read_text())["files"]
    assert sorted([*listed, "report.json"]) == sorted(contents(fashion))


LANGUAGES = {
    "C99": ["gcc", "-std=c99", "-xc"],
    "C++17": ["g++", "-std=c++17", "-xc++", "-Wold-style-cast", "-Wuseless-cast"],
    "C99, clang": ["clang", "-std=c99", "-xc", "-Weverything"],
    "C++17, clang": ["clang++", "-std=c++17", "-xc++", "-Weverything", "-Wno-c++98-compat"],
    "C99, Arm": ["arm-none-eabi-gcc", "-std=c99", "-xc"],
}
STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Wpedantic", "-Werror")


@pytest.mark.parametrize("streamed", [False, True])
def test_header_in_both_languages(streamed: bool, fashion: Path, tmp_path: Path) -> None:
    out, name = fashion, "net"
    if streamed:
        out = compile_in(tmp_path, convolutional(), "--input", "streamed")
    call = "push_rows" if streamed else "input"
    user = tmp_path / "user.txt"
    user.write_text(
        f'#include "{name}.h"\n#include "{name}.h"\nvoid use({name} *m, void *arena);\n'
        f"void use({name} *m, void *arena)\n{{\n    {name}_init(m, arena);\n"
        f"    (void){name}_{call};\n    {name}_invoke(m);\n    (void){name}_output(m);\n}}\n"
    )
    for language, command in LANGUAGES.items():
        if shutil.which(command[0]) is None:
            continue
        arguments = [*command, *STRICT, f"-I{out}", "-c", str(user), "-o", os.devnull]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{language}: {done.stderr}"


def build(out: Path, program: Path) -> Path:
    """The directory's own sources and nothing else of ours, with the tests' main."""
    sources = [*sorted(out.glob("*.c")), ROOT / "tests/support/harness.c"]
    if "static inline __attribute__" not in (out / "net.c").read_text():
        sources += sorted((out / "runtime").rglob("*.c"))
    places = [f"-I{out}", f"-I{out / 'runtime'}"]
    command = ["gcc", *WARNINGS, "-O1", *places, *map(str, sources), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


def outputs(program: Path, data: bytes) -> list[bytes]:
    """The bytes of every output record."""
    done = subprocess.run([program], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found, at = [], 0
    while at < len(done.stdout):
        layer, _, size = np.frombuffer(done.stdout, np.uint32, 3, at).tolist()
        size = 0 if layer == WATERMARK else size
        if layer == OUTPUT:
            found.append(done.stdout[at + 12 : at + 12 + size])
        at += 12 + size
    return found


def test_speed_and_size_give_the_reference(tmp_path: Path) -> None:
    data, rng = convolutional(), np.random.default_rng(11)
    vectors = rng.integers(-128, 128, (4, 1, 12, 10, 3)).astype(np.int8)
    oracle = Oracle(data)
    want = [oracle.run([vector])[0].tobytes() for vector in vectors]
    for optimize in ("speed", "size"):
        out = compile_in(tmp_path / optimize, data, "--optimize", optimize)
        assert outputs(build(out, tmp_path / optimize / "net"), vectors.tobytes()) == want, optimize


def test_every_symbol_bears_the_name_of_the_model(fashion: Path, tmp_path: Path) -> None:
    """So that two models live in one firmware."""
    for source in ("net.c", "net_weights.c"):
        command = ["gcc", "-O1", f"-I{fashion}", f"-I{fashion / 'runtime'}", "-c"]
        subprocess.run([*command, fashion / source, "-o", tmp_path / "net.o"], check=True)
        listing = ["nm", "-g", "--defined-only", tmp_path / "net.o"]
        found = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
        symbols = [line.split()[-1] for line in found.splitlines()]
        assert symbols and all(symbol.startswith("net_") for symbol in symbols), symbols


@pytest.mark.parametrize("name", ["int", "class", "1-net", "Größe 2", "main"])
def test_any_file_name_gives_a_header_that_compiles(name: str, tmp_path: Path) -> None:
    model, out = tmp_path / f"{name}.tflite", tmp_path / "out"
    model.write_bytes(convolutional())
    arguments = ["compile", str(model), "-o", str(out), "--no-firmware"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    (header,) = (path for path in out.glob("*.h") if not path.stem.endswith("_weights"))
    user = tmp_path / "user.txt"
    user.write_text(f'#include "{header}"\nint main(void);\n')
    for language in ("C99", "C++17"):
        command = [*LANGUAGES[language], "-Wall", "-Werror", "-fsyntax-only", str(user)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{header.name} in {language}: {done.stderr}"
