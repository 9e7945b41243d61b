# SPDX-License-Identifier: Apache-2.0
"""Models of STM32 L4 (RM0351), L4+ (RM0432), L5 (RM0438) and G4 (RM0440)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.targets.clocks.f4 import HPRE, PPRE
from tests.targets.clocks.model import MHZ, READY, Bits, Model, Tree, states_for

RCC, PWR, FLASH, ICACHE = 0x40021000, 0x40007000, 0x40022000, 0x40030400
R1MODE = Bits(PWR + 0x80, 8)


@dataclass(frozen=True)
class Facts:
    """Wait states (MHz at 0, 1, 2, ...) and highest clock by mode: 'normal', 'boost', 'range 2',
    and an L5's 'range 0'. Above `half_mhz` the bus starts at half speed for 1 us."""

    flash: dict[str, tuple[int, ...]]
    most: dict[str, int]
    half_mhz: int
    vco_mhz: int
    m_bits: int
    n: int


# RM0351 table 12, RM0432 tables 11 and 12, RM0440 tables 29 and 9.
L4 = Facts(
    {"normal": (16, 32, 48, 64), "range 2": (6, 12, 18)},
    {"normal": 80, "range 2": 26},
    999, 64, 3, 86,
)  # fmt: skip
L4_PLUS = Facts(
    {
        "normal": (20, 40, 60), "boost": (20, 40, 60, 80, 100),
        "range 2": (8, 16),
    },
    {"normal": 80, "boost": 120, "range 2": 26},
    80, 64, 4, 127,
)  # fmt: skip
G4 = Facts(
    {"normal": (30, 60, 90, 120), "boost": (34, 68, 102, 136), "range 2": (12,)},
    {"normal": 150, "boost": 170, "range 2": 26},
    150, 96, 4, 127,
)  # fmt: skip
# RM0438, "Number of wait states according to CPU clock frequency"; DS12737.
L5 = Facts(
    {"range 0": (20, 40, 60, 80, 100), "normal": (20, 40, 60), "range 2": (8, 16)},
    {"range 0": 110, "normal": 80, "range 2": 26},
    80, 128, 4, 86,
)  # fmt: skip
FACTS = {"stm32l475vg": L4, "stm32l476rg": L4, "stm32l4r5zi": L4_PLUS, "stm32g474re": G4,
         "stm32l552ze": L5}  # fmt: skip


@dataclass
class L4Model(Model):
    part: str = ""

    cr = RCC
    hsi_bits = (8, 10)
    sources = ("msi", "hsi", "hse", "pll")
    sw, sws = Bits(RCC + 8, 0, 2), Bits(RCC + 8, 2, 2)
    latency = Bits(FLASH, 0, 4)
    pll_registers = (RCC + 12,)
    reset_values = ((RCC, 0x63), (PWR, 0x200), (PWR + 0x80, 0x100), (FLASH, 0x600))
    settled = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.facts = FACTS[self.part]
        if self.facts is G4:
            self.memory |= {RCC: 0x500, RCC + 8: 1}
            self.looks["HSI"] = READY
        if self.facts is L5:
            self.memory |= {PWR: 0x400, FLASH: 0}

    def dirty(self) -> L4Model:
        """As a bootloader may leave it: 24 MHz from the PLL, halved, voltage range 2, no caches."""
        crystal = bool(self.crystal_hz)
        m = (self.crystal_hz or 16 * MHZ) // (4 * MHZ)
        self.memory |= {
            RCC: 0x01010063 if crystal else 0x01000163,
            RCC + 8: 3 | 8 << 4 | 4 << 8 | 5 << 11,
            RCC + 12: 2 + crystal | (m - 1) << 4 | 48 << 8 | 3 << 25 | 1 << 24,  # 4 MHz * 48 / 8
            PWR: 2 << 9,
            FLASH: 3,
        }
        self.running = True
        self.looks |= {
            "PLL": READY,
            "HSI": READY * (not crystal),
            "HSE": READY,
            "LATENCY": READY,
            "wait states": 3,
        }
        return self

    def pll(self) -> tuple[int, list[str]]:
        value = self.memory.get(RCC + 12, 0)
        m = (value >> 4 & ((1 << self.facts.m_bits) - 1)) + 1
        n, r = value >> 8 & 127, (value >> 25 & 3) * 2 + 2
        name = ("", "msi", "hsi", "hse")[value & 3]
        fed = self.source_hz(name) / m
        broken = {
            "the PLL is switched on before its source": self.source_ready(name),
            "the PLL's input is not 4 to 16 MHz": 4 * MHZ <= fed <= 16 * MHZ,
            "the PLL's oscillator is out of its range": self.facts.vco_mhz * MHZ
            <= fed * n <= 344 * MHZ,
            "PLLN is out of its range": 8 <= n <= self.facts.n,
        }  # fmt: skip
        hz = int(fed * n) // r if value >> 24 & 1 else 0
        return hz, [rule for rule, holds in broken.items() if not holds]

    def tree(self) -> Tree:
        value = self.memory.get(RCC + 8, 0)
        bus = self.system_hz() // HPRE[value >> 4 & 15]
        return Tree(bus, bus, bus // PPRE[value >> 8 & 7], bus // PPRE[value >> 11 & 7])

    def mode(self) -> str:
        vos = self.get(Bits(PWR, 9, 2))
        if vos == 2 or self.looks.get("VOSF", READY) < READY:
            return "range 2"
        if self.facts is L5:
            return f"range {vos}" if vos == 0 else "normal"
        boost = "boost" in self.facts.most and not self.get(R1MODE)
        return "boost" if boost else "normal"

    def rules(self, tree: Tree) -> dict[str, bool]:
        facts, mode = self.facts, self.mode()
        fast = self.system_hz() > facts.half_mhz * MHZ
        if fast and self.looks.get("was fast") is None:
            self.looks["was fast"] = 1
            self.settled = False
        halved = self.memory.get(RCC + 8, 0) >> 4 & 15 == 8
        return {
            "the core is too fast for the voltage": self.system_hz() <= facts.most[mode] * MHZ,
            "the flash has too few wait states": states_for(tree.bus, facts.flash[mode])
            <= self.wait_states(),
            "the bus is at full speed within 1 us": self.settled or halved,
        }

    def flags(self, address: int, value: int) -> int:
        if address == PWR + 0x14:
            self.looks["VOSF"] = self.looks.get("VOSF", READY) + 1
            value = (self.looks["VOSF"] < READY) << 10
        if address == ICACHE + 4:
            value = int(not self.flag("ICACHE", True))
        return value

    def written(self, address: int, old: int, new: int) -> int:
        if address in (PWR, PWR + 0x80) and old != new:
            powered = bool(self.memory.get(RCC + 0x58, 0) >> 28 & 1)
            self.require(powered, "PWR has no clock")
            new = new if powered else old
            if address == PWR and (old ^ new) & 0x600:
                self.looks["VOSF"] = 0
        if address == ICACHE and new & 1:
            self.require(self.flag("ICACHE", True), "ICACHE is still invalidating")
        return new

    def pause(self, rounds: int) -> None:
        self.settled = self.settled or rounds * 3 * MHZ >= self.tree().core

    def caches_on(self) -> bool:
        if self.facts is L5:
            return bool(self.memory.get(ICACHE, 0) & 1)
        return self.memory[FLASH] & 0x700 == 0x700
