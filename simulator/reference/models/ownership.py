"""Customers who have an agent of their own, and wait for them."""

import math

from simulator.reference.models.single import set_patience, set_service
from simulator.reference.quantities import (
    AGENTS,
    PATIENCE,
    SERVICE,
    WITHIN,
    Parameters,
)
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed, mean_s, written

LONGEST_HOLD = "7d"
OWNERS = 4
"""How many, where a case says that any number will do."""
HOLDS = (
    "hold",
    "overflow_after",
    "hold_back",
    "wait_for_owner",
    "patience_for_owner",
    "overflow",
)
PARTS = 60
"""A hold-back is one time in a scenario. One that varies is written as so many streams,
each with the mean of its part of the distribution."""


def recognises(case: Case) -> bool:
    """Whether rates are told for each owner, or waiting for owners is limited."""
    keys = case.parameters.keys()
    return any("owner" in key for key in keys) or any(
        key.startswith(f"{hold}_") for key in keys for hold in HOLDS
    )


def build(case: Case, parameters: Parameters) -> Setup:
    """Every customer has an owner, and is held back for them."""
    agents = parameters.get(*AGENTS)
    count = OWNERS if isinstance(agents, str) else parameters.whole(*AGENTS)
    rate = _rate(parameters, count)
    share = parameters.number("owner_share", "p_owner", "owned_share", default=1.0)
    holds = _holds(parameters)
    setup = Setup()
    setup.queue("Line", parameters.seconds(WITHIN, 20.0), hold_back_max=LONGEST_HOLD)
    setup.score["ownership"] = 1
    service = parameters.times(SERVICE)[0]
    if service is None:
        raise NotExpressed("no parameter says how long the service takes")
    patience = parameters.times(PATIENCE)[0]
    for place, hold in enumerate(holds):
        stream = {
            "queue": "Line",
            "channel": "voice",
            "arrivals": {"per_hour": rate / len(holds)},
            "ownership": {"share": share, "hold": hold},
        }
        setup.queues["Line"] |= set_service(stream, service)
        if patience is not None:
            set_patience(stream, patience)
        setup.demand[f"Line {place + 1}"] = stream
    setup.classes = [list(setup.demand)]
    setup.pool("Agents", count)
    setup.per_hour = rate
    per_agent = Setup(per_hour=rate / count)
    per_agent.settles_after(mean_s(service), 0.0, 1)
    setup.slowest_s = per_agent.slowest_s
    return setup


def _holds(parameters: Parameters) -> list[str]:
    """How long interactions are held back, as equally likely times."""
    for stem in HOLDS:
        if parameters.has(f"{stem}_s"):
            hold_s = parameters.number(f"{stem}_s")
            return ["0s" if hold_s == 0 else written(hold_s)]
    spec = parameters.times(HOLDS)[0]
    if spec is None:
        return [LONGEST_HOLD]
    if spec["dist"] == "constant":
        return [written(mean_s(spec))]
    if spec["dist"] != "exponential":
        raise NotExpressed(f"a hold-back that is {spec['dist']} is not understood")
    return [written(mean_s(spec) * _mean_of_part(k)) for k in range(PARTS)]


def _mean_of_part(k: int) -> float:
    """The mean of the k-th of equally likely parts of a standard exponential."""

    def rest(share: float) -> float:
        return share * (1 - math.log(share)) if share > 0 else 0.0

    return PARTS * (rest(1 - k / PARTS) - rest(1 - (k + 1) / PARTS))


def _rate(parameters: Parameters, owners: int) -> float:
    for who in ("contacts", "calls", "interactions", "chats"):
        key = f"{who}_per_hour_per_owner"
        if parameters.has(key):
            return parameters.number(key) * owners
    return parameters.rates_per_hour()[0]
