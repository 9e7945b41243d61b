# SPDX-License-Identifier: Apache-2.0
"""Which of several buffers with the same lowest offset a search (search.py) tries first.

No order is good for all problems, so there are several. Each looks at how long a buffer is alive,
how large it is, and at the load: the most that is left to place while it is alive.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Literal

import numpy as np

from netsuke.memory_planner.relation import Relation
from netsuke.memory_planner.tables import Array

Criterion = Literal["span", "size", "area", "load"]

CRITERIA: tuple[tuple[Criterion, ...], ...] = (
    ("span", "area", "load"),
    ("load", "area", "span"),
    ("load", "span", "size"),
)
"""Of each order: what decides, what decides next. More goes first."""


class Ranking:
    """One of the orders for the buffers of a relation.

    An output that may start where its input starts comes before it whatever the criteria say.
    `complete`: no such outputs wait for each other, and no distance is negative.
    """

    def __init__(self, relation: Relation, criteria: Sequence[Criterion]) -> None:
        buffers, apart = relation.buffers, relation.apart
        span = np.array([b.end - b.start for b in buffers], np.int64)
        size = np.array([b.size_bytes for b in buffers], np.int64)
        self._criteria = criteria
        self._fixed = {"span": span, "size": size, "area": span * size}
        self._before = [[j for j in others if apart[j][i] <= 0] for i, others in enumerate(apart)]
        self._after = [[j for j, d in others.items() if d <= 0] for others in apart]
        self._any = any(self._before)
        nonnegative = all(d >= 0 for others in apart for d in others.values())
        self.complete = nonnegative and not self._outputs_first(list(range(len(buffers))))[1]

    def rank(self, members: Array, load: Array) -> Array:
        """The turn of each of these buffers, whose loads are given; of others no meaning."""
        keys = [members]
        for criterion in reversed(self._criteria):
            keys.append(-(load if criterion == "load" else self._fixed[criterion][members]))
        order = members[np.lexsort(keys)]
        if self._any:
            first, stuck = self._outputs_first(order.tolist())
            order = np.array(first + stuck, np.int64)
        rank = np.zeros(len(self._before), np.int64)
        rank[order] = np.arange(len(order))
        return rank

    def _outputs_first(self, order: list[int]) -> tuple[list[int], list[int]]:
        """The order with outputs before inputs, and what is left out for it hangs on a cycle."""
        turn = {i: position for position, i in enumerate(order)}
        waits = {i: sum(j in turn for j in self._before[i]) for i in order}
        ready = [turn[i] for i in order if not waits[i]]
        found = []
        while ready:
            i = order[heappop(ready)]
            found.append(i)
            for j in self._after[i]:
                if j in turn:
                    waits[j] -= 1
                    if not waits[j]:
                        heappush(ready, turn[j])
        return found, [i for i in order if waits[i]]
