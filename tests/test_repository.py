# SPDX-License-Identifier: Apache-2.0
"""The shape of the repository: layers, sizes, licences, and that its pages are current."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from netsuke import __version__
from netsuke.cli import main
from scripts.cli_reference import reference

ROOT = Path(__file__).parents[1]
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 40

# From the bottom to the top. A module may import its own line and the lines above it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("memory_planner",),
    ("compiler.errors",),
    ("compiler.ir",),
    ("compiler.fixed_point",),
    ("compiler.ops",),
    (
        "compiler.verify",
        "compiler.evaluate",
        "compiler.ir_text",
        "compiler.oracle",
        "compiler.cost",
    ),
    ("compiler.estimates",),
    ("compiler.intervals",),
    ("compiler.frontend",),
    ("compiler.supported",),
    ("compiler.passes",),
    (
        "compiler.schedule",
        "compiler.timetable",
        "compiler.rings",
        "compiler.order",
        "compiler.regions",
        "compiler.buffers",
    ),
    ("compiler.patches",),
    ("compiler.patch_search",),
    ("compiler.planning",),
    ("compiler.pareto",),
    ("codegen",),
    ("targets",),
    ("compiler.project", "compiler.report", "compiler.inspection", "compiler.budget"),
    ("compiler.driver",),
    ("compiler.arrays", "compiler.datasets", "compiler.validation", "compiler.bisection"),
    ("compiler.boards", "compiler.packages"),
    ("compiler.ablation", "compiler.roofline", "compiler.profiling", "compiler.comparison"),
    ("compiler.html_report",),
    ("options", "console", "tables", "show", "show_profile", "commands", "cli"),
)
# Packages that must stay usable alone: the only modules of ours outside them that they may import.
ALONE: dict[str, tuple[str, ...]] = {
    "memory_planner": (),
    "targets": ("compiler.errors", "compiler.ir", "runtime_c"),
}

# path, or path::function: why it may be longer.
LONG: dict[str, str] = {
    "codegen/lower.py::lower": "one constructor call that fills the C model, a line a field",
    "targets/firmware.py::build_firmware": "its options are documented one by one",
    "compiler/ops/batch_matmul.py::kernel": "one parameter a line",
    "tests/compiler/passes/test_prune_channels.py"
    "::test_through_depthwise_addition_pooling_and_flattening": "a graph before and after",
}

MACHINE = re.compile(r"(?<![\w.])/(?:work|opt|tmp|root|home)/")
REGISTRY = re.compile(r"py" r"pi\.org|pythonhosted\.org|npm" r"js\.|crates\.io|proxy\.golang")


def tracked(*suffixes: str) -> list[Path]:
    """The repository's files with one of these suffixes, in order; those git ignores left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout: no list of the repository's files")
    paths = (ROOT / name for name in sorted(set(done.stdout.split("\0"))) if name)
    return [p for p in paths if p.suffix in suffixes and p.is_file() and not p.is_symlink()]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules() -> Iterator[tuple[str, Path]]:
    """Each module of the package, its name without `netsuke.`, and its file."""
    for path in sorted((ROOT / "src/netsuke").glob("*.py")):
        yield path.stem, path
    for folder in ("compiler", "memory_planner", "codegen", "targets", "runtime_c"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(p for p in parts if p != "__init__"), path


def imports(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, anywhere in it, without `netsuke.`."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}:{node.lineno}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (n.removeprefix("netsuke.") for n in names if n.startswith("netsuke."))


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def layer(module: str) -> int | None:
    """The number of a module's layer; None for modules that belong to no layer."""
    return next((i for i, line in enumerate(LAYERS) if any(within(module, p) for p in line)), None)


def test_every_module_has_a_layer() -> None:
    free = {"__init__", "__main__", "compiler", "runtime_c"}
    lost = [name for name, _ in modules() if layer(name) is None and name not in free]
    assert not lost, f"name them in LAYERS: {lost}"


def test_imports_run_one_way() -> None:
    wrong = []
    for name, path in modules():
        for used in imports(path):
            own, other = layer(name), layer(used)
            if own is not None and other is not None and other > own:
                wrong.append(f"{relative(path)} imports {used}, a higher layer")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", ALONE)
def test_packages_that_stand_alone(package: str) -> None:
    allowed = (package, "__version__", *ALONE[package])
    wrong = [
        f"{relative(path)} imports {used}"
        for name, path in modules()
        if within(name, package)
        for used in imports(path)
        if not any(within(used, a) for a in allowed)
    ]
    assert not wrong, "\n".join(wrong)


def test_codegen_knows_no_target() -> None:
    for name, path in modules():
        if within(name, "codegen"):
            assert not [i for i in imports(path) if within(i, "targets")], relative(path)


def python_functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def c_functions(text: str) -> Iterator[tuple[str, int]]:
    """Functions as clang-format lays them out: braces alone in column 0, name before them.

    Naked functions are assembly, one instruction a line, and not measured.
    """
    head = r"^(?!NK_NAKED|#)(?:__attribute__\(\(\w+\)\) )?\w[^\n;{}()]*?\b(\w+)"
    parameters = r"\((?:[^;{}()]|\([^()]*\))*\)\n"
    for match in re.finditer(head + parameters + r"\{\n.*?^\}$", text, re.M | re.S):
        yield match[1], match[0].count("\n") + 1


def test_sizes_of_functions_are_found() -> None:
    code = "int32_t a;\n\nstatic void first(int a,\n        int b)\n{\n    a = b;\n}\n"
    assert list(c_functions(code + code.replace("first", "second"))) == [
        ("first", 5),
        ("second", 5),
    ]
    assert list(python_functions("def f():\n    def g():\n        pass\n")) == [("f", 3), ("g", 2)]


def test_files_and_functions_are_short() -> None:
    long = {}
    for path in tracked(".py", ".c", ".h", ".j2", ".sh"):
        text, name = path.read_text(), relative(path)
        long[name] = len(text.splitlines()) - MAX_FILE_LINES + 1
        functions = {".py": python_functions, ".c": c_functions, ".h": c_functions}
        for function, lines in functions.get(path.suffix, lambda text: iter(()))(text):
            long[f"{name}::{function}"] = lines - MAX_FUNCTION_LINES + 1
    found = {name: over for name, over in long.items() if over > 0}
    new = [f"{name}: {over} lines too many" for name, over in found.items() if name not in LONG]
    assert not new, "\n".join(new)
    assert not LONG.keys() - found.keys(), f"no longer long: {LONG.keys() - found.keys()}"


def test_source_files_name_their_licence() -> None:
    files = [*tracked(".py", ".c", ".h", ".sh"), ROOT / "Makefile", ROOT / ".ci/run"]
    line = "SPDX-License-Identifier: Apache-2.0"
    heads = {relative(p): p.read_text().splitlines()[:2] for p in files if p.stat().st_size}
    bare = [name for name, head in heads.items() if line not in "".join(head)]
    assert not bare, bare
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_nothing_depends_on_one_machine() -> None:
    suffixes = (".py", ".c", ".h", ".j2", ".sh", ".md", ".toml", ".txt", ".mk", "")
    wrong = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in tracked(*suffixes)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if MACHINE.search(line) or REGISTRY.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def kernels() -> list[Path]:
    found = sorted((ROOT / "runtime_c/src").glob("kernels*/*.c"))
    assert found
    return found


def test_every_kernel_has_its_header() -> None:
    """kernels/x.c has netsuke/x.h, kernels_dsp/x.c has netsuke/x_dsp.h, and includes it first."""
    for path in kernels():
        own = f"netsuke/{path.stem}{path.parent.name.removeprefix('kernels')}.h"
        assert (ROOT / "runtime_c/include" / own).is_file(), f"{relative(path)} has no {own}"
        first = re.search(r"^#include .*$", path.read_text(), re.M)
        assert first and first[0] == f'#include "{own}"', relative(path)


def test_kernels_choose_nothing_by_preprocessor() -> None:
    for path in kernels():
        assert not re.search(r"^\s*#\s*if", path.read_text(), re.M), relative(path)


def pages() -> list[Path]:
    return tracked(".md")


def test_links_in_pages_lead_somewhere() -> None:
    dead = []
    for page in pages():
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                dead.append(f"{relative(page)}: {target}")
    assert not dead, "\n".join(dead)


def test_pages_name_commands_that_exist() -> None:
    assert isinstance(main, click.Group)
    make = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in pages():
        code = re.findall(r"^    (.+)$|`([^`\n]+)`", page.read_text(), re.M)
        for line in (block or span for block, span in code):
            if found := re.match(r"(?:\$ )?netsuke ([a-z]+)", line):
                assert found[1] in main.commands, f"{relative(page)}: {line}"
            if found := re.match(r"(?:\$ )?make ([a-z-]+)", line):
                assert found[1] in make, f"{relative(page)}: {line}"


def test_reference_of_commands_is_current() -> None:
    assert (ROOT / "docs/CLI.md").read_text() == reference(), "run: make docs"


def test_design_names_paths_that_exist() -> None:
    text = (ROOT / "docs/DESIGN.md").read_text()
    folders = "compiler|memory_planner|codegen|runtime_c|targets|tests|firmware_examples|src"
    paths = re.findall(rf"`((?:{folders})/[\w./]*)`", text)
    assert paths
    assert not [p for p in paths if not (ROOT / p).exists()]


def test_version_is_the_newest_of_the_changelog() -> None:
    versions = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert next(v for v in versions if v != "Unreleased") == __version__


def test_every_package_imported_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"], *extras["validate"], *extras["keras"]]
    names = {re.split(r"[<>=]", text)[0].replace("-", "_") for text in declared}
    allowed = names - {"pyserial"} | {"serial", "netsuke", "__future__"} | sys.stdlib_module_names
    for _, path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                used = [node.module or ""]
            elif isinstance(node, ast.Import):
                used = [alias.name for alias in node.names]
            else:
                continue
            missing = {name.split(".")[0] for name in used} - allowed
            assert not missing, f"{relative(path)} imports {missing}"
