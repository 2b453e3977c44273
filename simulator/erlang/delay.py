"""Erlang C, M/M/c: whoever finds no free agent waits, however long it takes.

A. K. Erlang (1917), in the closed form that every textbook has; see for instance
L. Kleinrock, "Queueing Systems", volume 1 (1975), section 3.5. Waits that are not 0 are
exponential with the rate at which the agents out-run the arrivals.
"""

import math

from simulator.erlang.demand import Demand, Unstable, whole_agents
from simulator.erlang.line import Line, no_negative
from simulator.erlang.loss import erlang_b


class ErlangC(Line):
    """The waiting line without abandonment and without a limit."""

    model = "Erlang C (M/M/c)"

    def __init__(self, demand: Demand, agents: int) -> None:
        """Raises Unstable unless the agents can do more than comes in."""
        offered = demand.offered_erlang
        if offered >= whole_agents(agents):
            raise Unstable(offered, agents)
        self.demand = demand
        self.agents = agents
        blocked = erlang_b(offered, agents)
        self.p_wait = agents * blocked / (agents - offered + offered * blocked)
        self._spare = (agents - offered) / demand.aht_s
        self.p_block = 0.0
        self.p_abandon = 0.0
        self.answered = 1.0
        self.mean_wait_s = self.asa_s = self.p_wait / self._spare
        self.wait_sd_s = math.sqrt(self.p_wait * (2 - self.p_wait)) / self._spare
        self.mean_wait_abandoned_s = None
        self.mean_queue = demand.arrivals_per_second * self.mean_wait_s
        self.occupancy = offered / agents

    def answered_within(self, within_s: float) -> float:
        """1 - p_wait exp(-(c - a) t / AHT)."""
        t = no_negative(within_s, "the time to answer within")
        return 1 - self.p_wait * math.exp(-self._spare * t)

    def abandoned_within(self, within_s: float) -> float:
        """Nobody gives up."""
        no_negative(within_s, "the time to abandon within")
        return 0.0

    def answered_wait_s(self, share: float) -> float:
        """The same in closed form."""
        longer = 1 - share
        if not 0 < longer < self.p_wait:
            return super().answered_wait_s(share)
        return math.log(self.p_wait / longer) / self._spare
