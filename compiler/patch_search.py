# SPDX-License-Identifier: Apache-2.0
"""Which operators to compute in patches, so that memory shrinks for few extra multiplications.

The region that takes most memory decides. Every chain that touches it is tried in tiles of several
sizes, cheapest first, until the region fits; then the graph is cut again, and another region may be
the highest. What is found is not proven to be the least.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from netsuke.compiler.cost import macs
from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.base import Isa, KernelCall
from netsuke.compiler.ops.patch import PatchAttrs, layout, scratch_bytes, tiles_of
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.patches import chains, patch_op, with_patch
from netsuke.compiler.regions import Planner, Segment, least_peak, plan_regions
from netsuke.compiler.verify import broken_constraint

TILES = (1, 2, 3, 4, 5, 6, 8, 10)
"""Numbers of tiles tried."""

ROWS = (1, 2, 4, 8)
"""Output rows in a call."""

STEPS, FINEST = 25, 200
"""Into how many parts a peak is divided: the steps down, and where the last one is cut short."""

FIRST_BOUND = 128
"""Into how many parts the work of a graph is divided for the first bound above 0."""

MOST_MOVES = 24
"""Patches set or changed on the way to a peak."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A chain of operators to compute in tiles of `columns`, `rows` output rows in a call."""

    chain: tuple[Op, ...]
    rows: int
    columns: int

    @property
    def indices(self) -> frozenset[int]:
        return frozenset(op.index for op in self.chain)


Choices = tuple[Choice, ...]
"""Chains without an operator in common, by their last operators."""


@dataclass(frozen=True, slots=True)
class Patched:
    """A graph with patches, the most bytes alive at once in it, and what it computes again."""

    graph: Graph
    peak_bytes: int
    extra_macs: int


