# SPDX-License-Identifier: Apache-2.0
"""What a board says after a crash, in words.

Bits: Armv7-M Architecture Reference Manual (DDI 0403E), sections B3.2.15 and B3.2.16.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from netsuke.compiler.errors import ToolError

_WORDS = struct.Struct("<7I")

_CFSR_BITS = {
    0: "instruction fetch not allowed",
    1: "data access not allowed",
    3: "memory fault on exception return",
    4: "stack overflow (memory fault on exception entry)",
    8: "bus error on instruction fetch",
    9: "bus error on data access",
    10: "late bus error on data access",
    11: "bus error on exception return",
    12: "stack overflow (bus error on exception entry)",
    16: "undefined instruction",
    17: "jump to an address that is no Thumb code",
    18: "wrong exception return",
    19: "FPU or coprocessor not enabled",
    20: "stack overflow",
    24: "unaligned access",
    25: "division by zero",
}
_MMFAR_VALID, _BFAR_VALID = 1 << 7, 1 << 15
_NOT_STACKED = 1 << 4 | 1 << 12 | 1 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """Registers at a crash; `layers_counted` layer executions were over before it."""

    pc: int
    lr: int
    cfsr: int
    hfsr: int
    bfar: int
    mmfar: int
    layers_counted: int

    @property
    def has_pc(self) -> bool:
        """Whether PC and LR are known: not where the stack had no room for them."""
        return not self.cfsr & _NOT_STACKED

    def describe(self) -> str:
        """Return one line: what happened, at which instruction, with which address."""
        causes = [text for bit, text in _CFSR_BITS.items() if self.cfsr >> bit & 1]
        line = " and ".join(causes) or "fault of unknown cause"
        if self.has_pc:
            line += f" at PC 0x{self.pc:08x}, LR 0x{self.lr:08x}"
        if self.cfsr & _BFAR_VALID:
            line += f", address 0x{self.bfar:08x}"
        elif self.cfsr & _MMFAR_VALID:
            line += f", address 0x{self.mmfar:08x}"
        return (
            f"{line}, CFSR 0x{self.cfsr:08x}, HFSR 0x{self.hfsr:08x}, "
            f"after {self.layers_counted} layers"
        )


class BoardFault(ToolError):
    """The board crashed. `fault` has its registers."""

    def __init__(self, port: str, fault: Fault, source: str = "") -> None:
        self.port, self.fault = port, fault
        place = f" in {source}" if source else ""
        super().__init__(f"{port}: the board crashed{place}: {fault.describe()}")


def read_fault(body: bytes) -> Fault:
    """Return the content of a FAULT frame."""
    return Fault(*_WORDS.unpack(body[: _WORDS.size]))
