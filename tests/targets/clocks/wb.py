# SPDX-License-Identifier: Apache-2.0
"""Models of STM32 WB (RM0434, RM0473) and WL (RM0453, RM0461)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.targets.clocks.f4 import HPRE, PPRE
from tests.targets.clocks.model import MHZ, READY, Bits, Model, Tree, states_for

RCC, PWR, FLASH = 0x58000000, 0x58000400, 0x58004000
EXTCFGR = RCC + 0x108


@dataclass(frozen=True)
class Facts:
    """Highest clock in MHz of the first and of the second core, wait states' step by voltage range;
    parts with one range have no field of it."""

    core: int
    second: int
    flash: tuple[int, ...]
    ranges: bool = True


WL = Facts(48, 48, (18, 36))
FACTS = {
    "stm32wb15cc": Facts(64, 32, (18, 36, 54), ranges=False),
    "stm32wb55rg": Facts(64, 32, (18, 36, 54)),
    "stm32wl55jc": WL,
    "stm32wle5jc": WL,
}
RANGE_2_FLASH, RANGE_2_MHZ = (6, 12), 16


@dataclass
class WB(Model):
    part: str = ""

    cr = RCC
    hsi_bits = (8, 10)
    sources = ("msi", "hsi", "hse", "pll")
    sw, sws = Bits(RCC + 8, 0, 2), Bits(RCC + 8, 2, 2)
    latency = Bits(FLASH, 0, 3)
    pll_registers = (RCC + 12,)
    reset_values = ((RCC, 0x63), (RCC + 12, 0x22041000), (PWR, 0x200), (FLASH, 0x600))
    shared = 0  # SHDHPRE and C2HPRE in effect

    def __post_init__(self) -> None:
        super().__post_init__()
        self.facts = FACTS[self.part]

    def dirty(self) -> WB:
        """As a program before may leave it: 16 MHz from the PLL in voltage range 2, the second
        core undivided and the shared bus halved, no caches."""
        self.memory |= {
            RCC: 0x01000163,
            RCC + 8: 3 | 4 << 8 | 5 << 11,
            RCC + 12: 2 | 8 << 8 | 1 << 28 | 7 << 29,  # 16 MHz * 8 / 8
            EXTCFGR: 8,
            PWR: 2 << 9,
            FLASH: 2,
        }
        self.shared = 8
        self.running = True
        self.looks |= {"PLL": READY, "HSI": READY, "LATENCY": READY, "wait states": 2}
        return self

    def pll(self) -> tuple[int, list[str]]:
        value = self.memory.get(RCC + 12, 0)
        m, n, r = (value >> 4 & 7) + 1, value >> 8 & 127, (value >> 29 & 7) + 1
        name = ("", "msi", "hsi", "hse")[value & 3]
        fed = self.source_hz(name) / m
        broken = {
            "the PLL is switched on before its source": self.source_ready(name),
            "the PLL's input is not 2.66 to 16 MHz": 2.66 * MHZ <= fed <= 16 * MHZ,
            "the PLL's oscillator is out of its range": 96 * MHZ <= fed * n <= 344 * MHZ,
            "PLLN is out of its range": 6 <= n <= 127,
            "PLLR is out of its range": r >= 2,
        }
        hz = int(fed * n) // r if value >> 28 & 1 else 0
        return hz, [rule for rule, holds in broken.items() if not holds]

    def tree(self) -> Tree:
        value = self.memory.get(RCC + 8, 0)
        bus = self.system_hz() // HPRE[value >> 4 & 15]
        return Tree(bus, bus, bus // PPRE[value >> 8 & 7], bus // PPRE[value >> 11 & 7])

    def in_range_2(self) -> bool:
        changing = self.looks.get("VOSF", READY) < READY
        return self.facts.ranges and (self.get(Bits(PWR, 9, 2)) != 1 or changing)

    def rules(self, tree: Tree) -> dict[str, bool]:
        facts, slow = self.facts, self.in_range_2()
        system = self.system_hz()
        shared, second = (system // HPRE[self.shared >> shift & 15] for shift in (0, 4))
        states = states_for(shared, RANGE_2_FLASH if slow else facts.flash)
        most = RANGE_2_MHZ if slow else facts.core
        return {
            "the core is too fast for the voltage": system <= most * MHZ,
            "the second core is too fast": second <= facts.second * MHZ,
            "the flash has too few wait states": states <= self.wait_states(),
        }

    def flags(self, address: int, value: int) -> int:
        if address == PWR + 0x14:
            self.looks["VOSF"] = self.looks.get("VOSF", READY) + 1
            value = (self.looks["VOSF"] < READY) << 10
        if address == EXTCFGR:
            applied = self.flag("shared", True)
            if applied:
                self.shared = value & 0xFF
            value = value & ~0x30000 | (0x30000 if applied else 0)
        return value

    def written(self, address: int, old: int, new: int) -> int:
        if address == PWR and (old ^ new) & 0x600:
            self.require(self.facts.ranges, "VOS is written where it is reserved")
            self.looks["VOSF"] = 0
        if address == EXTCFGR and (old ^ new) & 0xFF:
            self.looks.pop("shared", None)
        return new

    def caches_on(self) -> bool:
        return self.memory[FLASH] & 0x700 == 0x700 and self.shared & 15 == 0
