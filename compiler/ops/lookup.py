# SPDX-License-Identifier: Apache-2.0
"""LOOKUP: what passes make of operators that together map each int8 number to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops.table import Table


@dataclass(frozen=True, slots=True)
class LookupAttrs(Attrs):
    """`table[i]` is the output for the number i - 128."""

    table: tuple[int, ...]


class Lookup(Table[LookupAttrs]):
    name = "lookup"
    builtin = "LOOKUP"
    attrs_type = LookupAttrs
    internal = True

    def table(self, attrs: LookupAttrs, source: Tensor, out: Tensor) -> Array:
        return np.array(attrs.table, np.int8)


OPERATOR = Lookup()
