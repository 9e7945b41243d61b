# SPDX-License-Identifier: Apache-2.0
"""The lowest placement, by searches for one that is no higher than a given capacity (search.py).

The bound is raised from below, first by short stretches of time, each a small problem of its own,
then by everything. The best placement comes down from above. When they meet it is a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.memory_planner.bounds import alive_sets, sections
from netsuke.memory_planner.greedy import Budget, best_of_orders
from netsuke.memory_planner.pairs import search_pairs
from netsuke.memory_planner.ranking import CRITERIA, Ranking
from netsuke.memory_planner.relation import Relation, loosen, restrict
from netsuke.memory_planner.search import Answer, Search
from netsuke.memory_planner.tables import tables_of

# Stretches of so many steps (bounds.py) are searched for a better bound, so long each.
_STRETCHES = (1, 2, 3, 4, 6, 9)
_STEPS_PER_STRETCH = 50_000
# How many buffers a first search may try, besides each one once.
_FIRST_TRIES = 250


@dataclass(frozen=True, slots=True)
class Found:
    """The best offsets known, and the height that is proven to be needed."""

    offsets: tuple[int, ...]
    bound_bytes: int


def improve(relation: Relation, offsets: Sequence[int], floor_bytes: int, budget: Budget) -> Found:
    """Searches for placements lower than `offsets`, down to `floor_bytes`, within the budget.

    First the bound is raised by short stretches of time, each a small problem of its own: what
    one of them needs, all need. Only then everything is searched.
    """
    bound = max((section.bound_bytes for section in sections(relation)), default=0)
    best = Found(tuple(offsets), bound)
    if relation.height(offsets) <= max(floor_bytes, bound):
        return best
    quarter = budget.lend(budget.steps // 4)
    best = _by_stretches(relation, best, floor_bytes, quarter)
    budget.take_back(quarter)
    return _settle(relation, best, floor_bytes, budget)


def _settle(relation: Relation, best: Found, floor_bytes: int, budget: Budget) -> Found:
    """Searches for lower placements and higher bounds with what the distances allow.

    The search by rising offsets proves nothing about negative distances, only about the problem
    without them; what it leaves open is for the search over pairs.
    """
    loose = loosen(relation)
    if loose is relation:
        return _climb(relation, best, floor_bytes, budget)
    third = budget.lend(budget.steps // 3)
    bound = _climb(loose, best, floor_bytes, third).bound_bytes
    budget.take_back(third)
    third = budget.lend(budget.steps // 2)
    best = _climb(relation, Found(best.offsets, bound), floor_bytes, third)
    budget.take_back(third)
    return _lower(relation, best, floor_bytes, budget)


def _lower(relation: Relation, best: Found, floor_bytes: int, budget: Budget) -> Found:
    """Asks for one byte less, until the search over pairs refutes it."""
    offsets = best.offsets
    while (height := relation.height(offsets)) > max(floor_bytes, best.bound_bytes):
        answer, found = search_pairs(relation, height - 1, budget)
        if answer is Answer.NONE:
            return Found(offsets, height)
        if answer is Answer.OUT_OF_BUDGET:
            break
        offsets = tuple(found)
    return Found(offsets, best.bound_bytes)


def _by_stretches(relation: Relation, best: Found, floor_bytes: int, budget: Budget) -> Found:
    """Raises the bound to what the neediest stretch of time needs."""
    alive = [set(indices) for _, indices in alive_sets(relation)]
    bound = best.bound_bytes
    for width in _STRETCHES:
        for first in range(len(alive) - width + 1):
            goal = max(bound, floor_bytes)
            members = sorted(set().union(*alive[first : first + width]))
            # Looking at a stretch at all costs as much as all its pairs, several times over.
            enough_left = budget.spend(10 * len(members) ** 2)
            if goal >= relation.height(best.offsets) or not enough_left:
                return Found(best.offsets, bound)
            part = restrict(relation, members)
            share = budget.lend(_STEPS_PER_STRETCH)
            first_fit = Found(tuple(best_of_orders(part, goal, share)), 0)
            if part.height(first_fit.offsets) > goal:
                bound = max(bound, _settle(part, first_fit, goal, share).bound_bytes)
            budget.take_back(share)
    return Found(best.offsets, bound)


def _climb(relation: Relation, best: Found, floor_bytes: int, budget: Budget) -> Found:
    """Tries the lowest height not yet refuted first: it is most often the answer.

    When the budget of one try is used up, another order is tried, then heights halfway up, then
    all again with twice the budget.
    """
    offsets, proven = best.offsets, best.bound_bytes
    lowest = max(floor_bytes, proven)
    tables = tables_of(relation, sections(relation))
    share = (_FIRST_TRIES + len(offsets)) * tables.price
    rankings = [Ranking(relation, criteria) for criteria in CRITERIA]
    while budget.steps > 0 and relation.height(offsets) > lowest:
        for capacity in dict.fromkeys((lowest, (lowest + relation.height(offsets) - 1) // 2)):
            for ranking in rankings:
                if not lowest <= capacity < relation.height(offsets):
                    break
                granted = budget.lend(share)
                search = Search(tables, ranking, capacity, granted)
                answer = search.run()
                budget.take_back(granted)
                if answer is Answer.FOUND:
                    offsets = tuple(search.offsets)
                if answer is Answer.NONE:
                    lowest = max(lowest, search.next_capacity)
                    if ranking.complete:
                        proven = min(lowest, relation.height(offsets))
                if answer is not Answer.OUT_OF_BUDGET:
                    break
        share *= 2
    return Found(offsets, proven)
