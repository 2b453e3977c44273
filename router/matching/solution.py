"""What a match round comes back with: pairs, their worth, and how they were found.

Plain values that the engine records with the round; no solver type leaves `solver.py`.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Status(StrEnum):
    """How far the pairs can be trusted to be the best ones."""

    OPTIMAL = "optimal"
    """Proven best over the arcs that were solved (all arcs, if `Solution.exact`)."""
    FALLBACK = "fallback"
    """The solver gave no answer; the pairs are the greedy ones."""
    CRASH = "crash"
    """The solver's process died; the pairs are the greedy ones."""


class Solver(StrEnum):
    """Which method found the pairs."""

    MIN_COST_FLOW = "min_cost_flow"
    GREEDY = "greedy"


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """The pairs of one round, sorted by row; a row that is missing stays waiting."""

    pairs: NDArray[np.int32]
    """Shape (k, 2): row and column."""
    objective: int
    """Sum of the points of the pairs."""
    greedy_objective: int
    """What best-arc-first would have scored on the whole round: the yardstick."""
    status: Status
    solver: Solver
    exact: bool
    """Optimal over every arc handed in. False after a cut to size, or a fallback."""
    arcs_solved: int
    """How many arcs were left to decide among, after pruning."""
