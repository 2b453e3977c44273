"""Joint rounds, the other half: from a floor to the solver's arrays, and from its pairs
back to offers.

Small rounds are solved where they fall due. For larger ones the driver may take a
`Round` away, solve it beside its loop and bring the solution back; the engine checks
every pair again before it offers it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from router.engine.entry import conclude
from router.engine.rounds import TIE, arcs, by_ladder, capacities, seekers, takers
from router.engine.tables import EVENT, Floor
from router.matching.solution import Solution, Status
from router.matching.solver import solve

STATUS_NUMBERS = {Status.OPTIMAL: 1, Status.FALLBACK: 2, Status.CRASH: 3}
"""`MATCH_ROUND_SOLVED.mode`."""


@dataclass(frozen=True, slots=True)
class Round:
    """Everything of a joint round that the solver and the way back need. Arrays are the
    round's own.
    """

    prepared_at: int
    prepared_sequence: int
    interactions: npt.NDArray[np.int64]
    agents: npt.NDArray[np.int64]
    arc_rows: npt.NDArray[np.int32]
    arc_columns: npt.NDArray[np.int32]
    points: npt.NDArray[np.int64]
    capacity: npt.NDArray[np.int32]

    def solved(self) -> Solution:
        """Solve it here and now."""
        return solve(
            self.arc_rows,
            self.arc_columns,
            self.points,
            len(self.interactions),
            self.capacity,
        )


def pairs_possible(floor: Floor) -> int:
    """An upper bound on the arcs of a round, without looking at anybody."""
    house, rules = floor.house[0], floor.rules[0]
    return min(int(house.waiting), int(rules.interactions_max)) * min(
        int(house.free_agents), int(rules.agents_max)
    )


def prepare(floor: Floor, now: int) -> Round:
    """Write down the round as it stands: who waits, who is free, and every possible
    pair's worth.
    """
    house, rules = floor.house[0], floor.rules[0]
    rows = np.empty(min(int(house.waiting), int(rules.interactions_max)), np.int64)
    rows = rows[: seekers(floor, rows)]
    by_ladder(floor, rows)
    columns = np.empty(min(int(house.free_agents), int(rules.agents_max)), np.int64)
    columns = columns[: takers(floor, columns)]
    each = len(columns)
    if len(rows) * len(columns) > int(rules.inline_pairs_max):
        each = min(each, int(rules.arcs_per_interaction))
    room = len(rows) * (each + 1)
    arc_rows, arc_columns = np.empty(room, np.int32), np.empty(room, np.int32)
    points = np.empty(room, np.int64)
    count = arcs(floor, now, rows, columns, each, arc_rows, arc_columns, points)
    capacity = np.zeros(len(columns), np.int32)
    capacities(floor, rows, columns, capacity)
    return Round(
        prepared_at=now,
        prepared_sequence=int(house.sequence),
        interactions=rows,
        agents=columns,
        arc_rows=arc_rows[:count],
        arc_columns=arc_columns[:count],
        points=points[:count],
        capacity=capacity,
    )


def report_of(
    round_: Round, solution: Solution, now: int, solver_us: int
) -> np.recarray[tuple[int, ...], np.dtype[np.void]]:
    """The `MATCH_ROUND_SOLVED` event to be, as one record."""
    report = np.zeros(1, EVENT).view(np.recarray)
    report["at"] = now
    report["mode"] = STATUS_NUMBERS[solution.status]
    report["count"] = len(round_.interactions)
    report["eligible"] = len(round_.agents)
    report["weight"] = len(round_.points)
    report["score"] = solution.objective // TIE
    report["value"] = solution.greedy_objective // TIE
    report["since"] = round_.prepared_at
    report["offer"] = round_.prepared_sequence
    report["until"] = solver_us
    return report


def offer_pairs(
    floor: Floor,
    round_: Round,
    solution: Solution,
    now: int,
    solver_us: int,
    drain: Callable[[], None],
) -> None:
    """Offer what was paired; `drain` empties the outbox whenever it is full on the way."""
    report = report_of(round_, solution, now, solver_us)
    pairs = np.empty((len(solution.pairs), 2), np.int64)
    if len(pairs):
        pairs[:, 0] = round_.interactions[solution.pairs[:, 0]]
        pairs[:, 1] = round_.agents[solution.pairs[:, 1]]
    done = conclude(floor, report[0], pairs, 0)
    while done < len(pairs):
        drain()
        done = conclude(floor, report[0], pairs, done)
