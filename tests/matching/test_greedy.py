"""Best arc first: a rule so simple that it is checked against its plain wording."""

import numpy as np
from hypothesis import given as for_all

from router.matching.arcs import POINTS_MAX
from router.matching.greedy import best_first, greedy
from tests.matching.rounds import a_random_round, a_round, shuffled, small_rounds, worth


def plainly(given):
    """Greedy as one would say it: sort, then take what is still free."""
    arcs = zip(*(part.tolist() for part in given[:3]), strict=True)
    room = given.column_capacity.tolist()
    pairs = {}
    for row, column, points in sorted(arcs, key=lambda a: (-a[2], a[0], a[1])):
        if points > 0 and row not in pairs and room[column] > 0:
            pairs[row] = column
            room[column] -= 1
    return sorted(pairs.items())


@for_all(small_rounds())
def test_it_takes_the_best_arc_left_each_time(given):
    pairs, objective = greedy(*given)

    assert plainly(given) == [tuple(pair) for pair in pairs.tolist()]
    assert worth(given, pairs) == objective


def test_a_round_of_many_slices_is_walked_as_one_of_few():
    given = a_random_round(seed=3, rows=900, columns=400, arcs_a_row=40, capacity=2)

    pairs, _ = greedy(*given)

    assert plainly(given) == [tuple(pair) for pair in pairs.tolist()]


def test_equal_points_go_to_the_lower_row_then_the_lower_column():
    arcs = [(row, column, 5) for row in range(3) for column in range(2)]
    given = a_round(arcs, row_count=3, capacity=[1, 1])

    pairs, _ = greedy(*shuffled(given, seed=1))

    assert [[0, 0], [1, 1]] == pairs.tolist()


def test_the_order_is_the_same_when_points_are_too_large_for_the_fast_sort():
    points = np.random.default_rng(5).integers(1, 50, 2000)

    assert best_first(points).tolist() == best_first(points - 100).tolist()
    assert [0, 1, 2] == best_first(np.array([2**62, 2**62, 1])).tolist()


def test_nobody_to_pair_is_no_pair():
    pairs, objective = greedy(*a_round([], row_count=3, capacity=[1]))

    assert ((0, 2), 0) == (pairs.shape, objective)


def test_the_largest_points_allowed_add_up():
    given = a_round([(r, r, POINTS_MAX) for r in range(3)], 3, [1, 1, 1])

    assert 3 * POINTS_MAX == greedy(*given)[1]
