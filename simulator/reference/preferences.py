"""Who takes whom, said with skill levels and priorities.

Each class of interactions is a skill and a queue of its own. A pool's level in the skill
says how well it fits, and the queue's priority how urgent the class is. Together they have
to put the pools in each class's order, and the classes in each pool's order:
both orders compare fit and priority of one pair, so a number for every pair that agrees with
all orders is searched, and then split into priority and fit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from simulator.reference.times import NotExpressed

LEVELS: Final = (2, 3, 4, 5)
"""Levels from best to worst fit for a need of level 1: 1000, 900, 800 and 700 points."""
PRIORITY_STEP: Final = 1
"""Of priority, with the weights of `setup.SCORE`: worth as much as one step of fit."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Preferences:
    """Levels by (class, pool) and priorities by class."""

    levels: dict[Pair, int]
    priorities: tuple[int, ...]


def preferences(
    classes: int,
    class_orders: Sequence[Sequence[Sequence[int]]],
    pool_orders: Sequence[Sequence[Sequence[int]]],
) -> Preferences:
    """Levels and priorities that make every class and every pool choose in its order.

    `class_orders[k]` has the pools of class k, best first, in groups that are equal;
    `pool_orders[p]` has the classes of pool p in the same way. Raises NotExpressed when
    the orders contradict each other or need more levels than there are.
    """
    equal: list[tuple[Pair, Pair]] = []
    before: list[tuple[Pair, Pair]] = []
    for k, order in enumerate(class_orders):
        _compare([[(k, p) for p in group] for group in order], equal, before)
    for p, order in enumerate(pool_orders):
        _compare([[(k, p) for k in group] for group in order], equal, before)
    pairs = {(k, p) for k, order in enumerate(class_orders) for g in order for p in g}
    place = _places(pairs, equal, before)
    best = [min(place[pair] for pair in pairs if pair[0] == k) for k in range(classes)]
    levels: dict[Pair, int] = {}
    for k, p in pairs:
        rank = place[k, p] - best[k]
        if rank >= len(LEVELS):
            raise NotExpressed(f"class {k + 1} ranks more than {len(LEVELS)} pools")
        levels[k, p] = LEVELS[rank]
    top = max(best)
    if top * PRIORITY_STEP > 100:
        raise NotExpressed("there are more than 100 priorities")
    return Preferences(levels, tuple((top - b) * PRIORITY_STEP for b in best))


def _compare(
    order: Sequence[Sequence[Pair]],
    equal: list[tuple[Pair, Pair]],
    before: list[tuple[Pair, Pair]],
) -> None:
    for group in order:
        equal += [(group[0], other) for other in group[1:]]
    for first, second in pairwise(order):
        before.append((first[0], second[0]))


def _places(
    pairs: Iterable[Pair],
    equal: Sequence[tuple[Pair, Pair]],
    before: Sequence[tuple[Pair, Pair]],
) -> dict[Pair, int]:
    """The lowest place of each pair so that equals are equal and earlier ones lower."""
    place = dict.fromkeys(pairs, 0)
    for _ in range(len(place) + 2):
        changed = False
        for one, other in equal:
            top = max(place[one], place[other])
            changed = changed or place[one] != top or place[other] != top
            place[one] = place[other] = top
        for one, other in before:
            if place[other] < place[one] + 1:
                place[other] = place[one] + 1
                changed = True
        if not changed:
            return place
    raise NotExpressed("the orders of classes and pools contradict each other")
