# SPDX-License-Identifier: Apache-2.0
"""A part's clocks, voltage and flash as the reference manuals describe them, register by register.

A model knows nothing of the tables under test: its registers are those of CMSIS headers, its limits
the manuals'. After every write it works out all clocks and notes each rule that is broken. Flags
rise after some looks at them, so that a start-up that does not wait for one goes wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

MHZ = 1_000_000
READY = 8  # looks at a flag until it is up


@dataclass(frozen=True)
class Bits:
    """Where a field is: register, lowest bit, number of bits."""

    address: int
    shift: int
    count: int = 1

    def of(self, value: int) -> int:
        return value >> self.shift & ((1 << self.count) - 1)


@dataclass(frozen=True)
class Tree:
    """All clocks, in Hz."""

    core: int
    bus: int
    apb1: int
    apb2: int


@dataclass
class Model:
    """What families share. `crystal_hz` is the board's clock, `bypass` its kind; faults follow."""

    crystal_hz: int = 0
    bypass: bool = False
    crystal_dead: bool = False
    pll_dead: bool = False
    memory: dict[int, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    looks: dict[str, int] = field(default_factory=dict)
    running: bool = False  # the PLL, since it was last switched on
    before: str = ""  # what clocks the core until SWS shows the next
    reading: bool = False

    # Of the family.
    cr: ClassVar[int] = 0
    hsi_bits = (0, 1)  # on, ready
    hsi_hz = 16 * MHZ
    msi_hz = 4 * MHZ
    sources: ClassVar[tuple[str, ...]] = ()
    sw = sws = Bits(0, 0)
    latency = Bits(0, 0)
    pll_registers: ClassVar[tuple[int, ...]] = ()
    pll_bits: ClassVar[tuple[Bits, ...]] = ()  # where its factors share a register
    reset_values: ClassVar[tuple[tuple[int, int], ...]] = ()

    def __post_init__(self) -> None:
        self.memory |= dict(self.reset_values)

    # --- the family's own rules ------------------------------------------------------------

    def pll(self) -> tuple[int, list[str]]:
        """What the PLL's factors give, and which of its limits they break."""
        raise NotImplementedError

    def tree(self) -> Tree:
        raise NotImplementedError

    def rules(self, tree: Tree) -> dict[str, bool]:
        """By its words, whether each rule holds now."""
        raise NotImplementedError

    def flags(self, address: int, value: int) -> int:
        """A register's value with the flags of the family that it shows."""
        return value

    def written(self, address: int, old: int, new: int) -> int:
        """What a write leaves in a register."""
        return new

    def caches_on(self) -> bool:
        """Whether the flash is read through all the caches that the family has for it."""
        raise NotImplementedError

    # --- what all share --------------------------------------------------------------------

    def get(self, bits: Bits) -> int:
        return bits.of(self.memory.get(bits.address, 0))

    def require(self, holds: bool, rule: str) -> None:
        if not holds and rule not in self.broken:
            self.broken.append(rule)

    def flag(self, name: str, cause: bool) -> bool:
        """A flag that rises some looks after its cause."""
        if not cause:
            self.looks.pop(name, None)
            return False
        self.looks[name] = self.looks.get(name, 0) + self.reading
        return self.looks[name] >= READY

    def hsi_ready(self) -> bool:
        return self.flag("HSI", bool(self.get(Bits(self.cr, self.hsi_bits[0]))))

    def hse_ready(self) -> bool:
        on, bypass = self.get(Bits(self.cr, 16)), self.get(Bits(self.cr, 18))
        alive = self.crystal_hz > 0 and not self.crystal_dead and bool(bypass) == self.bypass
        return self.flag("HSE", bool(on) and alive)

    def pll_ready(self) -> bool:
        """It takes a while to stop, too."""
        if self.get(Bits(self.cr, 24)):
            return self.flag("PLL", self.running)
        stopped = self.flag("PLL stopped", True)
        return not stopped and self.looks.get("PLL", 0) >= READY

    def in_use(self) -> set[str]:
        """What clocks the core; two while it switches."""
        wanted = self.sources[self.get(self.sw)]
        if self.before and self.flag(f"SWS {wanted}", True):
            self.before = ""
        return {wanted, self.before or wanted}

    def source_hz(self, name: str) -> int:
        return {"hsi": self.hsi_hz, "hse": self.crystal_hz, "msi": self.msi_hz, "": 0}[name]

    def source_ready(self, name: str) -> bool:
        if name == "pll":
            return self.pll_ready()
        if name == "hsi":
            return self.hsi_ready()
        return self.hse_ready() if name == "hse" else name == "msi"

    def system_hz(self) -> int:
        name = self.sources[self.get(self.sw)]
        return self.pll()[0] if name == "pll" else self.source_hz(name)

    def wait_states(self) -> int:
        """Those in effect: new ones some looks after they were written, and then they read so."""
        if self.flag("LATENCY", True):
            self.looks["wait states"] = self.get(self.latency)
        return self.looks.get("wait states", 0)

    def read(self, address: int) -> int:
        self.reading = True
        value = self.memory.get(address, 0)
        if address == self.cr:
            for ready, bit in (
                (self.hsi_ready(), self.hsi_bits[1]), (self.hse_ready(), 17), (self.pll_ready(), 25)
            ):  # fmt: skip
                value = value & ~(1 << bit) | ready << bit
        if address == self.sws.address:
            self.in_use()
            seen = self.before or self.sources[self.get(self.sw)]
            value &= ~(((1 << self.sws.count) - 1) << self.sws.shift)
            value |= self.sources.index(seen) << self.sws.shift
        if address == self.latency.address:
            value = value & ~0xF | self.wait_states()
        value = self.flags(address, value)
        self.reading = False
        return value

    def write(self, address: int, value: int) -> None:
        old = self.memory.get(address, 0)
        self.memory[address] = self.written(address, old, value)
        changed = old ^ self.memory[address]
        if address == self.cr:
            self._oscillators(changed)
        if address == self.sw.address and self.sw.of(changed):
            self.before = self.sources[self.sw.of(old)]
            self.looks.pop(f"SWS {self.sources[self.get(self.sw)]}", None)
        factors = any(bits.address == address and bits.of(changed) for bits in self.pll_bits)
        if factors or (address in self.pll_registers and changed):
            idle = not self.get(Bits(self.cr, 24)) and not self.pll_ready()
            self.require(idle, "the PLL's factors change while it is on")
        if address == self.latency.address and self.latency.of(changed):
            self.looks.pop("LATENCY", None)
        self._check()

    def _oscillators(self, changed: int) -> None:
        if changed & 1 << 18:
            self.require(not self.get(Bits(self.cr, 16)), "HSEBYP changes while HSE is on")
        if changed & 1 << 24:
            self.require("pll" not in self.in_use(), "the PLL that clocks the core is switched")
            self.looks.pop("PLL stopped", None)
            self.running = bool(self.get(Bits(self.cr, 24))) and not self.pll_dead
            if self.running:
                self.looks.pop("PLL", None)
            if self.running:
                for rule in self.pll()[1]:
                    self.require(False, rule)
        if changed & 1 << 16 or changed & 1 << self.hsi_bits[0]:
            own = "hse" if changed & 1 << 16 else "hsi"
            self.require(own not in self.in_use(), "the oscillator of the core is switched")

    def _check(self) -> None:
        source = self.sources[self.get(self.sw)]
        self.require(self.source_ready(source), f"the core runs from {source}, which is not ready")
        for rule, holds in self.rules(self.tree()).items():
            self.require(holds, rule)

    def pause(self, rounds: int) -> None:
        """Some time goes by."""


def states_for(hz: int, most_mhz: tuple[int, ...]) -> int:
    """How many wait states a clock needs; `most_mhz` is the fastest at 0, 1, 2, ..."""
    return sum(hz > most * MHZ for most in most_mhz)
