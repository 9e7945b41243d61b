# SPDX-License-Identifier: Apache-2.0
"""A model of STM32 H5: RM0481, RM0492."""

from __future__ import annotations

from dataclasses import dataclass

from tests.targets.clocks.f4 import HPRE, PPRE
from tests.targets.clocks.model import MHZ, READY, Bits, Model, Tree, states_for

RCC, PWR, FLASH, ICACHE = 0x44020C00, 0x44020800, 0x40022000, 0x40030400
VOSCR, VOSSR = PWR + 0x10, PWR + 0x14

# RM0481, wait states and highest clock in MHz by VOS (0 is scale 3).
FLASH_MHZ = (
    (20, 40, 60, 80), (30, 60, 90, 120), (34, 68, 102, 136, 170), (42, 84, 126, 168, 210),
)  # fmt: skip
MOST_MHZ = (100, 150, 200, 250)


@dataclass
class H5(Model):
    part: str = ""

    cr = RCC
    sources = ("hsi", "csi", "hse", "pll")
    sw, sws = Bits(RCC + 0x1C, 0, 2), Bits(RCC + 0x1C, 3, 2)
    latency = Bits(FLASH, 0, 4)
    pll_registers = (RCC + 0x28, RCC + 0x34)
    reset_values = ((RCC, 0x2B), (RCC + 0x34, 0x01010280), (FLASH, 0x13))
    halvings = 1  # HSIDIV in effect

    def __post_init__(self) -> None:
        super().__post_init__()
        self.looks |= {"HSI": READY, "LATENCY": READY, "wait states": 3}

    def dirty(self) -> H5:
        """As a program before may leave it: 64 MHz from a crystal alone, prescalers set, the HSI
        divided by 8."""
        self.crystal_hz = 8 * MHZ
        self.memory |= {
            RCC: 0x01010018,
            RCC + 0x1C: 3,
            RCC + 0x20: 8 | 5 << 4 | 4 << 8 | 4 << 12,
            RCC + 0x28: 3 | 1 << 2 | 1 << 4 | 1 << 5 | 2 << 8 | 1 << 16,
            RCC + 0x34: 63 | 3 << 9,  # 8 MHz / 2 * 64 / 4
            FLASH: 3,
        }
        self.halvings = 3
        self.running = True
        self.looks |= {"PLL": READY, "HSE": READY, "HSI": 0}
        return self

    def source_hz(self, name: str) -> int:
        return 64 * MHZ >> self.halvings if name == "hsi" else super().source_hz(name)

    def pll(self) -> tuple[int, list[str]]:
        how, factors = self.memory.get(RCC + 0x28, 0), self.memory[RCC + 0x34]
        m, n, p = how >> 8 & 63, (factors & 511) + 1, (factors >> 9 & 127) + 1
        name = ("", "hsi", "csi", "hse")[how & 3]
        fed = self.source_hz(name) / max(m, 1) if name != "csi" else 0
        low, high = ((1, 2), (2, 4), (4, 8), (8, 16))[how >> 2 & 3]
        broken = {
            "the PLL is switched on before its source": self.source_ready(name),
            "PLL1RGE is not the input's": low * MHZ <= fed <= high * MHZ,
            "the wide oscillator needs 2 MHz": fed >= 2 * MHZ and not how >> 5 & 1,
            "the PLL's oscillator is out of its range": 192 * MHZ <= fed * n <= 836 * MHZ,
            "PLL1P is odd": p % 2 == 0,
            "the fractional part is on": not how >> 4 & 1,
        }
        hz = int(fed * n) // p if how >> 16 & 1 else 0
        return hz, [rule for rule, holds in broken.items() if not holds]

    def tree(self) -> Tree:
        value = self.memory.get(RCC + 0x20, 0)
        bus = self.system_hz() // HPRE[value & 15]
        return Tree(bus, bus, bus // PPRE[value >> 4 & 7], bus // PPRE[value >> 8 & 7])

    def vos(self) -> int:
        wanted = self.memory.get(VOSCR, 0) >> 4 & 3
        return wanted if self.flag(f"VOS {wanted}", True) else 0

    def rules(self, tree: Tree) -> dict[str, bool]:
        vos = self.vos()
        delay = self.memory[FLASH] >> 4 & 3
        return {
            "the core is too fast for the voltage": tree.core <= MOST_MHZ[vos] * MHZ,
            "the flash has too few wait states": states_for(tree.bus, FLASH_MHZ[vos])
            <= self.wait_states(),
            "the programming delay is too short": delay >= states_for(tree.bus, (84, 168)),
        }

    def flags(self, address: int, value: int) -> int:
        if address == RCC:
            wanted = value >> 3 & 3
            if self.flag("HSIDIV", True):
                self.halvings = wanted
            value = value & ~0x20 | (self.halvings == wanted) << 5
        if address == VOSSR:
            value = self.flag(f"VOS {self.memory.get(VOSCR, 0) >> 4 & 3}", True) << 3
        if address == ICACHE + 4:
            value = int(not self.flag("ICACHE", True))
        return value

    def written(self, address: int, old: int, new: int) -> int:
        if address == RCC and (old ^ new) & 0x18:
            self.require(not self.pll_ready(), "HSIDIV changes while a PLL may use it")
            self.looks.pop("HSIDIV", None)
        if address == ICACHE and new & 1:
            self.require(self.flag("ICACHE", True), "ICACHE is still invalidating")
        return new

    def caches_on(self) -> bool:
        return bool(self.memory.get(ICACHE, 0) & 1) and bool(self.memory[FLASH] & 0x100)
