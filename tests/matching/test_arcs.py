"""What a round may look like, and what is said about one that may not."""

import numpy as np
import pytest

from router.matching.arcs import POINTS_MAX, RoundError, canonical, checked
from tests.matching.rounds import a_round

GOOD = a_round([(0, 1, 5), (1, 0, 7)], row_count=2, capacity=[1, 1])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"points": np.array([1.5, 2.0])}, "points must hold integers, it holds float"),
        ({"points": np.array([np.nan, 2.0])}, "points must hold integers"),
        ({"points": np.array([1, POINTS_MAX + 1])}, "points must be from"),
        ({"points": np.array([1, 2**63], np.uint64)}, "points must be from"),
        ({"points": np.array([True, False])}, "points must hold integers"),
        ({"points": np.array(["5", "7"])}, "points must hold integers"),
        ({"points": np.array([1])}, "equally long, they have 2, 2 and 1"),
        ({"points": np.ones((2, 1), np.int64)}, "points must be a one-dimensional"),
        ({"points": [5, 7]}, "points must be a one-dimensional NumPy array"),
        ({"rows": np.array([0, -1])}, "rows must be from 0"),
        ({"rows": np.array([0, 2])}, "rows must be below row_count, which is 2"),
        ({"columns": np.array([0, 2**40])}, "columns must be from 0"),
        ({"columns": np.array([0, 2])}, "columns must be below the length of column_c"),
        ({"column_capacity": np.array([1, -1])}, "column_capacity must be from 0"),
        ({"column_capacity": np.array([1, 1.0])}, "column_capacity must hold integers"),
        ({"row_count": -1}, "row_count must be from 0"),
        ({"row_count": 10**9}, "row_count must be from 0 to 1000000"),
        ({"row_count": 2.0}, "row_count must be an integer, it is 2.0"),
        ({"row_count": True}, "row_count must be an integer"),
    ],
)
def test_what_is_no_round_is_refused_with_the_reason(wrong, told):
    with pytest.raises(RoundError, match=told):
        checked(**{**GOOD._asdict(), **wrong})


def test_any_integer_type_is_welcome_and_becomes_the_one_we_use():
    arcs = checked(**{**GOOD._asdict(), "rows": np.array([0, 1], np.uint8)})

    assert np.int32 == arcs.rows.dtype


def test_canonical_arcs_are_sorted_and_each_pair_stands_once_at_its_best():
    given = a_round(
        [(1, 0, 3), (0, 1, 2), (1, 0, 9), (0, 0, 4)], row_count=2, capacity=[1, 1]
    )

    arcs = canonical(checked(*given))

    assert [(0, 0, 4), (0, 1, 2), (1, 0, 9)] == list(
        zip(*(a.tolist() for a in (arcs.rows, arcs.columns, arcs.points)), strict=True)
    )


def test_arcs_worth_nothing_or_leading_to_a_full_column_are_dropped():
    given = a_round([(0, 0, 0), (0, 1, 5), (0, 2, -3)], row_count=1, capacity=[1, 0, 1])

    assert 0 == canonical(checked(*given)).count
