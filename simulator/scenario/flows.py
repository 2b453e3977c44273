"""How streams feed each other: of one that arrives, how many follow, in the mean."""

import numpy as np

from simulator.scenario.rates import Means, Rates
from simulator.scenario.scenario import Scenario


def followers(scenario: Scenario, takes: dict[str, tuple[str, ...]]) -> Means:
    """[stream, stream]: how many of the second come of one of the first, itself included.

    What follows only after some of the staff follows by their share of the agents who
    could take it. With N for one step of `then`, the whole is (I - N)^-1.
    """
    names = list(scenario.demand)
    onward = np.zeros((len(names), len(names)))
    for i, (name, stream) in enumerate(scenario.demand.items()):
        agents = sum(scenario.staff[who].agents for who in takes[name])
        for follow in stream.then:
            share = 1.0
            if follow.by is not None:
                by = scenario.staff[follow.by].agents if follow.by in takes[name] else 0
                share = by / agents if agents else 0.0
            onward[i, names.index(follow.stream)] += share * follow.probability
    whole = np.linalg.inv(np.eye(len(names)) - onward)
    return np.asarray(whole, dtype=np.float64)


def totals_of(rates: Rates, takes: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """Mean interactions of each stream in a whole run, those that follow included."""
    scenario = rates.scenario
    days = range(scenario.days)
    first = np.array(
        [sum(rates.total(name, day) for day in days) for name in scenario.demand]
    )
    return dict(zip(scenario.demand, first @ followers(scenario, takes), strict=True))
