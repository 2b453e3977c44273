"""Erlang A and full rooms: M/M/c+M, M/M/c/K, M/M/c/K+M, and M/M/c/c (Erlang B).

C. Palm, "Research on telephone traffic carried by full availability groups" (1957), for
customers whose patience ends; O. Garnett, A. Mandelbaum and M. Reiman, "Designing a call
center with impatient customers" (2002), for its use. The figures are sums over the
states of the birth-death process, so they hold for any room and any patience.

How a wait is found. Who arrives when j wait ahead moves up j + 1 times until an agent is
free. While m wait, they included, the line moves at the rate r(m) = c/AHT + m/patience,
whether an agent becomes free or somebody gives up. Hence, given j,

    P(answered) = r(0) / r(j+1),      E[wait] = (j+1) / r(j+1),
    E[wait; answered] = P(answered) (1/r(1) + … + 1/r(j+1)),
    E[wait; gave up] = (1/r(1) + 2/r(2) + … + (j+1)/r(j+1)) / patience / r(j+1),

and P(answered within t) = P(answered) P(the line moves more than j times within t). Run
backwards, moves are a pure birth process with rates r(1), r(2), …, and so their number
within t is negative binomial (Poisson where nobody gives up). All terms are positive.
"""

import math
from typing import Final

import numpy as np

from simulator.erlang.demand import Demand, whole_agents
from simulator.erlang.line import Line, no_negative
from simulator.erlang.loss import erlang_b
from simulator.erlang.outward import Floats, outward

_ALL_GONE: Final = 45.0
"""After so many mean patience times nobody is left whom a float could count."""


