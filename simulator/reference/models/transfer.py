"""Two stages: some of those who were served at the first go on to the second.

Written as a new interaction that comes at once. A transfer of the engine would keep the
age, so whoever had waited longer at the first stage would go first at the second, and the
known service level is that of another order.
"""

from typing import Any

from simulator.reference.models.single import set_service
from simulator.reference.quantities import AGENTS, SERVICE, WITHIN, Parameters
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed, mean_s

STAGES = ("first", "second")


def recognises(case: Case) -> bool:
    """Whether there are two stages."""
    return all(isinstance(case.parameters.get(stage), dict) for stage in STAGES)


def build(case: Case, parameters: Parameters) -> Setup:
    """A queue, a skill and a pool for each stage."""
    probability = parameters.number("transfer_probability", "p_transfer")
    within_s = parameters.seconds(WITHIN, 20.0)
    setup = Setup()
    setup.skills = list(STAGES)
    for stage in STAGES:
        inner = Parameters(parameters.get(stage))
        service = inner.times(SERVICE)[0]
        if service is None:
            raise NotExpressed(f"the {stage} stage does not say how long it takes")
        name = stage.capitalize()
        setup.queue(name, within_s, needs={"all_of": {stage: 1}})
        stream: dict[str, Any] = {"queue": name, "channel": "voice"}
        setup.queues[name] |= set_service(stream, service)
        setup.demand[name] = stream
        setup.classes.append([name])
        setup.pool(f"{name} stage", inner.whole(*AGENTS), skills={stage: 1})
        setup.slowest_s = max(setup.slowest_s, mean_s(service))
        if inner.unread():
            raise NotExpressed(f"of a stage, {inner.unread()[0]} is not understood")
    rate = parameters.rates_per_hour()[0]
    setup.demand["First"]["arrivals"] = {"per_hour": rate}
    setup.demand["First"]["then"] = [
        {"kind": "repeat", "to": "Second", "probability": probability}
    ]
    setup.per_hour = rate
    setup.figures["fresh"] = ["First"]
    return setup
