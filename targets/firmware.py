# SPDX-License-Identifier: Apache-2.0
"""From C sources to an image that a target runs, with the board agent in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import netsuke.runtime_c
from netsuke.compiler.errors import InputError
from netsuke.targets.linker import Contribution, linker_script, overflow, read_map
from netsuke.targets.port_config import board_config, port_sources
from netsuke.targets.target import Target
from netsuke.targets.toolchain import must_run, run_tool, tool_failed

Optimize = Literal["speed", "size"]

RUNTIME_C = Path(netsuke.runtime_c.__file__).resolve().parent

_LEVELS = {"speed": "-O3", "size": "-Os"}
_AGENT_SOURCES = ("agent/agent.c", "agent/frame.c", "agent/watermark.c", "agent/describe.c")
_AGENT_MAIN, _PRODUCT_FAULT = "agent/main.c", "port/arm/halt.c"
_EXTERNAL = ".nk_weights_ext"
EXTERNAL_IMAGE = "external.bin"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Where the bytes of an image are. Agent, port and start-up code are kept apart.

    `contributions` is the linker's map: every input section of every object. Objects of the given
    sources are 'model/...', those of agent and port 'agent/...'; all others come from the
    compiler's libraries and count as code of the model. Empty for the host.
    """

    contributions: tuple[Contribution, ...]
    stack_bytes: int

    @property
    def code_bytes(self) -> int:
        """Code and constants of the model, without weights and quantization parameters."""
        return self._sum(".text", ".rodata", ".data")

    @property
    def weights_bytes(self) -> int:
        """Weights in the target's own flash."""
        return self._sum(".nk_weights")

    @property
    def external_bytes(self) -> int:
        """Weights in external flash."""
        return self._sum(".nk_weights_ext")

    @property
    def params_bytes(self) -> int:
        """Quantization parameters."""
        return self._sum(".nk_params")

    @property
    def static_bytes(self) -> int:
        """RAM of the model's static data, the arena included where it is static."""
        return self._sum(".data", ".bss")

    @property
    def agent_flash_bytes(self) -> int:
        """Flash that agent, port and start-up take."""
        return self._sum(".nk_vectors", ".text", ".rodata", ".data", agent=True)

    @property
    def agent_ram_bytes(self) -> int:
        """RAM that agent and port take besides the stack."""
        return self._sum(".data", ".bss", agent=True)

    def _sum(self, *outputs: str, agent: bool = False) -> int:
        return sum(
            part.size_bytes
            for part in self.contributions
            if part.output in outputs and part.object.startswith("agent/") == agent
        )


@dataclass(frozen=True, slots=True)
class Firmware:
    """A linked image: `elf` to run or debug, `bin` for the start of the target's flash, and
    `external` for the start of its external flash where weights lie there. `hex` is both at their
    addresses, for programmers that take one file; the host has none."""

    elf: Path
    bin: Path
    target: Target
    sizes: Sizes
    external: Path | None = None
    hex: Path | None = None


def build_firmware(
    sources: Sequence[Path],
    include_dirs: Sequence[Path],
    target: Target,
    out_dir: Path,
    *,
    optimize: Optimize,
    stack_bytes: int = 4096,
    defines: Mapping[str, str] | None = None,
    extra_flags: Sequence[str] = (),
    program: Path | None = None,
) -> Firmware:
    """Compile `sources`, the agent and the target's port, and link them in `out_dir`.

    `program` is a C file with a `main` that takes the agent's place: a product.

    `defines` go to every file (NK_AGENT_LAYERS: most layers the agent can count); `extra_flags`
    to compiler and linker. The image holds no time and no path: the same sources give the same
    bytes. Raises AnswerNo where it does not fit, ToolError where a tool is missing or fails.
    """
    out_dir = out_dir.resolve()
    (out_dir / "obj").mkdir(parents=True, exist_ok=True)
    compiler = "gcc" if target.kind == "host" else "arm-none-eabi-gcc"
    if target.kind != "host":
        (out_dir / "board_config.h").write_text(board_config(target))
        (out_dir / "linker.ld").write_text(linker_script(target, stack_bytes))
    agent = [*_program(target, program), *(RUNTIME_C / "port" / n for n in port_sources(target))]
    common = _flags(target, include_dirs, out_dir, defines or {}, extra_flags)
    jobs = [("model", i, source, _LEVELS[optimize]) for i, source in enumerate(sources)]
    jobs += [("agent", i, source, "-Os") for i, source in enumerate(agent)]

    def compile_one(job: tuple[str, int, Path, str]) -> Path:
        owner, number, source, level = job
        built = out_dir / "obj" / f"{owner}_{number:03d}_{source.stem}.o"
        prefix = f"-ffile-prefix-map={source.resolve().parent}=."
        must_run(compiler, [*common, level, prefix, "-c", source.resolve(), "-o", built], out_dir)
        return built

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compile_one, jobs))
    link = _link_host if target.kind == "host" else _link_arm
    return link(target, objects, out_dir, [*common, _LEVELS[optimize]], stack_bytes)


