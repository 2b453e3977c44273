"""Agents who are not ready for a while after an interaction, by chance."""

from simulator.reference.models import single
from simulator.reference.quantities import Parameters
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed, mean_s, random_time


def recognises(case: Case) -> bool:
    """Whether there is a chance of not being ready."""
    return any("not_ready" in key for key in case.parameters)


def build(case: Case, parameters: Parameters) -> Setup:
    """The single queue, and agents who go away."""
    probability = parameters.number("p_not_ready", "not_ready_probability", default=1.0)
    lasts = parameters.times(("not_ready",))[0]
    if lasts is None:
        raise NotExpressed("no parameter says how long agents are not ready")
    setup = single.build(case, parameters)
    setup.staff["Agents"]["not_ready"] = {
        "probability": probability,
        "lasts": random_time(lasts),
    }
    setup.slowest_s = max(setup.slowest_s, mean_s(lasts))
    return setup
