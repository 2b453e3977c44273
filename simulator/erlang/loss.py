"""Erlang B: whoever finds no free agent is blocked and does not come back.

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance
in automatic telephone exchanges" (1917). The formula holds for any handle-time
distribution with the same mean. The other models are built on its recursion.
"""

from simulator.erlang.demand import (
    AGENTS_MAX,
    SystemWrong,
    counted,
    positive,
    whole_agents,
)


def erlang_b(offered_erlang: float, agents: int) -> float:
    """The share of arrivals that is blocked, by recursion over the agents.

    Every step is a quotient of positive numbers, so nothing overflows, and errors fade
    instead of adding up.
    """
    positive(offered_erlang, "the offered load in Erlang")
    blocked = 1.0
    for number in range(1, whole_agents(agents) + 1):
        blocked = offered_erlang * blocked / (number + offered_erlang * blocked)
    return blocked


def carried_erlang(offered_erlang: float, agents: int) -> float:
    """The load that is not blocked: the mean number of busy agents."""
    return offered_erlang * (1 - erlang_b(offered_erlang, agents))


def least_agents_for_blocking(offered_erlang: float, blocking: float) -> int:
    """The least number of agents (or lines) of whom at most the share `blocking` of
    arrivals finds none free.
    """
    positive(offered_erlang, "the offered load in Erlang")
    if not 0 < blocking < 1:
        raise SystemWrong(f"blocking must be between 0 and 1, it is {blocking:g}")
    blocked = 1.0
    for number in range(1, AGENTS_MAX + 1):
        blocked = offered_erlang * blocked / (number + offered_erlang * blocked)
        if blocked <= blocking:
            return number
    raise SystemWrong(
        f"{offered_erlang:.10g} Erlang need more than {counted(AGENTS_MAX, 'agent')}"
    )
