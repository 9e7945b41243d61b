# SPDX-License-Identifier: Apache-2.0
"""Packages for products: each is built, or read by the tool that it is for."""

from __future__ import annotations

import configparser
import importlib
import io
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
import pytest

from netsuke.codegen.amalgamation import amalgamate
from netsuke.codegen.c_model import Optimize
from netsuke.codegen.export import FORMATS, SOURCES, export
from netsuke.compiler.driver import Compiled, Options, c_files, compile_graph
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.planning import Wishes
from netsuke.compiler.project import write_files
from netsuke.memory_planner import Memory
from netsuke.targets.target import find_target

EXAMPLES = Path(__file__).parents[2] / "firmware_examples"
DEFAULT = Options()
CNN = EXAMPLES / "fashion_mnist" / "fashion_mnist.tflite"
VIT = EXAMPLES / "vit_fashion_mnist" / "vit_fashion_mnist.tflite"
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wundef", "-Werror", "-O2")
LANGUAGES = (
    ("gcc", "-std=c99"),
    ("gcc", "-std=c11"),
    ("clang", "-std=c99"),
    ("g++", "-xc++", "-std=c++17"),
    ("clang++", "-xc++", "-std=c++11"),
    ("arm-none-eabi-gcc", "-std=c99", "-mcpu=cortex-m4", "-mthumb"),
    ("arm-none-eabi-gcc", "-std=c11", "-mcpu=cortex-m3", "-mthumb"),
)


def compiled(model: Path, options: Options) -> Compiled:
    return compile_graph(model, find_target("mps2-an386"), options, lambda _: None)


@pytest.fixture(scope="module")
def cnn() -> Compiled:
    return compiled(CNN, Options())


def package(graph: Compiled, kind: str, to: Path, options: Options = DEFAULT) -> Path:
    write_files(to, export(*c_files(graph, options), kind))
    return to


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def exported(object_file: Path) -> set[str]:
    """The names that an object file or library offers the linker."""
    lines = run("nm", "--extern-only", "--defined-only", object_file).splitlines()
    return {line.split()[-1] for line in lines if len(line.split()) == 3}


MAIN = """
#include <stdio.h>
#include "{name}.h"
static uint32_t arena[{macro}_ARENA_BYTES / 4 + 1];
int main(void)
{{
    static {name} model;
    {name}_init(&model, arena);
    while (fread({name}_input(&model), 1, {macro}_INPUT_BYTES, stdin) == {macro}_INPUT_BYTES) {{
        {name}_invoke(&model);
        fwrite({name}_output(&model), 1, {macro}_OUTPUT_BYTES, stdout);
    }}
    return 0;
}}
"""


@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize("model", [CNN, VIT], ids=["cnn", "vit"])
def test_amalgamation_is_plain_c_and_cpp(model: Path, optimize: Optimize, tmp_path: Path) -> None:
    options = Options(optimize)
    package(compiled(model, options), "amalgamation", tmp_path, options)
    for language in LANGUAGES:
        run(*language, *STRICT, "-c", f"{model.stem}.c", "-o", "model.o", cwd=tmp_path)
        names = exported(tmp_path / "model.o")
        assert f"{model.stem}_invoke" in names
        assert all(name.startswith(f"{model.stem}_") for name in names), language


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_published_model_is_plain_c_and_cpp(
    optimize: Optimize, models_dir: Path, tmp_path: Path
) -> None:
    options = Options(optimize)
    package(compiled(models_dir / "vww_96_int8.tflite", options), "amalgamation", tmp_path, options)
    for language in LANGUAGES:
        run(*language, *STRICT, "-fsyntax-only", "vww_96_int8.c", cwd=tmp_path)