def _program(target: Target, program: Path | None) -> list[Path]:
    """What runs on the port: the product's program, or the agent with its own."""
    if program is not None and target.kind == "host":
        raise InputError("--main", "target host", "a board or an emulated one")
    if program is not None:
        return [program, RUNTIME_C / _PRODUCT_FAULT]
    main = () if target.kind == "host" else (_AGENT_MAIN,)  # the host's port has one
    return [RUNTIME_C / name for name in (*_AGENT_SOURCES, *main)]


def _flags(
    target: Target,
    include_dirs: Sequence[Path],
    out_dir: Path,
    defines: Mapping[str, str],
    extra_flags: Sequence[str],
) -> list[str]:
    includes = [*include_dirs, RUNTIME_C / "include", RUNTIME_C / "agent", RUNTIME_C / "port/arm"]
    return [
        "-std=c99",
        "-g1",
        *target.gcc_flags,
        *(("-D_POSIX_C_SOURCE=200809L",) if target.kind == "host" else ()),
        "-ffunction-sections",
        "-fdata-sections",
        f"-ffile-prefix-map={out_dir}=.",
        f"-ffile-prefix-map={RUNTIME_C}=runtime_c",
        *(f"-I{Path(path).resolve()}" for path in includes),
        f"-I{out_dir}",
        *(f"-D{name}={value}" for name, value in defines.items()),
        *extra_flags,
    ]


def _link_host(
    target: Target, objects: Sequence[Path], out_dir: Path, flags: list[str], stack_bytes: int
) -> Firmware:
    elf = out_dir / "firmware.elf"
    must_run("gcc", [*flags, *objects, "-o", elf], out_dir)
    return Firmware(elf, elf, target, Sizes((), 0))


def _link_arm(
    target: Target, objects: Sequence[Path], out_dir: Path, flags: list[str], stack_bytes: int
) -> Firmware:
    elf, image = out_dir / "firmware.elf", out_dir / "firmware.bin"
    arguments: list[str | Path] = [*flags, *(path.relative_to(out_dir) for path in objects)]
    arguments += ["-o", elf, "-nostartfiles", "--specs=nano.specs", "-T", "linker.ld"]
    arguments += ["-Wl,--gc-sections,--build-id=none,-Map=firmware.map"]
    done = run_tool("arm-none-eabi-gcc", arguments, out_dir)
    if done.returncode != 0:
        raise overflow(target, done.stderr) or tool_failed("arm-none-eabi-gcc", done)
    must_run("arm-none-eabi-objcopy", ["-O", "binary", "-R", _EXTERNAL, elf, image])
    everything = elf.with_suffix(".hex")
    must_run("arm-none-eabi-objcopy", ["-O", "ihex", elf, everything])
    sizes = Sizes(_owned(read_map((out_dir / "firmware.map").read_text())), stack_bytes)
    external = _external_image(target, elf) if sizes.external_bytes else None
    return Firmware(elf, image, target, sizes, external, everything)


def _external_image(target: Target, elf: Path) -> Path:
    """Cut the weights in external flash out of `elf`, for boards whose start-up maps that flash."""
    if target.kind == "board" and not (target.board and target.board.quadspi):
        raise InputError(
            target.name,
            "weights in external flash",
            "weights in the part's own flash",
            "how to reach the external flash is missing in the board file: [quadspi]",
        )
    image = elf.parent / EXTERNAL_IMAGE
    must_run("arm-none-eabi-objcopy", ["-O", "binary", "-j", _EXTERNAL, elf, image])
    return image


def _owned(contributions: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
    """Turn the object files' paths into 'model/conv', 'agent/frame' or a library's name."""
    return tuple(
        Contribution(part.output, part.section, _owner(part.object), part.size_bytes)
        for part in contributions
    )


def _owner(path: str) -> str:
    name = Path(path).name.removesuffix(".o")
    if not path.startswith("obj/"):
        return name
    owner, _, stem = name.split("_", 2)
    return f"{owner}/{stem}"