class PatchSearch:
    """Patches of the graph of `planner`, whose regions are planned alike."""

    def __init__(self, planner: Planner, isa: Isa) -> None:
        self.base, self.isa = planner, isa
        self.chains = tuple(chains(planner.graph))
        self._once = macs(planner.graph)
        self._scratch: dict[object, int] = {}
        self._calls: dict[Choice, KernelCall] = {}
        self._possible: dict[Choice, bool] = {}
        self._planners: dict[Choices, Planner] = {}
        self._regions: dict[Choices, Segment] = {}
        self._extra: dict[Choice, int] = {}
        self._peaks: dict[object, int | None] = {}

    def within(self, peak_bytes: int, most_extra_macs: int, least: int = 0) -> Patched | None:
        """Patches with which at most `peak_bytes` are alive at once and at most `most_extra_macs`
        are computed again, None where none are found; under ever wider bounds, from `least` on."""
        bound = least
        while bound < most_extra_macs:
            found = self._bounded(peak_bytes, bound)
            if found is not None:
                return found
            bound = max(2 * bound, self._once // FIRST_BOUND)
        return self._bounded(peak_bytes, most_extra_macs)

    def _bounded(self, peak_bytes: int, most_extra_macs: int) -> Patched | None:
        choices: Choices = ()
        seen = {choices}
        for _ in range(MOST_MOVES):
            if self._fits(choices, peak_bytes):
                return self._patched(self._thinned(choices, peak_bytes))
            moved = self._best_move(choices, peak_bytes, most_extra_macs)
            if moved is None or moved in seen:
                return None
            choices = moved
            seen.add(choices)
        return None

    def front(self, most_extra_macs: int) -> Iterator[Patched]:
        """Graphs of falling peaks, each at least one part in STEPS below the one before it."""
        peak, extra = least_peak(self._planner(())), 0
        while patched := self.within(peak - peak // STEPS, most_extra_macs, extra):
            yield patched
            peak, extra = patched.peak_bytes, max(0, patched.extra_macs)

    def least(self, most_extra_macs: int) -> Patched | None:
        """The graph of least peak that was found, None where patches do not help."""
        best = None
        for found in self.front(most_extra_macs):
            best = found
        high = least_peak(self._planner(())) if best is None else best.peak_bytes
        low = high - high // STEPS
        while high - low > max(1, high // FINEST):
            middle = (low + high) // 2
            lower = self.within(middle, most_extra_macs)
            if lower is None:
                low = middle
            else:
                best, high = lower, lower.peak_bytes
        return best

    def _patched(self, choices: Choices) -> Patched:
        planner = self._planner(choices)
        return Patched(planner.graph, least_peak(planner), self._extra_macs(choices))

    def _fits(self, choices: Choices, peak_bytes: int) -> bool:
        return least_peak(self._planner(choices), peak_bytes + 1) <= peak_bytes

    def _highest(self, choices: Choices) -> Segment:
        """The region of most bytes where these are as few as can be."""
        if choices not in self._regions:
            self._regions[choices] = plan_regions(self._planner(choices), 0).highest
        return self._regions[choices]

    def _thinned(self, choices: Choices, peak_bytes: int) -> Choices:
        """Without patches that later ones made needless, the dearest first."""
        for choice in sorted(choices, key=self._extra_of, reverse=True):
            fewer = tuple(c for c in choices if c != choice)
            if self._fits(fewer, peak_bytes):
                choices = fewer
        return choices

    # --- moves ---

    def _best_move(self, choices: Choices, peak_bytes: int, most_extra_macs: int) -> Choices | None:
        """The cheapest patch with which the highest region fits, or the one that lowers it most."""
        highest = self._highest(choices)
        inside = self._base_indices(choices, highest)
        moves = (m for m in self._moves(choices, inside) if self._extra_macs(m) <= most_extra_macs)
        best, lowest = None, highest.peak_bytes
        for move in sorted(moves, key=self._extra_macs):
            if lowest <= peak_bytes:
                break
            peak = self._local_peak(move, inside)
            if peak is not None and peak < lowest:
                best, lowest = move, peak
        return best

    def _base_indices(self, choices: Choices, segment: Segment) -> frozenset[int]:
        """The operators of the graph without patches that a region holds."""
        members = {choice.chain[-1].index: choice.indices for choice in choices}
        found = (members.get(op.index, frozenset((op.index,))) for op in segment.region.ops)
        return frozenset().union(*found)

    def _moves(self, choices: Choices, inside: frozenset[int]) -> Iterator[Choices]:
        """`choices` with one patch more, or another, that touches these operators."""
        for chain in self.chains:
            indices = frozenset(op.index for op in chain)
            if not indices & inside:
                continue
            kept = tuple(c for c in choices if not c.indices & indices)
            for choice in self._sizes(chain):
                moved = (*kept, choice)
                if choice not in choices and self._can(choice):
                    yield tuple(sorted(moved, key=lambda c: c.chain[-1].index))

    def _sizes(self, chain: tuple[Op, ...]) -> Iterator[Choice]:
        out = self.base.graph.output(chain[-1])
        columns = dict.fromkeys(-(-out.shape[2] // tiles) for tiles in TILES)
        for rows in (n for n in ROWS if n <= out.rows):
            yield from (Choice(chain, rows, n) for n in columns)

    def _local_peak(self, choices: Choices, inside: frozenset[int]) -> int | None:
        """The peak of the region of these operators, and of those in patches with them."""
        touching = tuple(c for c in choices if c.indices & inside)
        union = inside.union(*(c.indices for c in touching))
        key = (touching, union)
        if key not in self._peaks:
            planner = self._new_planner(choices)
            gone = frozenset().union(*(c.indices - {c.chain[-1].index} for c in choices))
            places = [i for i, op in enumerate(planner.ops) if op.index in union - gone]
            segment = planner.segment(places[0], places[-1] + 1, 1)
            self._peaks[key] = None if segment is None else segment.peak_bytes
        return self._peaks[key]

    # --- graphs ---

    def _graph(self, choices: Choices) -> Graph:
        graph = self.base.graph
        for choice in choices:
            graph = with_patch(graph, choice.chain, choice.rows, choice.columns)
        return graph

    def _planner(self, choices: Choices) -> Planner:
        """Kept, for the way down to the next peak goes by the same choices."""
        if choices not in self._planners:
            self._planners[choices] = self._new_planner(choices)
        return self._planners[choices]

    def _new_planner(self, choices: Choices) -> Planner:
        calls = {choice.chain[-1].index: self._call(choice) for choice in choices}
        graph = self._graph(choices)
        return replace(self.base, graph=graph, calls={**self.base.calls, **calls})

    def _extra_macs(self, choices: Choices) -> int:
        return sum(map(self._extra_of, choices))

    def _op(self, choice: Choice) -> Op:
        return patch_op(self.base.graph, choice.chain, choice.rows, choice.columns)

    def _extra_of(self, choice: Choice) -> int:
        if choice not in self._extra:
            op, graph = self._op(choice), self.base.graph
            self._extra[choice] = operator_of(op.attrs).extra_macs(
                op.attrs, graph.input_tensors(op), graph.output(op)
            )
        return self._extra[choice]

    def _can(self, choice: Choice) -> bool:
        if choice not in self._possible:
            found = broken_constraint(self.base.graph, self._op(choice))
            self._possible[choice] = found is None
        return self._possible[choice]

    def _call(self, choice: Choice) -> KernelCall:
        """As much of a patch's call as planning reads: its scratch."""
        if choice not in self._calls:
            scratch = self._scratch_of(choice, self._op(choice))
            self._calls[choice] = KernelCall("", "", "", "", (), scratch)
        return self._calls[choice]

    def _scratch_of(self, choice: Choice, op: Op) -> int:
        """The same as in the patch's own call, but each kernel is asked once for a width."""
        attrs, graph = op.attrs, self.base.graph
        assert isinstance(attrs, PatchAttrs)
        tiles = tiles_of(attrs, graph.input_tensors(op), graph.output(op))
        most = 0
        for member, pieces in zip(choice.chain, zip(*tiles, strict=True), strict=True):
            for piece in pieces:
                key = (member.index, piece.attrs, piece.inputs[0], piece.out)
                if key not in self._scratch:
                    call = operator_of(piece.attrs).kernel(
                        piece.attrs, piece.inputs, piece.out, self.isa, 1
                    )
                    self._scratch[key] = call.scratch_bytes
                most = max(most, self._scratch[key])
        return scratch_bytes(layout(tiles).end, most)