@pytest.mark.parametrize("compiler", [("gcc", "-std=c99"), ("g++", "-xc++", "-std=c++17")])
@pytest.mark.parametrize("model", [CNN, VIT], ids=["cnn", "vit"])
def test_amalgamation_gives_the_oracles_bytes(
    model: Path, compiler: tuple[str, ...], tmp_path: Path
) -> None:
    package(compiled(model, Options()), "amalgamation", tmp_path)
    name = model.stem
    (tmp_path / "main.c").write_text(MAIN.format(name=name, macro=name.upper()))
    flags = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    run(*compiler, *flags, "main.c", f"{name}.c", "-o", "program", cwd=tmp_path)
    images = np.random.default_rng(5).integers(-128, 128, (4, 28 * 28), np.int8)
    done = subprocess.run(
        [tmp_path / "program"], input=images.tobytes(), capture_output=True, check=True
    )
    oracle = Oracle(model.read_bytes())
    expected = [oracle.run([image.reshape(1, 28, 28, 1)])[0].ravel() for image in images]
    assert np.array_equal(np.frombuffer(done.stdout, np.int8), np.concatenate(expected))


def test_two_models_in_one_program(cnn: Compiled, tmp_path: Path) -> None:
    options = Options("size", wishes=Wishes(streamed=True))
    package(cnn, "amalgamation", tmp_path)
    package(compiled(VIT, options), "amalgamation", tmp_path, options)
    (tmp_path / "main.cpp").write_text(
        '#include "fashion_mnist.h"\n#include "vit_fashion_mnist.h"\n'
        "int main() { return fashion_mnist_invoke == nullptr || "
        "vit_fashion_mnist_push_rows == nullptr; }\n"
    )
    sources = ("main.cpp", "-xc", "fashion_mnist.c", "vit_fashion_mnist.c")
    run("g++", *sources, "-o", "program", cwd=tmp_path)
    run(tmp_path / "program")


