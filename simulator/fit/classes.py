"""Which interactions are alike: one type and one priority, where there are enough.

Some systems note the customer and the priority only of those who had to wait. Rows that
lack both for that reason are dealt out among the priorities of their type as those who
waited that day have them: evenly, not by chance.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.fit.log import UNKNOWN, Floats, Ints, Log

ROWS_MIN: Final = 200
"""A priority with fewer rows of a type goes with the type's commonest."""
NOTED_LESS: Final = 0.5
"""Customers are noted of so much smaller a share of those answered at once."""
DAY_MIN: Final = 50
"""Fewest rows of a day that say how its priorities are shared."""
_GOLDEN: Final = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Classes:
    """Types and priorities, and which row is of which."""

    keys: tuple[tuple[int, int], ...]
    """Type and priority of each class."""
    of_row: Ints
    dealt: int
    """Rows whose priority the log does not say."""


def classes_of(log: Log) -> Classes:
    """The classes of the rows of `log`."""
    priority = log.priority.copy()
    not_noted = np.zeros(len(log), dtype=bool)
    for type_ in range(len(log.types)):
        mine = log.type == type_
        lacking = _lacking(log, mine)
        not_noted |= lacking
        priority[lacking] = _dealt(log, mine & (log.wait_s > 0), lacking)
    keys = []
    for type_ in np.unique(log.type).tolist():
        mine = log.type == type_
        levels, counts = np.unique(priority[mine], return_counts=True)
        common = int(levels[np.argmax(counts)])
        for level, count in zip(levels.tolist(), counts.tolist(), strict=True):
            if count < ROWS_MIN:
                priority[mine & (priority == level)] = common
        keys += [(type_, int(level)) for level in np.unique(priority[mine])]
    of_row = np.zeros(len(log), dtype=np.int64)
    for position, (type_, level) in enumerate(keys):
        of_row[(log.type == type_) & (priority == level)] = position
    return Classes(tuple(keys), of_row, int(not_noted.sum()))


def _lacking(log: Log, mine: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Rows of a type answered at once, of which customer and priority were not noted."""
    known = log.customer != UNKNOWN
    waited = mine & (log.wait_s > 0)
    at_once = mine & (log.wait_s == 0) & log.answered
    if waited.sum() < DAY_MIN or not at_once.any():
        return np.zeros(len(log), dtype=bool)
    if known[waited].mean() - known[at_once].mean() < NOTED_LESS:
        return np.zeros(len(log), dtype=bool)
    return np.asarray(at_once & ~known & (log.priority == log.priority[mine].min()))


def _dealt(
    log: Log, waited: npt.NDArray[np.bool_], lacking: npt.NDArray[np.bool_]
) -> Ints:
    """A priority for each row that lacks it."""
    rows = np.flatnonzero(lacking)
    levels = np.unique(log.priority[waited]) if waited.any() else np.zeros(1, np.int64)
    overall = _shares(log.priority[waited], levels)
    found = np.zeros(len(rows), dtype=np.int64)
    for day in np.unique(log.day[rows]).tolist():
        today = waited & (log.day == day)
        shares = (
            overall if today.sum() < DAY_MIN else _shares(log.priority[today], levels)
        )
        mine = log.day[rows] == day
        # The golden ratio's multiples, without their whole parts, fill [0, 1) evenly.
        points = (np.arange(1, mine.sum() + 1) * _GOLDEN) % 1
        place = np.searchsorted(np.cumsum(shares), points, side="right")
        found[mine] = levels[np.minimum(place, len(levels) - 1)]
    return found


def _shares(priorities: Ints, levels: Ints) -> Floats:
    counts = np.array([(priorities == level).sum() for level in levels], dtype=float)
    return np.asarray(counts / max(counts.sum(), 1.0))
