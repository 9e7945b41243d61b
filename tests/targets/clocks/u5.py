# SPDX-License-Identifier: Apache-2.0
"""A model of STM32 U5: RM0456."""

from __future__ import annotations

from dataclasses import dataclass

from tests.targets.clocks.f4 import HPRE, PPRE
from tests.targets.clocks.model import MHZ, READY, Bits, Model, Tree, states_for

RCC, PWR, FLASH, ICACHE = 0x46020C00, 0x46020800, 0x40022000, 0x40030400
VOSR = PWR + 0x0C

# RM0456, wait states and highest clock in MHz by VOS (0 is range 4).
FLASH_MHZ = ((8, 16), (24, 48), (30, 60, 90), (32, 64, 96, 128))
MOST_MHZ = (24, 55, 110, 160)


@dataclass
class U5(Model):
    part: str = ""

    cr = RCC
    hsi_bits = (8, 10)
    sources = ("msi", "hsi", "hse", "pll")
    sw, sws = Bits(RCC + 0x1C, 0, 2), Bits(RCC + 0x1C, 2, 2)
    latency = Bits(FLASH, 0, 4)
    pll_registers = (RCC + 0x28, RCC + 0x34)
    reset_values = ((RCC, 0x35), (RCC + 0x34, 0x01010280))

    def dirty(self) -> U5:
        """As a bootloader may leave it: 20 MHz from the PLL, booster on, prescalers set."""
        self.memory |= {
            RCC: 0x03010535,
            RCC + 0x1C: 3,
            RCC + 0x20: 5 << 4 | 4 << 8,
            RCC + 0x28: 2 | 3 << 8 | 1 << 18 | 1 << 4,
            RCC + 0x34: 39 | 7 << 24,  # 16 MHz / 4 * 40 / 8
            VOSR: 3 << 16 | 1 << 18,
            FLASH: 2,
        }
        self.running = True
        self.looks |= {"PLL": READY, "HSI": READY, "LATENCY": READY, "wait states": 2}
        return self

    def pll(self) -> tuple[int, list[str]]:
        how, factors = self.memory.get(RCC + 0x28, 0), self.memory[RCC + 0x34]
        m, n, r = (how >> 8 & 15) + 1, (factors & 511) + 1, (factors >> 24 & 127) + 1
        name = ("", "msi", "hsi", "hse")[how & 3]
        fed = self.source_hz(name) / m
        broken = {
            "the PLL is switched on before its source": self.source_ready(name),
            "the PLL's input is not 4 to 16 MHz": 4 * MHZ <= fed <= 16 * MHZ,
            "PLL1RGE is not the input's": (how >> 2 & 3 == 3) == (fed >= 8 * MHZ),
            "the PLL's oscillator is out of its range": 128 * MHZ <= fed * n <= 544 * MHZ,
            "the fractional part is on": not how >> 4 & 1,
        }
        hz = int(fed * n) // r if how >> 18 & 1 else 0
        return hz, [rule for rule, holds in broken.items() if not holds]

    def tree(self) -> Tree:
        value = self.memory.get(RCC + 0x20, 0)
        bus = self.system_hz() // HPRE[value & 15]
        return Tree(bus, bus, bus // PPRE[value >> 4 & 7], bus // PPRE[value >> 8 & 7])

    def vos(self) -> int:
        wanted = self.memory.get(VOSR, 0) >> 16 & 3
        return wanted if self.flag(f"VOS {wanted}", True) else 0

    def boosted(self) -> bool:
        return self.flag("BOOST", bool(self.memory.get(VOSR, 0) >> 18 & 1))

    def rules(self, tree: Tree) -> dict[str, bool]:
        vos = self.vos()
        return {
            "the core is too fast for the voltage": tree.core <= MOST_MHZ[vos] * MHZ,
            "the flash has too few wait states": states_for(tree.bus, FLASH_MHZ[vos])
            <= self.wait_states(),
            "above 55 MHz without the booster": tree.core <= 55 * MHZ or self.boosted(),
        }

    def flags(self, address: int, value: int) -> int:
        if address == VOSR:
            ready = self.flag(f"VOS {self.memory.get(VOSR, 0) >> 16 & 3}", True)
            value = value & ~0xC000 | ready << 15 | self.boosted() << 14
        if address == ICACHE + 4:
            value = int(not self.flag("ICACHE", True))
        return value

    def written(self, address: int, old: int, new: int) -> int:
        if address == VOSR and old != new:
            powered = bool(self.memory.get(RCC + 0x94, 0) >> 2 & 1)
            self.require(powered, "PWR has no clock")
            if new & ~old & 1 << 18:
                how = self.memory.get(RCC + 0x28, 0)
                hz = self.source_hz(("", "msi", "hsi", "hse")[how & 3])
                hz //= {0: 1, 1: 2, 2: 4}[how >> 12 & 15]
                self.require(4 * MHZ <= hz <= 16 * MHZ, "the booster's clock is not 4 to 16 MHz")
                self.require(old >> 16 & 3 == 3 and self.vos() == 3, "booster before the voltage")
            return new if powered else old
        if address == RCC + 0x28 and old != new:
            boosted = bool(self.memory.get(VOSR, 0) >> 18 & 1)
            self.require(not boosted, "the booster's clock changes while it is on")
        if address == ICACHE and new & 1:
            self.require(self.flag("ICACHE", True), "ICACHE is still invalidating")
        return new

    def caches_on(self) -> bool:
        return bool(self.memory.get(ICACHE, 0) & 1) and bool(self.memory[FLASH] & 0x100)
