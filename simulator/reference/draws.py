"""A draw among free agents, made without drawing: by many orders of preference.

An engine that draws nothing takes the first free agent of an order. With many orders, one
for each part of the demand, whoever is free is taken about as often as a draw would take
them, if the orders are chosen well. They are chosen in two steps: where agents of both
languages stand, so that the first free one is of both as often as in a draw; and then who
of the alike stands where, so that each is taken as often as the others.
"""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

ORDERS: Final = 28
"""Different orders of the agents."""
LEVEL_BY_STEP: Final = (2, 3, 4, 5)
"""Levels from best to worst fit for a need of level 1."""
CANDIDATES_MAX: Final = 1000
EXCHANGES: Final = 12
"""How often the places of both are exchanged, order by order, for those that suit best."""
SWAPS: Final = 4000
"""How many swaps of two who are alike are tried."""
STATES: Final = 1200
"""In so many states, drawn once, swaps have to do no harm."""
BUSIER: Final = 1.25
LESS_BUSY: Final = 0.92
"""Agents of both languages and of one, against the load of all; to draw states, roughly."""
Orders = npt.NDArray[np.int64]


class OwnSkills:
    """Skills whose levels put the agents in many different orders.

    An order takes as many skills as it needs for every agent to have another sum of
    levels: with four levels, three steps a skill.
    """

    def __init__(self, singles: int, doubles: int, load: float) -> None:
        """So many agents of one language, and of both; `load` is how busy they are."""
        self.each = math.ceil((singles + doubles - 1) / (len(LEVEL_BY_STEP) - 1))
        self.skills = self.each * ORDERS
        self._singles = singles
        self._orders = orders(singles, doubles, load)

    def skills_of(self, order: int) -> range:
        """The skills that an order asks for."""
        return range(order * self.each, (order + 1) * self.each)

    def levels(self, both: bool, n: int) -> list[int]:
        """An agent's levels in all of these skills."""
        agent = self._singles + n if both else n
        found = []
        for order in self._orders:
            left = order.tolist().index(agent)
            for _ in range(self.each):
                step = min(left, len(LEVEL_BY_STEP) - 1)
                found.append(LEVEL_BY_STEP[step])
                left -= step
        return found


def orders(singles: int, doubles: int, load: float) -> Orders:
    """`ORDERS` orders of agents, those of one language first in number."""
    draw = np.random.default_rng(0)
    found = np.empty((ORDERS, singles + doubles), np.int64)
    for order, places in zip(found, balanced(singles, doubles, ORDERS), strict=True):
        others = [p for p in range(singles + doubles) if p not in places]
        order[list(places)] = singles + draw.permutation(doubles)
        order[others] = draw.permutation(singles)
    busy = np.repeat([load * LESS_BUSY, load * BUSIER], [singles, doubles])
    free = draw.random((STATES, singles + doubles)) >= np.minimum(0.95, busy)
    return _evened(found, free[free.any(axis=1)], singles, draw)


def _evened(
    found: Orders, free: npt.NDArray[np.bool_], singles: int, draw: np.random.Generator
) -> Orders:
    """Swap two who are alike in an order wherever that brings the shares of all closer to
    those of a draw, in squares over all states.
    """
    rows = np.arange(len(free))
    picks = np.array([_picked(order, free) for order in found])
    beside = -len(found) * free / free.sum(axis=1, keepdims=True)
    for picked in picks:
        beside[rows, picked] += 1
    for _ in range(SWAPS):
        j = int(draw.integers(len(found)))
        order = found[j].copy()
        one, other = draw.choice(order.size, 2, replace=False)
        if (order[one] < singles) != (order[other] < singles):
            continue
        order[[one, other]] = order[[other, one]]
        picked = _picked(order, free)
        changed = np.flatnonzero(picked != picks[j])
        before, after = picks[j][changed], picked[changed]
        gain = beside[changed, before] - beside[changed, after] - 1
        if gain.sum() >= 0:
            beside[changed, before] -= 1
            beside[changed, after] += 1
            picks[j], found[j] = picked, order
    return found


def _picked(order: npt.NDArray[Any], free: npt.NDArray[np.bool_]) -> Orders:
    picked: Orders = order[free[:, order].argmax(axis=1)]
    return picked


def balanced(singles: int, doubles: int, orders: int) -> list[tuple[int, ...]]:
    """Places of the agents of both languages in so many orders, so that for any number of
    free agents of either kind the first free one is of both as often as in a draw.
    """
    candidates = list(combinations(range(singles + doubles), doubles))
    candidates = candidates[:: max(1, len(candidates) // CANDIDATES_MAX)]
    states = [(e, b) for e in range(1, singles + 1) for b in range(1, doubles + 1)]
    wanted = np.array([b / (e + b) for e, b in states])
    first = np.array(
        [[_first(c, singles, doubles, e, b) for e, b in states] for c in candidates]
    )
    beside = first - wanted
    chosen = [turn * len(candidates) // orders for turn in range(orders)]
    for turn in [*range(orders)] * EXCHANGES:
        rest = beside[chosen].sum(axis=0) - beside[chosen[turn]]
        chosen[turn] = int(((rest + beside) ** 2).sum(axis=1).argmin())
    return [candidates[place] for place in chosen]


def _first(
    places: Sequence[int], singles: int, doubles: int, free: int, free_both: int
) -> float:
    """How likely the first free agent is of both languages, when any so many are free."""
    chance = 0.0
    for before, place in enumerate(places):
        ones = place - before
        chance += (
            math.comb(singles - ones, free)
            / math.comb(singles, free)
            * math.comb(doubles - before - 1, free_both - 1)
            / math.comb(doubles, free_both)
        )
    return chance
