"""Who goes first, from the order of answers: the head start of each class.

Suppose a free agent takes whoever has waited longest, each class counting from a head
start of its own. Then whenever one was answered while the first of another class was
waiting that the agent could have taken, the difference of when the two got in line bounds
the difference of their head starts. The estimate contradicts the fewest of these choices;
it is found one class at a time, over and over.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.fit.log import UNKNOWN, Floats, Ints, Log
from simulator.fit.presence import Presence

CHOICES_MIN: Final = 50
"""Fewest choices from which the head start of a class is read."""
HEAD_START_MAX_S: Final = 600.0
ROUNDS: Final = 12
WAITING_MAX: Final = 300
"""So many of those who got in line last are looked through at an answer."""
STEP_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Precedence:
    """Head starts by class, the smallest 0."""

    head_start_s: Floats
    choices: Ints
    """Choices between each class and others."""
    against: float
    """Share of the choices that the head starts do not explain."""
    against_without: float
    """The same if everybody just took the longest waiting."""


def precedence_of(
    log: Log, presence: Presence, class_of_row: Ints, first_guess_s: Floats
) -> Precedence:
    """The head starts that contradict the fewest choices in `log`.

    Classes with too few choices keep their first guess.
    """
    taken, passed, later_s = _choices(log, presence, class_of_row)
    count = len(first_guess_s)
    choices = np.bincount(taken, minlength=count) + np.bincount(passed, minlength=count)
    start = first_guess_s.astype(float).copy()
    for _ in range(ROUNDS):
        before = start.copy()
        for one in range(count):
            if choices[one] >= CHOICES_MIN:
                start[one] = _best(taken, passed, later_s, start, one)
        if np.array_equal(before, start):
            break
    start -= (
        start[choices >= CHOICES_MIN].min() if (choices >= CHOICES_MIN).any() else 0
    )
    start = np.clip(start, 0, 2 * HEAD_START_MAX_S)
    return Precedence(
        head_start_s=start,
        choices=choices,
        against=_against(taken, passed, later_s, start),
        against_without=_against(taken, passed, later_s, np.zeros(count)),
    )


def _choices(
    log: Log, presence: Presence, class_of_row: Ints
) -> tuple[Ints, Ints, Floats]:
    """Class taken, class passed over, and by how many seconds the one taken had come
    later.
    """
    can: dict[int, set[int]] = {a: set(t) for a, t in presence.skills.items()}
    waited = np.flatnonzero(log.wait_s > 1)
    queued, left = log.queued_ms[waited], log.answered_ms[waited]
    kinds, types = class_of_row[waited].tolist(), log.type[waited].tolist()
    taken, passed, later = [], [], []
    for k in np.flatnonzero(log.answered & (log.agent != UNKNOWN)).tolist():
        at = int(log.answered_ms[k])
        end = int(np.searchsorted(queued, at, side="left"))
        begin = max(0, end - WAITING_MAX)
        still = begin + np.flatnonzero(left[begin:end] > at + 1000)
        skills, mine = can[int(log.agent[k])], int(class_of_row[k])
        seen = {mine}
        for other in still.tolist():  # in the order in which they got in line
            if kinds[other] not in seen and types[other] in skills:
                seen.add(kinds[other])
                taken.append(mine)
                passed.append(kinds[other])
                later.append((int(log.queued_ms[k]) - int(queued[other])) / 1000)
    return np.array(taken, np.int64), np.array(passed, np.int64), np.array(later)


def _best(taken: Ints, passed: Ints, later_s: Floats, start: Floats, one: int) -> float:
    """The best head start of class `one` while those of the others stay.

    One taken although it came d later has at least d more than the one passed over.
    """
    grid = np.arange(-HEAD_START_MAX_S, HEAD_START_MAX_S + STEP_S, STEP_S)
    took, left = taken == one, passed == one
    least = np.sort(later_s[took] + start[passed[took]])
    most = np.sort(start[taken[left]] - later_s[left])
    wrong = (len(least) - np.searchsorted(least, grid, side="right")) + np.searchsorted(
        most, grid, side="left"
    )
    best = np.flatnonzero(wrong == wrong.min())
    return float(grid[best[len(best) // 2]])


def _against(taken: Ints, passed: Ints, later_s: Floats, start: Floats) -> float:
    if not len(taken):
        return 0.0
    return float((later_s > start[taken] - start[passed]).mean())
