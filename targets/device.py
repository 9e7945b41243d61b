# SPDX-License-Identifier: Apache-2.0
"""Facts about any STM32 part, from the package modm-devices (MPL-2.0)."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from netsuke.compiler.errors import InputError

with warnings.catch_warnings():  # it imports through pkgutil.get_loader, deprecated since 3.12
    warnings.simplefilter("ignore", DeprecationWarning)
    from modm_devices.parser import DeviceParser

import modm_devices

MemoryKind = Literal["flash", "ram", "external"]

CORES = ("cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55")

_DEVICE_FILES = Path(modm_devices.__file__).parent / "resources" / "devices" / "stm32"

# The size letter of a part's name, e.g. DS10916 section 8 "Ordering information", in KiB.
_FLASH_KIB = {
    "4": 16, "6": 32, "8": 64, "b": 128, "z": 192, "c": 256, "d": 384, "e": 512,
    "f": 768, "g": 1024, "h": 1536, "i": 2048, "j": 4096,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Memory:
    """One piece of address space; `size_bytes` bytes from `start` on."""

    name: str
    kind: MemoryKind
    start: int
    size_bytes: int

    @property
    def end(self) -> int:
        """One past the last address."""
        return self.start + self.size_bytes


@dataclass(frozen=True, slots=True)
class Device:
    """A part: its core ('cortex-m4'), its FPU as GCC calls it ('' without), its memories, and
    USART1's number in its vector table."""

    name: str
    core: str
    fpu: str
    memories: tuple[Memory, ...]
    usart1_interrupt: int | None = None


def find_device(name: str) -> Device | None:
    """Return the part whose name is or begins with `name`, None where there is none.

    `name` needs no package and temperature letters: 'stm32f746ng' is enough, for parts that share
    those letters share all the facts given here. A part with two cores is its Cortex-M7 (or the
    larger one) unless the name ends in '@m4'. Raises InputError for a part whose core netsuke does
    not support.
    """
    full_name = re.fullmatch(r"(stm32[a-z0-9]{6,})(@m\d+)?", name)
    if not full_name:
        return None
    start, core = full_name[1], full_name[2] or ""
    found = [
        part
        for part in _parts(start[:11])
        if part.partname.startswith(start) and part.partname.endswith(core)
    ]
    # Of variants that differ in the core, '...@m7' is the last.
    best = max(found, key=lambda part: part.partname.partition("@")[2], default=None)
    return _device(name, best) if best else None


def device_names(prefix: str) -> tuple[str, ...]:
    """Return the names of all parts that begin with `prefix`, package letters cut off, sorted."""
    names = {_short_name(found.partname) for found in _parts(prefix)}
    return tuple(sorted(name for name in names if name.startswith(prefix)))


def largest_parts() -> tuple[str, ...]:
    """Return the part of the most flash of each device description in modm-devices, sorted: all
    that differs between parts but not in size. Only those with a core of CORES."""
    found = []
    for path in sorted(_DEVICE_FILES.glob("*.xml")):
        parts = {_short_name(part.partname): part for part in _read_parts(path)}
        best = max(
            parts, key=lambda name: (_FLASH_KIB.get(parts[name].identifier["size"], 0), name)
        )
        driver = path.read_text().partition('driver name="core" type="')[2].partition('"')[0]
        if driver in CORES:
            found.append(best)
    return tuple(dict.fromkeys(found))


def _short_name(partname: str) -> str:
    """'stm32f746ngh6' -> 'stm32f746ng': the letters of package and temperature carry no facts."""
    core = partname[partname.index("@") :] if "@" in partname else ""
    return partname[:11] + core


def _parts(prefix: str) -> Iterator[Any]:
    """Yield modm's devices of every file of `prefix`'s family that may hold such a part."""
    for path in sorted(_DEVICE_FILES.glob(f"{prefix[:7]}*.xml")):
        # Reading the text costs a hundredth of parsing it; a few files list no names.
        text = path.read_text()
        if f"<valid-device>{prefix}" in text or "<valid-device>" not in text:
            yield from _read_parts(path)


@functools.cache
def _read_parts(path: Path) -> tuple[Any, ...]:
    return tuple(DeviceParser().parse(str(path)).get_devices())


def _valid(part: Any, parent: Any, tag: str) -> Iterator[Any]:
    """Yield the XML nodes below `parent` that hold for this part; its `properties` cost 100 x."""
    for node in parent.iterfind(tag):
        if part.device_file.is_valid(node, part.identifier):
            yield node


def _attribute(part: Any, node: Any, name: str) -> str:
    """Return an attribute that a node has itself or, where parts differ, in a child for each."""
    child = next(_valid(part, node, f"attribute-{name}"), None)
    value: str = node.get(name, "") if child is None else child.get("value")
    return value


def _device(name: str, found: Any) -> Device:
    drivers = _valid(found, found.device_file.rootnode.find("device"), "driver")
    core = next(driver for driver in drivers if driver.get("name") == "core")
    kind = _attribute(found, core, "type")
    if kind not in CORES:
        raise InputError(
            name,
            f"a part with {kind}",
            f"one of {', '.join(CORES)}",
            "cores before Armv7-M are not supported",
        )
    memories = tuple(_memories(_valid(found, core, "memory"), found.identifier["size"]))
    vectors = {node.get("name"): node.get("position") for node in _valid(found, core, "vector")}
    usart1 = int(vectors["USART1"]) if "USART1" in vectors else None
    return Device(name, kind, _attribute(found, core, "fpu"), memories, usart1)


def _memories(nodes: Iterator[Any], size_letter: str) -> Iterator[Memory]:
    """Turn modm's memories into ours, without aliases, secure twins and backup RAM."""
    flash_left = _FLASH_KIB.get(size_letter, 1 << 20) * 1024
    for node in nodes:
        name, start, size = node.get("name"), int(node.get("start"), 0), int(node.get("size"), 0)
        if name.endswith("_s") or name.startswith(("backup", "bkpsram", "itcm")):
            continue
        name = name.removesuffix("_ns").upper()
        if "flash" not in name.lower():
            yield Memory(name, "ram", start, size)
        elif flash_left > 0:
            # modm gives some parts the flash of a bigger sister: the letter in the name decides.
            size = min(size, flash_left)
            flash_left -= size
            yield Memory(name, "flash", start, size)
