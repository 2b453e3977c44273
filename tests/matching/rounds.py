"""Rounds to solve, and the slow but obvious way to solve them.

Stands beside the tests of matching and must never use what it is compared with.
"""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st


class Round(NamedTuple):
    """The arguments of `solve`, in its order."""

    rows: np.ndarray
    columns: np.ndarray
    points: np.ndarray
    row_count: int
    column_capacity: np.ndarray


def a_round(arcs, row_count, capacity):
    """A round from (row, column, points) triples."""
    rows, columns, points = zip(*arcs, strict=True) if arcs else ((), (), ())
    return Round(
        np.array(rows, np.int32),
        np.array(columns, np.int32),
        np.array(points, np.int64),
        row_count,
        np.array(capacity, np.int32),
    )


def a_random_round(seed, rows, columns, arcs_a_row, capacity=1):
    """Random arcs in canonical order; points are all different."""
    draw = np.random.default_rng(seed)
    to = [np.sort(draw.choice(columns, arcs_a_row, replace=False)) for _ in range(rows)]
    count = rows * arcs_a_row
    return Round(
        np.repeat(np.arange(rows, dtype=np.int32), arcs_a_row),
        np.concatenate(to).astype(np.int32),
        draw.integers(1, 1000, count) * count + draw.permutation(count),
        rows,
        np.full(columns, capacity, np.int32),
    )


def shuffled(given, seed):
    """The same round with its arcs in another order."""
    order = np.random.default_rng(seed).permutation(len(given.points))
    return given._replace(
        rows=given.rows[order],
        columns=given.columns[order],
        points=given.points[order],
    )


FEW_POINTS = st.integers(-2, 12)


@st.composite
def small_rounds(draw, points=FEW_POINTS):
    """Up to 5 x 5 with capacities up to 3; some arcs worth nothing, some repeated."""
    rows = draw(st.integers(1, 5))
    capacity = draw(st.lists(st.integers(0, 3), min_size=1, max_size=5))
    arc = st.tuples(st.integers(0, rows - 1), st.integers(0, len(capacity) - 1), points)
    return a_round(draw(st.lists(arc, max_size=25)), rows, capacity)


def best_sum(given):
    """The highest sum of points, by trying everything."""
    choices = [[] for _ in range(given.row_count)]
    for row, column, points in zip(*given[:3], strict=True):
        choices[row].append((int(column), int(points)))
    room = given.column_capacity.tolist()

    def from_row(row):
        if row == len(choices):
            return 0
        best = from_row(row + 1)
        for column, points in choices[row]:
            if room[column] > 0:
                room[column] -= 1
                best = max(best, points + from_row(row + 1))
                room[column] += 1
        return best

    return from_row(0)


def worth(given, pairs):
    """What the pairs sum up to; fails if they break a rule of the round."""
    points = {}
    for row, column, value in zip(*given[:3], strict=True):
        key = (int(row), int(column))
        points[key] = max(int(value), points.get(key, int(value)))
    pairs = [tuple(pair) for pair in pairs.tolist()]
    rows = [row for row, _ in pairs]
    assert sorted(set(rows)) == rows, "each row at most once, sorted by row"
    for column, capacity in enumerate(given.column_capacity.tolist()):
        assert capacity >= sum(taken == column for _, taken in pairs)
    return sum(points[pair] for pair in pairs)
