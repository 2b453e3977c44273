"""From a demand and a number of agents to the model that holds for them."""

from simulator.erlang.delay import ErlangC
from simulator.erlang.demand import Demand
from simulator.erlang.limited import LimitedLine
from simulator.erlang.line import Line


def solve(demand: Demand, agents: int) -> Line:
    """The exact steady state of `demand` served by `agents`.

    Erlang C where nobody gives up and any number may wait, Erlang A where patience ends,
    Erlang B where nobody may wait, and the lines between them where room is limited.
    Raises Unstable, or SystemWrong for what no formula here can answer.
    """
    endless = demand.patience_s is None and demand.lines is None and demand.waits
    return ErlangC(demand, agents) if endless else LimitedLine(demand, agents)
