# SPDX-License-Identifier: Apache-2.0
"""A model as a package for the build system or IDE of a product.

All packages but `sources` hold the amalgamation: two files, so that no build system needs to know
more than one path, and any number of models fit beside each other.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from netsuke.codegen.amalgamation import amalgamate
from netsuke.codegen.c_model import CModel
from netsuke.codegen.render import render_template


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of package: where the .c and the .h go, and which other files there are.

    `files` maps paths, in which {name} stands for the model's, to templates below `export/`.
    `use` is the README's sentence on how to add the package to a project.
    """

    source: str
    header: str
    use: str
    files: Mapping[str, str] = field(default_factory=dict)


FORMATS: Mapping[str, Format] = {
    "amalgamation": Format("", "", "Add both files to your project; any C99 or C++11 compiler."),
    "make": Format("", "", "Run `make`, link the library it builds.", {"Makefile": "Makefile.j2"}),
    "cmake": Format(
        "src/",
        "include/",
        "`add_subdirectory` this directory, link `netsuke::<name>`.",
        {"CMakeLists.txt": "CMakeLists.txt.j2"},
    ),
    "platformio": Format(
        "src/",
        "include/",
        "Copy this directory into `lib/` of your PlatformIO project.",
        {"library.json": "library.json.j2"},
    ),
    "arduino": Format(
        "src/",
        "src/",
        "Copy this directory into `libraries/` of your sketchbook, restart the IDE.",
        {
            "library.properties": "library.properties.j2",
            "examples/{name}/{name}.ino": "example.ino.j2",
        },
    ),
    "zephyr": Format(
        "src/",
        "include/",
        "A Zephyr module: `west build -- -DZEPHYR_EXTRA_MODULES=<this directory>`.",
        {
            "zephyr/module.yml": "module.yml.j2",
            "zephyr/CMakeLists.txt": "zephyr.cmake.j2",
            "zephyr/Kconfig": "Kconfig.j2",
        },
    ),
    "cubeide": Format(
        "{name}/Src/",
        "{name}/Inc/",
        "Copy all but this README into the folder of your .ioc file and generate code: "
        "STM32CubeMX adds what `.extSettings` names. Without CubeMX, add `Src` and `Inc` in the "
        "project's properties under C/C++ General, Paths and Symbols.",
        {".extSettings": "extSettings.j2"},
    ),
    "cmsis-pack": Format(
        "src/",
        "include/",
        "Install the .pack file with your IDE's pack manager or `cpackget add`; the component is "
        "Machine Learning, netsuke.",
        {"netsuke.{name}.pdsc": "pdsc.j2"},
    ),
}

SOURCES = "sources"
"""The one format without amalgamation: generated files and the runtime, file by file."""


def export(model: CModel, files: Mapping[str, str], kind: str) -> dict[str, bytes]:
    """The files of a package by path: `kind` is one of FORMATS or SOURCES, `files` the generated
    ones and the runtime."""
    if kind == SOURCES:
        glue = f"{model.name}_glue.c"
        return {path: text.encode() for path, text in files.items() if path != glue}
    form, name = FORMATS[kind], model.name
    both = amalgamate(model, files)
    texts = {
        f"{form.source}{name}.c": both[f"{name}.c"],
        f"{form.header}{name}.h": both[f"{name}.h"],
        "README.md": render_template(
            "export/README.md.j2", m=model, use=form.use.replace("<name>", name)
        ),
        **{to: render_template(f"export/{t}", m=model) for to, t in form.files.items()},
    }
    done = {path.replace("{name}", name): text.encode() for path, text in texts.items()}
    if kind == "cmsis-pack":
        done[f"netsuke.{name}.{model.version}.pack"] = _zipped(done)
    return done


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive that depends on nothing but its content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
