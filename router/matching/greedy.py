"""Best arc first: the yardstick of every joint round, and what takes over if one fails.

In many rounds the greedy answer is already the best one, and a cheap upper bound shows
it. Plain NumPy, not compiled: the solver's process loads this file, and with Numba its
start took over a second. It must never look at anything but the arcs.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from router.matching.arcs import Arcs, canonical, checked
from router.matching.solution import Solution, Solver, Status

_INT64_MAX: Final = int(np.iinfo(np.int64).max)
_SLICES: Final = 16
_SLICE_MIN: Final = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """What one walk over the arcs, best first, tells about a round."""

    order: NDArray[np.int64]
    """Arc indices by points (highest first), then row, then column."""
    taken: NDArray[np.bool_]
    """The arcs the greedy answer consists of."""
    objective: int
    """What the greedy answer is worth."""
    proven: bool
    """No other answer can be worth more."""


def greedy(
    rows: NDArray[Any],
    columns: NDArray[Any],
    points: NDArray[Any],
    row_count: int,
    column_capacity: NDArray[Any],
) -> tuple[NDArray[np.int32], int]:
    """Pairs (k, 2) sorted by row, and their points, taking the best arc left each time.

    Equal points go to the lower row, then the lower column. Raises RoundError.
    """
    arcs = canonical(checked(rows, columns, points, row_count, column_capacity))
    swept = sweep(arcs)
    return pairs_of(arcs, swept.taken), swept.objective


def sweep(arcs: Arcs) -> Sweep:
    """Walk canonical arcs once, best first."""
    order = best_first(arcs.points)
    taken = np.zeros(arcs.count, np.bool_)
    taken[_chosen(arcs, order)] = True
    objective = int(arcs.points[taken].sum())
    return Sweep(order, taken, objective, _proven(arcs, objective))


def best_first(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices by falling points; equal points keep their (canonical) order."""
    count = len(points)
    if count == 0:
        return np.zeros(0, np.int64)
    most = int(points.max())
    # Points and place in one integer, sorted by value, is several times faster than a
    # stable argsort, and just as stable. It fits unless a round is absurdly large.
    if int(points.min()) >= 0 and most < _INT64_MAX // count:
        key = (most - points) * count + np.arange(count)
        key.sort()
        return np.asarray(key % count, np.int64)
    return np.argsort(-points, kind="stable")


def pairs_of(arcs: Arcs, taken: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The taken arcs as pairs; canonical arcs give them sorted by row."""
    return np.column_stack((arcs.rows[taken], arcs.columns[taken]))


def greedy_solution(arcs: Arcs, swept: Sweep, status: Status) -> Solution:
    """The greedy answer as the answer of the round: proven best, or all there is."""
    return Solution(
        pairs=pairs_of(arcs, swept.taken),
        objective=swept.objective,
        greedy_objective=swept.objective,
        status=status,
        solver=Solver.GREEDY,
        exact=status == Status.OPTIMAL,
        arcs_solved=arcs.count,
    )


def _chosen(arcs: Arcs, order: NDArray[np.int64]) -> list[int]:
    """The arcs that greedy takes, slice by slice.

    Each slice is thinned out first: once the best arcs are taken, most of what follows
    leads from a paired row or to a full column, and need not be looked at one by one.
    """
    row_open = np.ones(arcs.row_count, np.bool_)
    room = arcs.column_capacity.copy()
    row_open_at, room_at = row_open.data, room.data
    chosen: list[int] = []
    step = max(_SLICE_MIN, len(order) // _SLICES)
    for start in range(0, len(order), step):
        ahead = order[start : start + step]
        ahead = ahead[row_open[arcs.rows[ahead]] & (room[arcs.columns[ahead]] > 0)]
        rows, columns = arcs.rows[ahead].tolist(), arcs.columns[ahead].tolist()
        for arc, row, column in zip(ahead.tolist(), rows, columns, strict=True):
            if row_open_at[row] and room_at[column]:
                row_open_at[row] = False
                room_at[column] -= 1
                chosen.append(arc)
    return chosen


def _proven(arcs: Arcs, objective: int) -> bool:
    """Whether every row got its best arc, or there is only one column to give away."""
    if arcs.count == 0 or bool(np.all(arcs.columns == arcs.columns[0])):
        return True
    first = np.flatnonzero(np.append(True, arcs.rows[1:] != arcs.rows[:-1]))
    return objective == int(np.maximum.reduceat(arcs.points, first).sum())
