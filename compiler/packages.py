# SPDX-License-Identifier: Apache-2.0
"""`netsuke export`: a model as a package that a product's build system takes in."""

from __future__ import annotations

import json
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
)
from netsuke.compiler.project import MARKER, claim_directory, write_files, write_text
from netsuke.targets.target import Target
from netsuke.targets.toolchain import has_compiler


def export_model(
    model: Path, target: Target, directory: Path, options: Options, kind: str, progress: Progress
) -> dict[str, Any]:
    """Writes the package and report.json below `directory`. Returns the report.

    Sizes and the stack's bound are in it where the target's compiler is installed.
    """
    compiled = compile_graph(model, target, options, progress)
    claim_directory(directory)
    built = has_compiler(target.kind == "host")
    product = build_product(compiled, target, options, progress) if built else Product()
    files = write_files(directory, export(*c_files(compiled, options, product.stack_bytes), kind))
    report = report_of(compiled, target, product)
    report["files"] = [p.relative_to(directory).as_posix() for p in files]
    write_text(directory / MARKER, json.dumps(report, indent=2) + "\n")
    return report
