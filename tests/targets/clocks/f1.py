# SPDX-License-Identifier: Apache-2.0
"""Models of STM32 F1 (RM0008, RM0041) and F3 (RM0316, RM0313, RM0364)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.targets.clocks.f4 import HPRE, PPRE
from tests.targets.clocks.model import MHZ, READY, Bits, Model, Tree, states_for

RCC, FLASH = 0x40021000, 0x40022000
CFGR, CFGR2 = RCC + 4, RCC + 0x2C


@dataclass(frozen=True)
class Facts:
    """Highest core clock in MHz, lowest and highest factor of the PLL. `prediv` parts divide its
    external source by CFGR2, the others by 2 or not; `wide` ones, F302, F303 and F398 of size D and
    E, have two bits of PLLSRC. `flash` is the wait states' step in MHz, none on an F100."""

    core: int
    factors: tuple[int, int] = (2, 16)
    prediv: bool = False
    wide: bool = False
    flash: tuple[int, ...] = (24, 48)


FACTS = {
    "stm32f100vb": Facts(24, prediv=True, flash=()),
    "stm32f101rb": Facts(36),
    "stm32f102cb": Facts(48),
    "stm32f103c8": Facts(72),
    "stm32f103rb": Facts(72),
    "stm32f107vc": Facts(72, (4, 9), prediv=True),
    "stm32f303cc": Facts(72, prediv=True),
    "stm32f303re": Facts(72, prediv=True, wide=True),
    "stm32f334r8": Facts(72, prediv=True),
    "stm32f373vc": Facts(72, prediv=True),
}


@dataclass
class F1(Model):
    part: str = ""

    cr = RCC
    hsi_hz = 8 * MHZ
    sources = ("hsi", "hse", "pll")
    sw, sws = Bits(CFGR, 0, 2), Bits(CFGR, 2, 2)
    latency = Bits(FLASH, 0, 3)
    pll_bits = (Bits(CFGR, 15, 7), Bits(CFGR2, 0, 4))
    reset_values = ((RCC, 0x83), (FLASH, 0x30))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.looks["HSI"] = READY
        self.facts = FACTS[self.part]

    def dirty(self) -> F1:
        """As a bootloader may leave it: 24 MHz from a crystal alone, halved before the PLL, slow
        buses, no prefetch."""
        self.crystal_hz = self.crystal_hz or 8 * MHZ
        self.memory |= {
            RCC: 0x01010080 | self.bypass << 18,
            CFGR: 2 | 6 << 8 | 7 << 11 | 1 << 16 | 1 << 17 | 4 << 18,
            CFGR2: int(self.facts.prediv),
            FLASH: 0,
        }
        self.running = True
        self.looks |= {"HSI": 0, "HSE": READY, "PLL": READY}
        return self

    def pll(self) -> tuple[int, list[str]]:
        value = self.memory.get(CFGR, 0)
        prediv = (self.memory.get(CFGR2, 0) & 15) + 1
        by_hse = bool(value >> 16 & 1)
        divider = (prediv if self.facts.prediv else 1 + (value >> 17 & 1)) if by_hse else 2
        if self.facts.wide and value >> 15 & 3 == 1:
            divider = prediv
        n = min((value >> 18 & 15) + 2, 16)
        fed = self.source_hz("hse" if by_hse else "hsi") / divider
        broken = {
            "the PLL is switched on before its source": self.source_ready(
                "hse" if by_hse else "hsi"
            ),
            "the PLL's input is not 1 to 24 MHz": MHZ <= fed <= 24 * MHZ,
            "the PLL's output is not 16 to 72 MHz": 16 * MHZ <= fed * n <= 72 * MHZ,
            "PLLMUL is out of its range": self.facts.factors[0] <= n <= self.facts.factors[1],
        }
        return int(fed * n), [rule for rule, holds in broken.items() if not holds]

    def tree(self) -> Tree:
        value = self.memory.get(CFGR, 0)
        bus = self.system_hz() // HPRE[value >> 4 & 15]
        return Tree(bus, bus, bus // PPRE[value >> 8 & 7], bus // PPRE[value >> 11 & 7])

    def wait_states(self) -> int:
        return self.get(self.latency)

    def rules(self, tree: Tree) -> dict[str, bool]:
        states = states_for(tree.bus, self.facts.flash)
        undivided = not self.memory.get(CFGR, 0) >> 7 & 1
        return {
            "the core is too fast": tree.core <= self.facts.core * MHZ,
            "the flash has too few wait states": states <= self.wait_states(),
            "APB1 is too fast": tree.apb1 <= 36 * MHZ,
            "the bus is divided without prefetch": undivided or bool(self.memory[FLASH] & 0x10),
        }

    def flags(self, address: int, value: int) -> int:
        if address == FLASH:
            value = value & ~0x20 | (value & 0x10) << 1
        return value

    def written(self, address: int, old: int, new: int) -> int:
        if address == FLASH and (old ^ new) & 0x10:
            slow = self.system_hz() <= 24 * MHZ and not self.memory.get(CFGR, 0) >> 7 & 1
            self.require(slow, "the prefetch buffer is switched at speed")
        return new

    def caches_on(self) -> bool:
        return bool(self.memory[FLASH] & 0x10) or not self.facts.flash