def test_header_of_another_compilation_is_refused(cnn: Compiled, tmp_path: Path) -> None:
    package(cnn, "amalgamation", tmp_path)
    kept = Options(wishes=Wishes(keep_input=True))
    other = amalgamate(*c_files(compiled(CNN, kept), kept))
    (tmp_path / "fashion_mnist.h").write_text(other["fashion_mnist.h"])
    done = subprocess.run(
        ["gcc", "-c", "fashion_mnist.c"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "fashion_mnist.h comes from another compilation than this file" in done.stderr


def test_initializers_by_position_follow_the_declarations(cnn: Compiled) -> None:
    """C++20 has designated initializers, and refuses them in another order."""
    for graph in (cnn, compiled(VIT, DEFAULT)):
        _, files = c_files(graph, DEFAULT)
        code = subprocess.run(
            ["g++", "-xc++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-"],
            input=_flat(graph.origin.name, files),
            capture_output=True,
            text=True,
            check=False,
        )
        assert code.returncode == 0, code.stderr[:2000]


def _flat(name: str, files: dict[str, str]) -> str:
    """The generated source with every file it includes in its place, however often."""

    def expand(text: str) -> str:
        def inline(match: re.Match[str]) -> str:
            found = files.get(match[1]) or files.get(f"runtime/{match[1]}")
            return match[0] if found is None else expand(found)

        return re.sub(r'^#include "([^"]+)"$', inline, text, flags=re.MULTILINE)

    return expand(files[f"{name}.c"])


def test_sources_build(cnn: Compiled, tmp_path: Path) -> None:
    package(cnn, SOURCES, tmp_path)
    assert not (tmp_path / "fashion_mnist_glue.c").exists()
    for source in ("fashion_mnist.c", "fashion_mnist_weights.c"):
        run("gcc", "-std=c99", "-Wall", "-Werror", "-I.", "-Iruntime", "-c", source, cwd=tmp_path)
    names = exported(tmp_path / "fashion_mnist.o") | exported(tmp_path / "fashion_mnist_weights.o")
    assert all(name.startswith("fashion_mnist_") for name in names)


def test_make(cnn: Compiled, tmp_path: Path) -> None:
    package(cnn, "make", tmp_path)
    run("make", cwd=tmp_path)
    assert "fashion_mnist_invoke" in exported(tmp_path / "libfashion_mnist.a")
    arm = ("CC=arm-none-eabi-gcc", "AR=arm-none-eabi-ar", "CFLAGS=-O3 -mcpu=cortex-m4 -mthumb")
    run("make", "clean", cwd=tmp_path)
    run("make", *arm, cwd=tmp_path)
    assert "fashion_mnist_invoke" in exported(tmp_path / "libfashion_mnist.a")


def test_cmake_as_a_part_of_a_project(cnn: Compiled, tmp_path: Path) -> None:
    package(cnn, "cmake", tmp_path / "model")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(product C)\nadd_subdirectory(model)\n"
        "add_executable(product main.c)\n"
        "target_link_libraries(product PRIVATE netsuke::fashion_mnist)\n"
    )
    (tmp_path / "main.c").write_text(MAIN.format(name="fashion_mnist", macro="FASHION_MNIST"))
    _cmake(tmp_path)
    run(tmp_path / "build" / "product")


ZEPHYR = """
cmake_minimum_required(VERSION 3.16)
project(zephyr_stand_in C)
# What the module calls of Zephyr's extensions.cmake, on a library of its own.
macro(zephyr_library)
  add_library(module STATIC)
endmacro()
macro(zephyr_include_directories)
  include_directories(${ARGN})
endmacro()
macro(zephyr_library_sources)
  target_sources(module PRIVATE ${ARGN})
endmacro()
macro(zephyr_library_compile_options)
  target_compile_options(module PRIVATE ${ARGN})
endmacro()
set(CONFIG_NETSUKE_FASHION_MNIST y)
add_subdirectory(model/zephyr)
"""


def test_zephyr_module(cnn: Compiled, tmp_path: Path) -> None:
    """Keys as in the schema of Zephyr's scripts/zephyr_module.py; its CMake file builds."""
    root = package(cnn, "zephyr", tmp_path / "model")
    lines = (root / "zephyr" / "module.yml").read_text().splitlines()
    assert lines == [
        "name: fashion_mnist",
        "build:",
        "  cmake: zephyr",
        "  kconfig: zephyr/Kconfig",
    ]
    assert (root / "zephyr" / "Kconfig").read_text().startswith("config NETSUKE_FASHION_MNIST\n")
    (tmp_path / "CMakeLists.txt").write_text(ZEPHYR)
    _cmake(tmp_path)


def _cmake(directory: Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("CMake is not installed")
    run("cmake", "-S", directory, "-B", directory / "build")
    run("cmake", "--build", directory / "build")


def test_platformio_reads_the_manifest(cnn: Compiled, tmp_path: Path) -> None:
    pytest.importorskip("platformio", reason="PlatformIO is not installed")
    parser = importlib.import_module("platformio.package.manifest.parser")
    schema = importlib.import_module("platformio.package.manifest.schema")
    package(cnn, "platformio", tmp_path)
    raw = parser.ManifestParserFactory.new_from_file(str(tmp_path / "library.json")).as_dict()
    assert raw.pop("license") == "Apache-2.0"  # PlatformIO would ask the network for SPDX's list
    checked = schema.ManifestSchema().load_manifest(raw)
    assert checked["name"] == "fashion_mnist"
    assert (tmp_path / "include" / checked["headers"][0]).is_file()


def test_arduino_library(cnn: Compiled, tmp_path: Path) -> None:
    """Fields as in the Arduino library specification, revision 2.2; the sketch compiles as C++."""
    package(cnn, "arduino", tmp_path)
    text = (tmp_path / "library.properties").read_text()
    fields = dict(line.split("=", 1) for line in text.splitlines())
    required = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category"}
    assert required | {"url", "architectures"} <= fields.keys() and all(fields.values())
    assert re.fullmatch(r"\d+\.\d+\.\d+", fields["version"])
    assert fields["category"] == "Data Processing"
    assert (tmp_path / "src" / fields["includes"]).is_file()
    stand_in = (
        "#include <cstring>\nstruct Port { void begin(long) {} "
        "template <class T> void print(T) {} template <class T> void println(T) {} } Serial;\n"
        "unsigned long micros() { return 0; }\nvoid delay(int) {}\n"
    )
    sketch = (tmp_path / "examples" / "fashion_mnist" / "fashion_mnist.ino").read_text()
    (tmp_path / "sketch.cpp").write_text(stand_in + sketch)
    run("g++", "-std=c++17", "-Wall", "-Wextra", "-Isrc", "-c", "sketch.cpp", cwd=tmp_path)


@pytest.mark.parametrize(
    ("wishes", "arguments"),
    [
        (Wishes(), "arena"),
        (Wishes(streamed=True), "arena"),
        (Wishes(memories=(Memory("CCM", 4096, 0),)), "arena, ccm"),
        (Wishes(memories=(Memory("CCM", 65536, 0),)), "ccm"),
    ],
)
def test_the_readme_shows_code_that_compiles(
    wishes: Wishes, arguments: str, tmp_path: Path
) -> None:
    options = Options(wishes=wishes)
    package(compiled(CNN, options), "arduino", tmp_path, options)
    code = (tmp_path / "README.md").read_text().split("```c\n")[1].split("```")[0]
    assert f"_init(&model, {arguments});" in code
    outside, inside = code.split("static fashion_mnist model;\n")
    (tmp_path / "main.c").write_text(
        f"{outside}int8_t use(int8_t *data, int8_t *rows, int32_t count);\n"
        "int8_t use(int8_t *data, int8_t *rows, int32_t count)\n{\nstatic fashion_mnist model;\n"
        f"(void)data, (void)rows, (void)count;\n{inside}return result[0];\n}}\n"
    )
    run("gcc", "-std=c99", *STRICT, "-Isrc", "-c", "main.c", cwd=tmp_path)
    sketch = (tmp_path / "examples" / "fashion_mnist" / "fashion_mnist.ino").read_text()
    assert f"_init(&model, {arguments});" in sketch


def test_cubeide_settings_name_files_that_are_there(cnn: Compiled, tmp_path: Path) -> None:
    """Paths start at a folder below the .ioc file's, as CubeMX's projects have theirs."""
    package(cnn, "cubeide", tmp_path)
    settings = configparser.ConfigParser()
    settings.read(tmp_path / ".extSettings")
    assert settings.sections() == ["ProjectFiles", "Groups", "Others"]
    below = tmp_path / "STM32CubeIDE"
    below.mkdir()
    assert (below / settings["ProjectFiles"]["HeaderPath"] / "fashion_mnist.h").is_file()
    assert (below / settings["Groups"]["Application/fashion_mnist"]).is_file()


def test_cmsis_pack(cnn: Compiled, tmp_path: Path) -> None:
    package(cnn, "cmsis-pack", tmp_path)
    description = tmp_path / "netsuke.fashion_mnist.pdsc"
    files = [element.attrib["name"] for element in ET.parse(description).iter("file")]
    assert "src/fashion_mnist.c" in files
    with zipfile.ZipFile(tmp_path / "netsuke.fashion_mnist.0.1.0.pack") as archive:
        assert archive.testzip() is None
        assert archive.read(description.name) == description.read_bytes()
        inside = archive.namelist()
    assert all(any(n.startswith(name) for n in inside) for name in files)


def test_cmsis_pack_follows_the_schema(cnn: Compiled, tmp_path: Path) -> None:
    """PACK.xsd of the Open-CMSIS-Pack specification, in the folder that NETSUKE_SCHEMAS names."""
    xmlschema = pytest.importorskip("xmlschema", reason="xmlschema is not installed")
    schema = Path(os.environ.get("NETSUKE_SCHEMAS", "")) / "PACK.xsd"
    if not schema.is_file():
        pytest.skip("NETSUKE_SCHEMAS names no folder with PACK.xsd")
    package(cnn, "cmsis-pack", tmp_path)
    xmlschema.XMLSchema(str(schema)).validate(str(tmp_path / "netsuke.fashion_mnist.pdsc"))


@pytest.mark.parametrize("kind", [*FORMATS, SOURCES])
def test_packages_are_reproducible(kind: str, cnn: Compiled) -> None:
    files = c_files(cnn, Options())
    assert export(*files, kind) == export(*files, kind)
    if kind == "cmsis-pack":
        (pack,) = (v for k, v in export(*files, kind).items() if k.endswith(".pack"))
        times = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(pack)).infolist()}
        assert times == {(1980, 1, 1, 0, 0, 0)}
