"""A round as arrays: checked at the door, then in one canonical order.

Everything else in `matching` builds on what this file let in. It must never guess:
what is not an integer, or points at nothing, is refused with the place and the reason.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

POINTS_MAX: Final = 10**12
"""Largest points of one arc. OR-Tools multiplies costs by the number of nodes inside
64 bits, so this leaves room for rounds of millions of nodes."""

NODES_MAX: Final = 1_000_000
"""Most rows, and most columns, of one round: a round is bounded by size, not time."""

_INT64_MAX: Final = int(np.iinfo(np.int64).max)


class RoundError(ValueError):
    """The arrays do not describe a round; the message says which one and why."""


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Possible pairs of one round. Arc i joins `rows[i]` to `columns[i]`.

    Rows are taken at most once, column c at most `column_capacity[c]` times.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    points: NDArray[np.int64]
    row_count: int
    column_capacity: NDArray[np.int32]

    @property
    def count(self) -> int:
        """How many arcs there are."""
        return len(self.points)

    def only(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> "Arcs":
        """The same round with the named arcs alone, in the order they are named."""
        return Arcs(
            self.rows[kept],
            self.columns[kept],
            self.points[kept],
            self.row_count,
            self.column_capacity,
        )


def checked(
    rows: NDArray[Any],
    columns: NDArray[Any],
    points: NDArray[Any],
    row_count: int,
    column_capacity: NDArray[Any],
) -> Arcs:
    """Let a round in: integers only, ids that exist, points and capacities in range.

    Raises RoundError. OR-Tools itself takes floats in silence (1.9 counts as 1, NaN as
    the most negative integer), so nothing unchecked may come near it.
    """
    rows_ = _integers("rows", rows, np.int32, low=0)
    columns_ = _integers("columns", columns, np.int32, low=0)
    points_ = _integers("points", points, np.int64, high=POINTS_MAX)
    capacity = _integers("column_capacity", column_capacity, np.int32, low=0)

    if isinstance(row_count, bool) or not isinstance(row_count, int | np.integer):
        raise RoundError(f"row_count must be an integer, it is {row_count!r}")
    if not 0 <= row_count <= NODES_MAX:
        raise RoundError(f"row_count must be from 0 to {NODES_MAX}, it is {row_count}")
    if len(capacity) > NODES_MAX:
        raise RoundError(
            f"column_capacity has {len(capacity)} entries, at most {NODES_MAX} are "
            "allowed: make the round smaller"
        )
    if not len(rows_) == len(columns_) == len(points_):
        raise RoundError(
            "rows, columns and points must be equally long, they have "
            f"{len(rows_)}, {len(columns_)} and {len(points_)} entries"
        )
    _refuse_beyond("rows", rows_, int(row_count), "row_count")
    _refuse_beyond("columns", columns_, len(capacity), "the length of column_capacity")
    return Arcs(rows_, columns_, points_, int(row_count), capacity)


def canonical(arcs: Arcs) -> Arcs:
    """The arcs that can matter, by row and then column, each pair once.

    Dropped are arcs worth nothing (waiting is as good), arcs to a column without
    capacity, and the poorer of two arcs between the same row and column. Equal optima
    come out of OR-Tools in an order that follows the arcs: hence one order only.
    """
    useful = (arcs.points > 0) & (arcs.column_capacity[arcs.columns] > 0)
    if not useful.all():
        arcs = arcs.only(useful)
    place = arcs.rows.astype(np.int64) * len(arcs.column_capacity) + arcs.columns
    if np.all(place[1:] > place[:-1]):
        return arcs
    order = _by_place(place)
    ordered = place[order]
    if np.all(ordered[1:] > ordered[:-1]):
        return arcs.only(order)
    order = np.lexsort((-arcs.points, place))
    ordered = place[order]
    first = np.ones(len(place), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return arcs.only(order[first])


def _by_place(place: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices by rising place. Place and index in one integer, sorted by value, is many
    times faster than an argsort; it fits unless a round is absurdly large.
    """
    count = len(place)
    if int(place.max()) < _INT64_MAX // count:
        key = place * count + np.arange(count)
        key.sort()
        return key % count
    return np.argsort(place, kind="stable")


def _integers(
    name: str,
    values: NDArray[Any],
    wanted: type[np.signedinteger[Any]],
    low: int | None = None,
    high: int | None = None,
) -> NDArray[Any]:
    """`values` as a contiguous one-dimensional array of the wanted integer type."""
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        raise RoundError(f"{name} must be a one-dimensional NumPy array")
    if values.dtype.kind not in "iu":
        raise RoundError(
            f"{name} must hold integers, it holds {values.dtype}: scale scores to "
            "integers and round them before the round"
        )
    bounds = np.iinfo(wanted)
    low = int(bounds.min) if low is None else low
    high = int(bounds.max) if high is None else high
    if values.size:
        least, most = int(values.min()), int(values.max())
        if least < low or most > high:
            raise RoundError(
                f"{name} must be from {low} to {high}, they run from {least} to {most}"
            )
    return np.ascontiguousarray(values, wanted)


def _refuse_beyond(name: str, ids: NDArray[Any], count: int, counted: str) -> None:
    if ids.size and int(ids.max()) >= count:
        raise RoundError(
            f"{name} must be below {counted}, which is {count}: found {int(ids.max())}"
        )
