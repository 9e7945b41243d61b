# SPDX-License-Identifier: Apache-2.0
"""Rows that kernels read, as C text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from netsuke.codegen.c_model import CRows
from netsuke.codegen.literals import Arrays
from netsuke.compiler.buffers import MemoryPlan, Place, Storage
from netsuke.compiler.ir import Tensor
from netsuke.compiler.ops.base import Access, ConstArray, Rows, Whole

Read = tuple[Access, Tensor, int]
"""What an output row reads of a tensor, and how many rows the output has."""


def address(plan: MemoryPlan, place: Place | Storage, more: int = 0) -> str:
    """C text: where `place`, and `more` bytes behind it, is, given `arena`."""
    part = "arena" if len(plan.memories) == 1 else f"arena[{place.memory}]"
    return f"{part} + {place.offset + more}"


def row_pointers(
    read: Read, first: int, base: str, row_bytes: int, ring: int, edges: Mapping[int, str]
) -> CRows:
    """The pointers from in[first] on to the rows that output row `row` reads of a tensor, kept as
    `ring` rows of `row_bytes` at `base`, C text."""
    access, tensor, out_rows = read
    rows = Rows(num=0) if isinstance(access, Whole) else access
    outside = not isinstance(access, Whole) and _leaves(rows, tensor, out_rows)
    edge = "NULL" if rows.edge == "null" else edges.get(tensor.q.zero_point, "")
    return CRows(
        first=first,
        count=rows.count,
        step=rows.step,
        base=base,
        row_bytes=row_bytes,
        ring=ring,
        rows=tensor.rows,
        first_row=row_expression(rows, "row"),
        edge=edge if outside else "",
    )


def _leaves(rows: Rows, tensor: Tensor, out_rows: int) -> bool:
    """Whether some output row reads a row outside the tensor."""
    last = rows.span(out_rows - 1)
    return rows.span(0)[0] < 0 or last[-1] >= tensor.rows


def row_expression(rows: Rows, row: str) -> str:
    """C text of the first input row that output row `row` reads."""
    if rows.num == 0:
        return str(rows.lo)
    text = row if rows.num == 1 else f"{row} * {rows.num}"
    text = text if rows.den == 1 else f"{text} / {rows.den}"
    return text if rows.lo == 0 else f"{text} {'+' if rows.lo > 0 else '-'} {abs(rows.lo)}"


def edge_rows(reads: Iterable[Read], arrays: Arrays) -> dict[int, str]:
    """For each zero point that is read beyond an edge, the array of zero points as long as the
    longest such row. Reads are (access, tensor, output rows)."""
    longest: dict[int, int] = {}
    for access, tensor, out_rows in reads:
        if isinstance(access, Whole) or access.edge == "null":
            continue
        if _leaves(access, tensor, out_rows):
            zero = tensor.q.zero_point
            longest[zero] = max(longest.get(zero, 0), tensor.row_bytes)
    return {
        zero: arrays.name(ConstArray(np.full(size, zero, np.int8)))
        for zero, size in sorted(longest.items())
    }


def available(access: Access, rows: int, me: str, block: int, other: str) -> str:
    """C text: `other` rows made are enough for output rows [me, me + block).

    Blocks that do not divide the rows count beyond them in the end.
    """
    if isinstance(access, Whole):
        return f"{other} >= {rows}"
    last = access.lo + (access.count - 1) * access.step + 1
    if access.num == 0:
        return f"{other} >= {min(last, rows)}"
    if access.den == 1:
        need = f"{me} * {access.num} + {access.num * (block - 1) + last}"
    else:
        need = f"({me} + {block - 1}) * {access.num} / {access.den} + {last}"
    return f"({other} >= {need} || {other} >= {rows})"
