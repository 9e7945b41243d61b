# SPDX-License-Identifier: Apache-2.0
"""A model of STM32 L1: RM0038."""

from __future__ import annotations

from dataclasses import dataclass

from tests.targets.clocks.f4 import HPRE, PPRE
from tests.targets.clocks.model import MHZ, READY, Bits, Model, Tree, states_for

RCC, PWR, FLASH = 0x40023800, 0x40007000, 0x40023C00
CFGR = RCC + 8

# By voltage range: highest clock without a wait state, with one, and of the PLL's oscillator.
RANGES = {1: (16, 32, 96), 2: (8, 16, 48), 3: (2.1, 4.2, 24)}
FACTORS = (3, 4, 6, 8, 12, 16, 24, 32, 48)


@dataclass
class L1(Model):
    part: str = ""

    cr = RCC
    msi_hz = 2_097_000
    sources = ("msi", "hsi", "hse", "pll")
    sw, sws = Bits(CFGR, 0, 2), Bits(CFGR, 2, 2)
    latency = Bits(FLASH, 0)
    pll_bits = (Bits(CFGR, 16), Bits(CFGR, 18, 6))
    reset_values = ((RCC, 0x300), (PWR, 0x1000))
    before_change = 1  # the voltage range that is left

    def dirty(self) -> L1:
        """As a program before may leave it: 12 MHz from the PLL, halved, in voltage range 2 that is
        just reached, 32-bit reads."""
        self.memory |= {
            RCC: 0x01000301,
            CFGR: 3 | 8 << 4 | 4 << 8 | 5 << 11 | 3 << 22,  # 16 MHz * 3 / 4
        }
        self.running = True
        self.looks |= {"PLL": READY, "HSI": READY, "VOSF": 0}
        return self

    def range(self) -> int:
        """The lower of two while the voltage changes."""
        if self.looks.get("VOSF", READY) >= READY:
            self.before_change = 1
        return max(self.get(Bits(PWR, 11, 2)), self.before_change)

    def pll(self) -> tuple[int, list[str]]:
        value = self.memory.get(CFGR, 0)
        n, divider = FACTORS[min(value >> 18 & 15, 8)], (value >> 22 & 3) + 1
        name = "hse" if value >> 16 & 1 else "hsi"
        fed = self.source_hz(name)
        broken = {
            "the PLL is switched on before its source": self.source_ready(name),
            "the PLL's input is not 2 to 24 MHz": 2 * MHZ <= fed <= 24 * MHZ,
            "the PLL's oscillator is too fast": fed * n <= RANGES[self.range()][2] * MHZ,
            "PLLDIV is 0": divider > 1,
        }
        return fed * n // divider, [rule for rule, holds in broken.items() if not holds]

    def tree(self) -> Tree:
        value = self.memory.get(CFGR, 0)
        bus = self.system_hz() // HPRE[value >> 4 & 15]
        return Tree(bus, bus, bus // PPRE[value >> 8 & 7], bus // PPRE[value >> 11 & 7])

    def rules(self, tree: Tree) -> dict[str, bool]:
        none, one, _ = RANGES[self.range()]
        states = states_for(tree.bus, (int(none),)) if none >= 8 else int(tree.bus > none * MHZ)
        return {
            "the core is too fast for the voltage": self.system_hz() <= one * MHZ,
            "the flash has too few wait states": states <= self.wait_states(),
        }

    def flags(self, address: int, value: int) -> int:
        if address == PWR + 4:
            self.looks["VOSF"] = self.looks.get("VOSF", READY) + 1
            value = (self.looks["VOSF"] < READY) << 4
        if address == FLASH:
            kept = self.memory.get(FLASH, 0)
            wide = self.flag("ACC64", bool(kept & 4))
            value = kept & 2 | wide << 2 | self.wait_states()
        return value

    def written(self, address: int, old: int, new: int) -> int:
        if address == PWR and old != new:
            powered = bool(self.memory.get(RCC + 0x24, 0) >> 28 & 1)
            self.require(powered, "PWR has no clock")
            new = new if powered else old
            if (old ^ new) & 0x1800:
                self.require(self.looks.get("VOSF", READY) >= READY, "VOS changes before it may")
                self.looks["VOSF"], self.before_change = 0, old >> 11 & 3
        if address == FLASH and new & 3:
            self.require(
                self.flag("ACC64", bool(old & 4)), "wait state or prefetch without 64-bit access"
            )
        return new

    def caches_on(self) -> bool:
        return self.memory.get(FLASH, 0) & 6 == 6
