# SPDX-License-Identifier: Apache-2.0
"""`netsuke export`: a model as a package that a product's build system takes in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from netsuke.codegen.export import export
from netsuke.compiler.driver import (
    Options,
    Product,
    Progress,
    build_product,
    c_files,
    compile_graph,
    report_of,
    write_project,
)
from netsuke.compiler.project import check_directory
from netsuke.targets.target import Target
from netsuke.targets.toolchain import has_compiler


def export_model(
    model: Path, target: Target, directory: Path, options: Options, kind: str, progress: Progress
) -> dict[str, Any]:
    """Writes the package and report.json below `directory`. Returns the report.

    Sizes and the stack's bound are in it where the target's compiler is installed.
    """
    check_directory(directory)
    compiled = compile_graph(model, target, options, progress)
    built = has_compiler(target.kind == "host")
    product = build_product(compiled, target, options, progress) if built else Product()
    files = export(*c_files(compiled, options, product.stack_bytes), kind)
    return write_project(directory, files, report_of(compiled, target, product))
