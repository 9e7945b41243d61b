# SPDX-License-Identifier: Apache-2.0
"""Models of STM32 H723 (RM0468), H743 (RM0433), H747 (RM0399) and H7A3 (RM0455)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.targets.clocks.f4 import HPRE, PPRE
from tests.targets.clocks.model import MHZ, READY, Bits, Model, Tree, states_for

RCC, PWR, FLASH, SYSCFG = 0x58024400, 0x58024800, 0x52002000, 0x58000400


@dataclass(frozen=True)
class Facts:
    """By voltage scale 0 to 3: highest core clock, bus clock and wait states, all in MHz. `wired`
    is what the board's supply makes of CR3's bits 2 to 0; `codes` the scale by the field VOS, as it
    is without over-drive."""

    core: tuple[int, int, int, int]
    bus: tuple[int, int, int, int]
    apb: tuple[int, int, int, int]
    flash: tuple[tuple[int, ...], ...]
    vco: tuple[int, int]
    scale_0_by_syscfg: bool
    wired: int
    codes: tuple[int, int, int, int] = (3, 3, 2, 1)
    p_1: bool = False


# RM0433 table 17, DS12110 table 23; RM0455 table 15, DS13195 table 24.
H743 = Facts(
    (480, 400, 300, 200), (240, 200, 150, 100), (120, 100, 75, 50),
    ((70, 140, 210, 225), (70, 140, 210), (55, 110, 165), (45, 90, 135)),
    (192, 960), True, 0b010,
)  # fmt: skip
H747 = Facts(H743.core, H743.bus, H743.apb, H743.flash, (192, 836), False, 0b100)
H7A3 = Facts(
    (280, 225, 160, 88), (280, 225, 160, 88), (140, 113, 80, 44),
    (
        (42, 84, 126, 168, 210, 252), (38, 76, 114, 152, 190), (34, 68, 102, 136), (22, 44, 66),
    ),
    (128, 560), False, 0b100, (3, 2, 1, 0),
)  # fmt: skip
# RM0468, "FLASH recommended number of wait states and programming delay"; DS13313, without
# CPUFREQ_BOOST.
H723 = Facts(
    (520, 400, 300, 170), (275, 200, 150, 85), (138, 100, 75, 43),
    ((70, 140, 210), (67, 133), (50, 100), (35, 70)),
    (192, 836), False, 0b010, (0, 3, 2, 1), True,
)  # fmt: skip
FACTS = {"stm32h723zg": H723, "stm32h743zi": H743, "stm32h747xi": H747, "stm32h7a3zi": H7A3}


@dataclass
class H7(Model):
    part: str = ""

    cr = RCC
    hsi_bits = (0, 2)
    hsi_hz = 64 * MHZ
    sources = ("hsi", "csi", "hse", "pll")
    sw, sws = Bits(RCC + 0x10, 0, 3), Bits(RCC + 0x10, 3, 3)
    latency = Bits(FLASH, 0, 4)
    pll_registers = (RCC + 0x28, RCC + 0x2C, RCC + 0x30)
    reset_values = (
        (RCC, 0x25), (RCC + 0x28, 0x02020200), (RCC + 0x2C, 0x01FF0000),
        (RCC + 0x30, 0x01010280), (FLASH, 0x37), (PWR + 0x0C, 0x6),
    )  # fmt: skip
    supplied = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.facts = FACTS[self.part]
        self.memory[PWR + 0x18] = 1 << 14 if self.facts is not H7A3 else 0
        self.looks |= {"HSI": READY, "LATENCY": READY, "wait states": 7}

    def dirty(self) -> H7:
        """As a program before may leave it: 64 or 80 MHz from the crystal alone, all prescalers
        set."""
        self.crystal_hz = self.crystal_hz or 8 * MHZ
        m, n, input_range = {8 * MHZ: (4, 128, 1), 25 * MHZ: (5, 64, 2)}[self.crystal_hz]
        self.memory |= {
            RCC: 0x01010000 | self.bypass << 18,
            RCC + 0x10: 3,
            RCC + 0x18: 1 << 8 | 5 << 4,
            RCC + 0x1C: 5 << 4 | 6 << 8,
            RCC + 0x20: 5 << 4,
            RCC + 0x28: m << 4 | 2,
            RCC + 0x2C: 0x00070001 | input_range << 2,
            RCC + 0x30: n - 1 | 3 << 9,
        }
        self.running = True
        self.looks |= {"PLL": READY, "HSE": READY, "HSI": 0}
        return self

    def pll(self) -> tuple[int, list[str]]:
        select, how, factors = (self.memory[RCC + offset] for offset in (0x28, 0x2C, 0x30))
        m, n, p = select >> 4 & 63, (factors & 511) + 1, (factors >> 9 & 127) + 1
        name = ("hsi", "csi", "hse", "")[select & 3]
        fed = self.source_hz(name) / max(m, 1) if name != "csi" else 0
        ranges = ((1, 2), (2, 4), (4, 8), (8, 16))
        low, high = ranges[how >> 2 & 3]
        vco = self.facts.vco
        broken = {
            "the PLL is switched on before its source": self.source_ready(name),
            "PLL1RGE is not the input's": low * MHZ <= fed <= high * MHZ,
            "the wide oscillator needs 2 MHz": fed >= 2 * MHZ and not how >> 1 & 1,
            "the PLL's oscillator is out of its range": vco[0] * MHZ <= fed * n <= vco[1] * MHZ,
            "DIVP1 is odd": p % 2 == 0 or (p == 1 and self.facts.p_1),
            "the fractional part is on": not how & 1,
        }
        hz = int(fed * n) // p if how >> 16 & 1 else 0
        return hz, [rule for rule, holds in broken.items() if not holds]

    def tree(self) -> Tree:
        d1, d2 = self.memory.get(RCC + 0x18, 0), self.memory.get(RCC + 0x1C, 0)
        core = self.system_hz() // HPRE[d1 >> 8 & 15]
        bus = core // HPRE[d1 & 15]
        return Tree(core, bus, bus // PPRE[d2 >> 4 & 7], bus // PPRE[d2 >> 8 & 7])

    def scale(self) -> int:
        """The voltage scale in effect: a new one is once VOSRDY was seen."""
        if not self.flag(f"VOS {self.wanted_scale()}", self.supplied):
            return 3
        return self.wanted_scale()

    def wanted_scale(self) -> int:
        code = self.memory[PWR + 0x18] >> 14 & 3
        overdriven = bool(self.memory.get(SYSCFG + 0x2C, 0) & 1) and self.facts.scale_0_by_syscfg
        return 0 if overdriven and code == 3 else self.facts.codes[code]

    def rules(self, tree: Tree) -> dict[str, bool]:
        facts, scale = self.facts, self.scale()
        d1, d3 = self.memory.get(RCC + 0x18, 0), self.memory.get(RCC + 0x20, 0)
        others = (tree.bus // PPRE[d1 >> 4 & 7], tree.bus // PPRE[d3 >> 4 & 7])
        return {
            "the core is too fast for the voltage": tree.core <= facts.core[scale] * MHZ,
            "the bus is too fast for the voltage": tree.bus <= facts.bus[scale] * MHZ,
            "the flash has too few wait states": states_for(tree.bus, facts.flash[scale])
            <= self.wait_states(),
            "a peripheral bus is too fast": max(tree.apb1, tree.apb2, *others)
            <= max(facts.apb[scale], 64) * MHZ,
        }

    def flags(self, address: int, value: int) -> int:
        if address == PWR + 4:
            value = self.flag("ACTVOSRDY", self.supplied) << 13
        if address == PWR + 0x18:
            ready = self.flag(f"VOS {self.wanted_scale()}", self.supplied)
            value = value & ~(1 << 13) | ready << 13
        return value

    def written(self, address: int, old: int, new: int) -> int:
        if address == PWR + 0x0C:
            if self.supplied:
                return old
            self.require(new & 7 == self.facts.wired, "the supply is not the one that is wired")
            self.supplied = True
        if address == PWR + 0x18 and old != new:
            self.require(self.flag("ACTVOSRDY", self.supplied), "VOS before the supply is ready")
            self.looks.pop(f"VOS {self.wanted_scale()}", None)
        if address == SYSCFG + 0x2C:
            powered = bool(self.memory.get(RCC + 0xF4, 0) >> 1 & 1)
            self.require(powered, "SYSCFG has no clock")
            first = bool(new & ~old & 1)
            self.require(not first or self.scale() == 1, "ODEN before voltage scale 1 is ready")
            return new if powered else old
        return new

    def caches_on(self) -> bool:
        return True
