# SPDX-License-Identifier: Apache-2.0
"""A patch as C: for each kind of tile one function for each of its operators."""

from __future__ import annotations

from collections.abc import Mapping

from netsuke.codegen.c_model import CPatch, CRows, CTile, CTileStep
from netsuke.codegen.literals import Arrays, parameters
from netsuke.codegen.rows import address, available, row_expression, row_pointers
from netsuke.compiler.buffers import Storage
from netsuke.compiler.ir import Op, Tensor
from netsuke.compiler.ops.base import PatchCall, Tile, TileStep
from netsuke.compiler.planning import Planned


def lower_patch(
    planned: Planned,
    op: Op,
    patch: PatchCall,
    index: int,
    arrays: Arrays,
    edges: Mapping[int, str],
) -> CPatch:
    """The tiles of layer `index` from left to right."""
    rows = planned.graph.output(op).rows
    lowering = _Lowering(planned, op, patch, arrays, edges)
    tiles = tuple(
        CTile(f"{index}_{n}", tile.count, lowering.steps(f"{index}_{n}", tile))
        for n, tile in enumerate(patch.tiles)
    )
    end = f"row + {patch.rows}"
    return CPatch(tiles, end if rows % patch.rows == 0 else f"({end} < {rows} ? {end} : {rows})")


class _Lowering:
    """One patch with what its operators refer to."""

    def __init__(
        self, planned: Planned, op: Op, patch: PatchCall, arrays: Arrays, edges: Mapping[int, str]
    ) -> None:
        self.planned, self.op, self.patch = planned, op, patch
        self.arrays, self.edges = arrays, edges
        self.scratch = planned.memory.scratch[op.index]

    def steps(self, name: str, tile: Tile) -> tuple[CTileStep, ...]:
        last = len(tile.steps) - 1
        return tuple(
            self._step(f"{name}_{i}", i, step, tile, tile.steps[i + 1] if i < last else None)
            for i, step in enumerate(tile.steps)
        )

    def _step(
        self, name: str, i: int, step: TileStep, tile: Tile, reader: TileStep | None
    ) -> CTileStep:
        base, row_bytes, ring = self._output(i, step, tile)
        return CTileStep(
            name=name,
            comment=f"columns {_wide(step.source)} -> {_wide(step.out)}",
            struct=step.call.struct,
            params=parameters(step.call, self.arrays),
            function=step.call.function,
            source=self._source(i, step, tile),
            out_base=base,
            out_row_bytes=row_bytes,
            out_ring=ring,
            out_rows=step.out.rows,
            scratch=address(self.planned.memory, self.scratch, self.patch.scratch)
            if step.call.scratch_bytes
            else "NULL",
            row_argument=", row" if step.call.takes_row else "",
            first_row="row" if reader is None else row_expression(reader.access, f"row_{i + 1}"),
            condition=""
            if i == 0
            else available(step.access, step.source.rows, f"row_{i}", 1, f"row_{i - 1}"),
        )

    def _source(self, i: int, step: TileStep, tile: Tile) -> CRows:
        read = (step.access, step.source, step.out.rows)
        if i > 0:
            at = address(self.planned.memory, self.scratch, self.patch.offsets[i - 1])
            ring = self.patch.rings[i - 1]
            return row_pointers(read, 0, at, step.source.row_bytes, ring, self.edges)
        t = self.op.inputs[0]
        assert t is not None
        place, pixel = self.planned.memory.storage[t], step.source.shape[-1]
        base = self._column(place, tile.in_column * pixel, self.patch.in_columns * pixel)
        return row_pointers(read, 0, base, place.row_bytes, place.ring, self.edges)

    def _output(self, i: int, step: TileStep, tile: Tile) -> tuple[str, int, int]:
        """Where a step writes: C text, bytes from row to row, rows of the ring."""
        if i < len(self.patch.rings):
            at = address(self.planned.memory, self.scratch, self.patch.offsets[i])
            return at, step.out.row_bytes, self.patch.rings[i]
        place, pixel = self.planned.memory.storage[self.op.outputs[0]], step.out.shape[-1]
        base = self._column(place, tile.out_column * pixel, self.patch.out_columns * pixel)
        return base, place.row_bytes, place.ring

    def _column(self, place: Storage, first_bytes: int, step_bytes: int) -> str:
        """C text: where tile number `tile` begins in its row."""
        return f"{address(self.planned.memory, place, first_bytes)} + tile * {step_bytes}"


def _wide(tensor: Tensor) -> str:
    return f"{tensor.shape[2]}x{tensor.shape[3]}"
