# SPDX-License-Identifier: Apache-2.0
"""Models of STM32 F4 and F7: RM0090, RM0368, RM0383, RM0390, RM0385, RM0410."""

from __future__ import annotations

from dataclasses import dataclass

from tests.targets.clocks.model import MHZ, READY, Bits, Model, Tree, states_for

RCC, PWR, FLASH = 0x40023800, 0x40007000, 0x40023C00
PPRE = {0: 1, 1: 1, 2: 1, 3: 1, 4: 2, 5: 4, 6: 8, 7: 16}
HPRE = {**dict.fromkeys(range(8), 1), 8: 2, 9: 4, 10: 8, 11: 16, 12: 64, 13: 128, 14: 256, 15: 512}


@dataclass(frozen=True)
class Facts:
    """Highest core clock in MHz by the field VOS, then with over-drive; APB limits; wait states'
    step in MHz; the bits of VOS that exist."""

    scales: dict[int, int]
    overdriven: dict[int, int]
    apb: tuple[int, int]
    flash: tuple[int, ...]
    vos: Bits
    caches: int


VOS_2 = Bits(PWR, 14, 2)
ALL = tuple(range(30, 211, 30))  # RM0090 table 10, RM0385 table 5: 30 MHz each at 2.7 V
ART = 0x700  # FLASH_ACR: prefetch, instruction and data cache
FACTS = {
    "stm32f401re": Facts({1: 60, 2: 84}, {}, (42, 84), (30, 60), VOS_2, ART),
    "stm32f405rg": Facts({0: 144, 1: 168}, {}, (42, 84), ALL[:5], Bits(PWR, 14), ART),
    "stm32f407vg": Facts({0: 144, 1: 168}, {}, (42, 84), ALL[:5], Bits(PWR, 14), ART),
    "stm32f411re": Facts({1: 64, 2: 84, 3: 100}, {}, (50, 100), (30, 64, 90), VOS_2, ART),
    "stm32f429zi": Facts({1: 120, 2: 144, 3: 168}, {2: 168, 3: 180}, (45, 90), ALL, VOS_2, ART),
    "stm32f446re": Facts({1: 120, 2: 144, 3: 168}, {2: 168, 3: 180}, (45, 90), ALL, VOS_2, ART),
    "stm32f746ng": Facts({1: 144, 2: 168, 3: 180}, {2: 180, 3: 216}, (54, 108), ALL, VOS_2, 0),
    "stm32f767zi": Facts({1: 144, 2: 168, 3: 180}, {2: 180, 3: 216}, (54, 108), ALL, VOS_2, 0),
}


@dataclass
class F4(Model):
    part: str = ""

    cr = RCC
    sources = ("hsi", "hse", "pll")
    sw, sws = Bits(RCC + 8, 0, 2), Bits(RCC + 8, 2, 2)
    latency = Bits(FLASH, 0, 4)
    pll_registers = (RCC + 4,)
    reset_values = ((RCC, 0x83), (RCC + 4, 0x24003010), (PWR, 0x8000))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.looks["HSI"] = READY
        self.facts = FACTS[self.part]

    def dirty(self) -> F4:
        """As a bootloader may leave it: 60 MHz from the crystal alone, prescalers set, slow."""
        self.memory |= {
            RCC: 0x01010080 | self.bypass << 18,
            RCC + 4: self.crystal_hz // MHZ | 240 << 6 | 1 << 16 | 1 << 22,  # 1 MHz * 240 / 4
            RCC + 8: 2 | 4 << 10 | 6 << 13,
            PWR: 1 << 14,
            FLASH: 2,
        }
        self.running = True
        self.looks |= {
            "HSI": 0,
            "HSE": READY,
            "PLL": READY,
            "VOS": READY,
            "LATENCY": READY,
            "wait states": 2,
        }
        return self

    def pll(self) -> tuple[int, list[str]]:
        value = self.memory[RCC + 4]
        m, n, p = value & 63, value >> 6 & 511, (value >> 16 & 3) * 2 + 2
        source = self.source_hz("hse" if value >> 22 & 1 else "hsi")
        ready = self.hse_ready() if value >> 22 & 1 else self.hsi_ready()
        fed = source / max(m, 1)
        broken = {
            "the PLL is switched on before its source": ready,
            "the PLL's input is not 0.95 to 2.1 MHz": 0.95 * MHZ <= fed <= 2.1 * MHZ,
            "the PLL's oscillator is not 100 to 432 MHz": 100 * MHZ <= fed * n <= 432 * MHZ,
            "PLLN is not 50 to 432": 50 <= n <= 432,
        }
        return int(fed * n) // p, [rule for rule, holds in broken.items() if not holds]

    def tree(self) -> Tree:
        value = self.memory.get(RCC + 8, 0)
        core = self.system_hz()
        bus = core // HPRE[value >> 4 & 15]
        return Tree(bus, bus, bus // PPRE[value >> 10 & 7], bus // PPRE[value >> 13 & 7])

    def pll_locked(self) -> bool:
        on = bool(self.memory[RCC] >> 24 & 1) and self.running
        return on and self.looks.get("PLL", 0) >= READY

    def overdrive(self) -> bool:
        return self.flag("OD", self.on("ODEN", 16)) and self.flag("ODSW", self.on("ODSWEN", 17))

    def on(self, name: str, bit: int) -> bool:
        pll = bool(self.memory[RCC] >> 24 & 1)
        return pll and bool(self.memory[PWR] >> bit & 1) and bool(self.facts.overdriven)

    def rules(self, tree: Tree) -> dict[str, bool]:
        facts = self.facts
        scale = self.get(facts.vos)
        most = facts.overdriven if self.overdrive() else facts.scales
        by_pll = self.get(self.sw) == 2
        vos = self.flag("VOS", self.pll_locked())
        return {
            "the core is too fast for the voltage": tree.core <= most.get(scale, 0) * MHZ
            or not by_pll,
            "the flash has too few wait states": states_for(tree.bus, facts.flash)
            <= self.wait_states(),
            "APB1 is too fast": tree.apb1 <= facts.apb[0] * MHZ,
            "APB2 is too fast": tree.apb2 <= facts.apb[1] * MHZ,
            "the voltage is not ready": vos or not by_pll,
        }

    def flags(self, address: int, value: int) -> int:
        if address == PWR + 4:
            lit = (
                (self.flag("VOS", self.pll_locked()), 14),
                (self.flag("OD", self.on("ODEN", 16)), 16),
                (self.flag("ODSW", self.on("ODSWEN", 17)), 17),
            )
            value = sum(flag << bit for flag, bit in lit)
        return value

    def written(self, address: int, old: int, new: int) -> int:
        if address == PWR and old != new:
            powered = bool(self.memory.get(RCC + 0x40, 0) >> 28 & 1)
            self.require(powered, "PWR has no clock")
            new = new if powered else old
            if self.facts.vos.of(old) != self.facts.vos.of(new):
                self.require(not self.memory[RCC] >> 24 & 1, "VOS changes while the PLL is on")
            if new & ~old & 1 << 17:
                self.require(self.flag("OD", self.on("ODEN", 16)), "ODSWEN before ODRDY")
        return new

    def caches_on(self) -> bool:
        return self.memory[FLASH] & self.facts.caches == self.facts.caches
