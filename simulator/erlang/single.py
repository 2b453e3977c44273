"""Two more exact answers: any handle time with one agent, and priorities.

They stand alone: no staffing search uses them, and they end in waits, not in service
levels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from simulator.erlang.demand import (
    SECONDS_AN_HOUR,
    SystemWrong,
    Unstable,
    positive,
    whole_agents,
)
from simulator.erlang.loss import erlang_b


@dataclass(frozen=True, slots=True)
class SingleAgentWait:
    """What M/G/1 says of the waits of all."""

    p_wait: float
    mean_wait_s: float
    wait_sd_s: float
    mean_queue: float


def pollaczek_khinchine(
    interactions_per_hour: float, mean_s: float, square_s2: float, cube_s3: float
) -> SingleAgentWait:
    """One agent, any handle-time distribution, given by its first three moments (of the
    time, its square and its cube; seconds).

    F. Pollaczek (1930) and A. Khinchine (1932). Raises Unstable.
    """
    arrivals = positive(interactions_per_hour, "interactions per hour")
    arrivals /= SECONDS_AN_HOUR
    busy = arrivals * positive(mean_s, "the mean handle time")
    if busy >= 1:
        raise Unstable(busy, 1)
    if square_s2 < mean_s**2 or cube_s3 * mean_s < square_s2**2:
        raise SystemWrong("no handle time has these three moments")
    wait_s = arrivals * square_s2 / (2 * (1 - busy))
    variance = wait_s**2 + arrivals * cube_s3 / (3 * (1 - busy))
    return SingleAgentWait(busy, wait_s, math.sqrt(variance), arrivals * wait_s)


def priority_waits(
    interactions_per_hour: Sequence[float], aht_s: float, agents: int
) -> list[float]:
    """The mean wait in seconds of each priority, the highest first, when all have the
    same exponential handle time and nobody is interrupted.

    O. Kella and U. Yechiali, "Waiting times in the non-preemptive priority M/M/c queue"
    (1985). Raises Unstable.
    """
    positive(aht_s, "AHT in seconds")
    loads = [
        positive(rate, "interactions per hour") * aht_s / SECONDS_AN_HOUR
        for rate in interactions_per_hour
    ]
    if not loads:
        raise SystemWrong("no priority is given")
    offered = sum(loads)
    if offered >= whole_agents(agents):
        raise Unstable(offered, agents)
    blocked = erlang_b(offered, agents)
    p_wait = agents * blocked / (agents - offered + offered * blocked)
    spare = [1 - load / agents for load in accumulate(loads, initial=0.0)]
    return [p_wait * aht_s / agents / (above * here) for above, here in pairwise(spare)]
