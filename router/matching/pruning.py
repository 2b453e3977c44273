"""Which arcs the exact solver need not see.

Two sieves, both along the order best arc first. The first never changes the best sum;
the second does not promise that, and the round says so (`Solution.exact`).
It must never drop an arc of the greedy answer: no joint round is worse than greedy.
"""

import numpy as np
from numpy.typing import NDArray

from router.matching.arcs import Arcs
from router.matching.greedy import Sweep


def prune_exactly(arcs: Arcs, swept: Sweep) -> NDArray[np.bool_]:
    """Mark the arcs among which an optimum must lie.

    At most k = min(rows, total capacity) pairs can exist. A row paired outside its best
    columns that together hold k could move to one of them, for the other k - 1 pairs
    cannot fill them all; a column that took a row outside its k best could take one of
    those instead. Neither move loses points.
    """
    row_arcs = np.bincount(arcs.rows)
    column_arcs = np.bincount(arcs.columns, minlength=len(arcs.column_capacity))
    capacity = int(arcs.column_capacity[column_arcs > 0].sum(dtype=np.int64))
    most_pairs = min(int(np.count_nonzero(row_arcs)), capacity)

    kept = np.ones(arcs.count, np.bool_)
    room = arcs.column_capacity[arcs.columns].astype(np.int64)
    if np.bincount(arcs.rows, weights=room).max() > most_pairs:
        kept = _sum_of_better(arcs.rows, room, swept) < most_pairs
    if column_arcs.max() > most_pairs:
        # Only arcs the first sieve let through count as the better ones of a column.
        kept &= _sum_of_better(arcs.columns, kept, swept) < most_pairs
    return kept | swept.taken


def cut_to_size(
    arcs: Arcs, swept: Sweep, wanted: NDArray[np.bool_], arcs_max: int
) -> NDArray[np.bool_]:
    """Of the wanted arcs, each row's best K and the greedy answer: about `arcs_max`.

    Not exact. The greedy arcs stay because rows of one kind agree on who is best: with
    their best K alone they would crowd around the same few columns.
    """
    rows_used = max(1, int(np.count_nonzero(np.bincount(arcs.rows[wanted]))))
    best = _sum_of_better(arcs.rows, wanted, swept) < arcs_max // rows_used
    return (wanted & best) | swept.taken


def _sum_of_better(
    group: NDArray[np.int32],
    amount: NDArray[np.int64] | NDArray[np.bool_],
    swept: Sweep,
) -> NDArray[np.int64]:
    """For every arc, the sum of `amount` over the better arcs of its group."""
    count = len(group)
    place = np.empty(count, np.int64)
    place[swept.order] = np.arange(count)
    key = group * np.int64(count) + place
    key.sort()
    arcs = swept.order[key % count]
    grouped = group[arcs]
    amounts = amount[arcs].astype(np.int64)
    before = np.cumsum(amounts) - amounts
    first = np.append(True, grouped[1:] != grouped[:-1])
    start = np.maximum.accumulate(np.where(first, np.arange(count), 0))
    better = np.empty(count, np.int64)
    better[arcs] = before - before[start]
    return better
