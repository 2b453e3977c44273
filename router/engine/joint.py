"""Joint rounds, the other half: from a floor to the solver's arrays, and from its pairs
back to offers.

Small rounds are solved where they fall due. A larger one the driver may take away as a
`Draft`, write it down slice by slice, solve it beside its loop and bring the solution
back; the engine checks every pair again before it offers it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from router.engine.entry import conclude
from router.engine.rounds import (
    PEN,
    TIE,
    arcs,
    by_ladder,
    capacities,
    seekers,
    takers,
)
from router.engine.tables import EVENT, NOBODY, Floor
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


class Draft:
    """A round that is being written down: who takes part is settled, their pairs follow
    a slice at a time, so that a large round holds nobody up.

    The floor may change between the slices; what comes of that is found when the round
    is concluded, as for everything that changes while it is solved.
    """

    def __init__(self, floor: Floor, now: int) -> None:
        house, rules = floor.house[0], floor.rules[0]
        self._now = now
        self._sequence = int(house.sequence)
        rows = np.empty(min(int(house.waiting), int(rules.interactions_max)), np.int64)
        self._rows = rows[: seekers(floor, rows)]
        by_ladder(floor, self._rows)
        free = min(int(house.free_agents), int(rules.agents_max))
        columns = np.empty(free, np.int64)
        self._columns = columns[: takers(floor, columns)]
        each = len(self._columns)
        if len(self._rows) * each > int(rules.inline_pairs_max):
            each = min(each, int(rules.arcs_per_interaction))
        self._each = each
        room = len(self._rows) * (each + 1)
        self._arc_rows = np.empty(room, np.int32)
        self._arc_columns = np.empty(room, np.int32)
        self._points = np.empty(room, np.int64)
        self._capacity = np.zeros(len(self._columns), np.int32)
        capacities(floor, self._rows, self._columns, self._capacity)
        self._ranked, self._worth = np.empty((2, len(self._columns)), np.int64)
        self._pen = np.zeros(1, PEN).view(np.recarray)
        for asked in ("ladder", "step", "channel"):
            self._pen[asked] = NOBODY

    def go_on(self, floor: Floor, rows: int) -> bool:
        """Write down the pairs of so many more interactions, or of fewer where that would
        take long; whether it is done.
        """
        until = min(int(self._pen[0].row) + rows, len(self._rows))
        arcs(
            floor, self._now, self._rows, self._columns, self._each, self._ranked, self._worth,
            self._arc_rows, self._arc_columns, self._points, self._pen, until,
        )  # fmt: skip
        return int(self._pen[0].row) == len(self._rows)

    def round(self) -> Round:
        """The round, once it is done."""
        count = int(self._pen[0].count)
        return Round(
            prepared_at=self._now,
            prepared_sequence=self._sequence,
            interactions=self._rows,
            agents=self._columns,
            arc_rows=self._arc_rows[:count],
            arc_columns=self._arc_columns[:count],
            points=self._points[:count],
            capacity=self._capacity,
        )


def prepare(floor: Floor, now: int) -> Round:
    """Write down the round as it stands: who waits, who is free, and every possible
    pair's worth.
    """
    draft = Draft(floor, now)
    while not draft.go_on(floor, int(floor.house[0].waiting)):
        pass
    return draft.round()


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
    start: int = 0,
    until: int | None = None,
) -> None:
    """Offer what was paired, or of that the pairs from `start` up to `until`; `drain`
    empties the outbox whenever it is full on the way.
    """
    report = report_of(round_, solution, now, solver_us)
    paired = solution.pairs[:until]
    pairs = np.empty((len(paired), 2), np.int64)
    if len(pairs):
        pairs[:, 0] = round_.interactions[paired[:, 0]]
        pairs[:, 1] = round_.agents[paired[:, 1]]
    done = start
    while True:
        # Also before the first: with a full outbox the round would be stated, come no
        # further, and be stated again.
        drain()
        done = conclude(floor, report[0], pairs, done)
        if done == len(pairs):
            return
