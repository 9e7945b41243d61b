# SPDX-License-Identifier: Apache-2.0
"""The wheel and the source distribution are whole, and the wheel works away from this tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from netsuke import __version__

pytestmark = pytest.mark.slow
pytest.importorskip("setuptools", "77", reason="older ones refuse the licence's name")

ROOT = Path(__file__).parents[1]
FOLDERS = ("compiler", "memory_planner", "codegen", "targets", "runtime_c")
NOT_SOURCES = ("__pycache__", "build", "dist", "*.egg-info", ".*")
BUILD = "import sys, setuptools.build_meta as b; print(getattr(b, sys.argv[1])(sys.argv[2]))"


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, links kept as links: building leaves files behind."""
    copy = tmp_path_factory.mktemp("tree") / "netsuke"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    return copy


def build(kind: str, tree: Path, out: Path) -> Path:
    return out / run(sys.executable, "-c", BUILD, kind, out, cwd=tree).splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("build_sdist", tree, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("build_wheel", tree, tmp_path_factory.mktemp("wheel"))


def installed_files() -> set[str]:
    """What a wheel must hold, by its path there."""
    suffixes = {".py", ".j2", ".c", ".h", ".toml", ".S"}
    own = {
        p.relative_to(ROOT / "src").as_posix()
        for p in (ROOT / "src/netsuke").rglob("*")  # goes past the links to the folders
        if p.suffix == ".py" or p.name == "py.typed"
    }
    below = (p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in suffixes)
    return own | {f"netsuke/{p.relative_to(ROOT).as_posix()}" for p in below}


def test_wheel_holds_every_source(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    missing, extra = installed_files() - names, names - installed_files()
    assert not missing
    assert all(".dist-info/" in name for name in extra), extra
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        assert not [m.name for m in archive if m.issym()], "a link would lead out of the archive"
        archive.extractall(tmp_path, filter="data")
    again = build("build_wheel", tmp_path / f"netsuke-{__version__}", tmp_path)
    contents = [
        {name: z.read(name) for name in z.namelist() if ".dist-info/" not in name}
        for z in (zipfile.ZipFile(wheel), zipfile.ZipFile(again))
    ]
    assert contents[0] == contents[1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment with the wheel in it.

    Its dependencies are those of the environment that runs the tests. A path file does not read
    the path files of the folder it names, so this tree, installed there as editable, stays unseen.
    """
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, with_pip=True)
    programs = place / "bin"
    (site,) = place.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    run(programs / "python", "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=place)
    return programs


def test_installed_wheel_runs_alone(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import netsuke; print(netsuke.__file__)", cwd=tmp_path)
    assert Path(where).is_relative_to(installed.parent)
    assert run(installed / "netsuke", "--version", cwd=tmp_path).endswith(__version__)


def test_installed_wheel_compiles_a_model(installed: Path, tmp_path: Path) -> None:
    model = ROOT / "firmware_examples/fashion_mnist/fashion_mnist.tflite"
    run(installed / "netsuke", "compile", model, "-t", "netduinoplus2", "-o", "out", cwd=tmp_path)
    assert (tmp_path / "out/fashion_mnist.c").is_file()
    assert list((tmp_path / "out/runtime").rglob("*.c"))