class LimitedLine(Line):
    """The waiting line that patience limits, or room, or both."""

    def __init__(self, demand: Demand, agents: int) -> None:
        """The steady state. Raises SystemWrong where it would be too long to follow.

        Patience or room must have a limit: `delay` has the line without either.
        """
        self.demand = demand
        self.agents = whole_agents(agents)
        room = demand.waiting_places(agents)
        self.model = _name(demand, room)
        self._moves = agents / demand.aht_s
        self._gives_up = 1 / demand.patience_s if demand.patience_s else 0.0
        self._settle(room)
        self._sum_up()

    def _settle(self, room: int | None) -> None:
        """Who meets what: `p_block`, `p_wait`, and `_share[i]`, the share of those who
        have to wait that meets `_ahead` + i waiting.
        """
        arrivals = self.demand.arrivals_per_second
        first, line = outward(
            lambda j: arrivals / (self._moves + j * self._gives_up),
            self._likeliest(room),
            room,
        )
        # Erlang B is the weight of "all busy, none waiting" among "none waiting".
        blocked = erlang_b(self.demand.offered_erlang, self.agents)
        free = (float(line[0]) if first == 0 else 0.0) * (1 - blocked)
        full = 0.0
        if room is not None and first + len(line) - 1 == room:
            full = blocked * float(line[-1])
            line = line[:-1]
        waiting = blocked * float(line.sum())
        self.p_block = full / (free + waiting + full)
        self.p_wait = waiting / (free + waiting) if len(line) else 0.0
        self._at_once = free / (free + waiting) if len(line) else 1.0
        self._ahead = first
        self._share = line / line.sum() if len(line) else line

    def _likeliest(self, room: int | None) -> int:
        """The likeliest number waiting, when all agents are busy."""
        surplus = (self.demand.offered_erlang - self.agents) / self.demand.aht_s
        if surplus <= 0:
            return 0
        if self._gives_up:
            likeliest = math.floor(surplus / self._gives_up)
            return likeliest if room is None else min(likeliest, room)
        assert room is not None, "without patience or limit this is Erlang C"
        return room

    def _sum_up(self) -> None:
        """The figures, by the sums at the head of this file."""
        share, gives_up = self._share, self._gives_up
        place = np.arange(1.0, self._ahead + len(share) + 1)
        rate = self._moves + place * gives_up
        met = slice(self._ahead, None)
        mean = np.cumsum(1 / rate)[met]
        square = np.cumsum(1 / rate**2)[met] + mean**2
        lost = np.cumsum(place / rate)[met] / rate[met]
        answered = share * (self._moves / rate[met])
        wait_s = float(np.sum(share * place[met] / rate[met]))

        self.mean_wait_s = self.p_wait * wait_s
        self.p_abandon = gives_up * self.mean_wait_s
        self.answered = self._at_once + self.p_wait * float(answered.sum())
        of_answered = self.p_wait / self.answered
        self.asa_s = of_answered * float(np.sum(answered * mean))
        second = of_answered * float(np.sum(answered * square))
        self.wait_sd_s = math.sqrt(max(0.0, second - self.asa_s**2))
        self.mean_wait_abandoned_s = None
        if gives_up and len(share):
            self.mean_wait_abandoned_s = float(np.sum(share * lost)) / wait_s
        let_in = self.demand.arrivals_per_second * (1 - self.p_block)
        self.mean_queue = let_in * self.mean_wait_s
        self.occupancy = min(1.0, let_in * self.answered / self._moves)
        self._answered_up_to = np.cumsum(answered)
        self._met_from = np.cumsum(share[::-1])[::-1]

    def answered_within(self, within_s: float) -> float:
        """The share answered at once, and the share answered while it waited."""
        t = no_negative(within_s, "the time to answer within")
        return min(self.answered, self._at_once + self._answered_waiting(t))

    def abandoned_within(self, within_s: float) -> float:
        """Those who waited, less those still waiting and those answered by then."""
        t = no_negative(within_s, "the time to abandon within")
        if not (self._gives_up and len(self._share)):
            return 0.0
        gone = self.p_wait - self._still_waiting(t) - self._answered_waiting(t)
        return min(max(0.0, gone), self.p_abandon)

    def _answered_waiting(self, t: float) -> float:
        """The share of all that waits and is answered within `t`."""
        if not len(self._share):
            return 0.0
        everybody = float(self._answered_up_to[-1])
        if self._gives_up * t > _ALL_GONE:
            return self.p_wait * everybody
        first, moved, beyond = self._line_moves(self._moves + self._gives_up, t)
        passed = np.arange(first, first + len(moved)) - self._ahead
        last = np.clip(passed, 1, len(self._share)) - 1
        reached = np.where(passed > 0, self._answered_up_to[last], 0.0)
        return self.p_wait * (float(np.sum(moved * reached)) + beyond * everybody)

    def _still_waiting(self, t: float) -> float:
        """The share of all that waits for longer than `t`."""
        if self._gives_up * t > _ALL_GONE:
            return 0.0
        first, moved, _ = self._line_moves(self._moves, t)
        passed = np.arange(first, first + len(moved)) - self._ahead
        nearest = np.clip(passed, 0, len(self._share) - 1)
        left = np.where(passed < len(self._share), self._met_from[nearest], 0.0)
        return self.p_wait * math.exp(-self._gives_up * t) * float(np.sum(moved * left))

    def _line_moves(self, rate: float, t: float) -> tuple[int, Floats, float]:
        """How often the line moves within `t`, first at `rate`, then with each move faster by 1/patience.

        The first number of moves that matters, the probabilities from there on, and the
        probability of more moves than there are places.
        """
        gives_up = self._gives_up
        most = self._ahead + len(self._share)
        stretch = -math.expm1(-gives_up * t) / gives_up if gives_up else t
        if stretch == 0:
            return 0, np.ones(1), 0.0
        often = stretch * (rate - gives_up) * math.exp(gives_up * t)
        peak = min(max(0, math.floor(often)), most)

        def ratio(number: Floats) -> Floats:
            return stretch * (rate + (number - 1) * gives_up) / number

        first, moved = outward(ratio, peak, most)
        if first + len(moved) - 1 < most:
            return first, moved / moved.sum(), 0.0
        logs = np.log(ratio(np.arange(1.0, peak + 1)))
        moved = moved * math.exp(math.fsum(logs) - rate * t)
        return first, moved, max(0.0, 1 - float(moved.sum()))


def _name(demand: Demand, room: int | None) -> str:
    if room == 0:
        return "Erlang B (M/M/c/c)"
    if room is None:
        return "Erlang A (M/M/c+M)"
    if demand.patience_s is None:
        return f"Erlang C with {demand.lines} lines (M/M/c/K)"
    return f"Erlang A with {demand.lines} lines (M/M/c/K+M)"
