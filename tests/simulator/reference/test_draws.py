"""A draw among free agents, made by many orders of preference."""

from itertools import combinations

import pytest

from simulator.reference.draws import LEVEL_BY_STEP, ORDERS, OwnSkills, balanced, orders

SINGLES, DOUBLES, LOAD = 7, 4, 0.5


@pytest.mark.parametrize(("free", "free_both"), [(5, 2), (3, 1), (1, 4), (7, 3)])
def test_whoever_is_free_is_taken_as_often_as_in_a_draw(free: int, free_both: int):
    both = total = 0
    for places in balanced(SINGLES, DOUBLES, ORDERS):
        others = [p for p in range(SINGLES + DOUBLES) if p not in places]
        for some in combinations(places, free_both):
            for rest in combinations(others, free):
                both += min(some) < min(rest)
                total += 1

    assert free_both / (free + free_both) == pytest.approx(both / total, abs=0.01)


def test_in_each_order_all_agents_who_could_take_it_rank_differently():
    skilled = OwnSkills(SINGLES, DOUBLES, LOAD)
    step = {level: place for place, level in enumerate(LEVEL_BY_STEP)}

    for order in range(ORDERS):
        ranks = [
            sum(step[skilled.levels(both, n)[s]] for s in skilled.skills_of(order))
            for both, count in ((False, SINGLES), (True, DOUBLES))
            for n in range(count)
        ]
        assert sorted(ranks) == list(range(SINGLES + DOUBLES))


def test_of_those_who_are_alike_nobody_is_taken_much_more_often():
    firsts = [0] * (SINGLES + DOUBLES)
    for order in orders(SINGLES, DOUBLES, LOAD).tolist():
        for free in combinations(order, 5):
            firsts[min(free, key=order.index)] += 1

    for alike in (firsts[:SINGLES], firsts[SINGLES:]):
        assert max(alike) < 1.25 * min(alike)
