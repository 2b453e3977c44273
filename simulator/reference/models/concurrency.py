"""Agents with several chats at once, slower at each of them the more they are."""

from simulator.reference.models.single import set_patience
from simulator.reference.quantities import (
    AGENTS,
    PATIENCE,
    SERVICE,
    WITHIN,
    Parameters,
)
from simulator.reference.reading import Case
from simulator.reference.setup import SCORE, Setup
from simulator.reference.times import NotExpressed, mean_s, written


def recognises(case: Case) -> bool:
    """Whether agents have slots."""
    return "slots" in case.parameters


def build(case: Case, parameters: Parameters) -> Setup:
    """The least loaded agent is the fairest choice, so fairness alone decides."""
    slots = parameters.whole("slots")
    speed = _speed(parameters, slots)
    assigned = str(parameters.get("assignment", default="least-loaded")).casefold()
    if "least" not in assigned:
        raise NotExpressed(
            f'the assignment "{assigned}" is no rule of a policy: the least loaded agent '
            "can be chosen, or the one with the longest idle time"
        )
    setup = Setup()
    setup.channels = {"chat": {"weight": 1, "limit": slots}}
    setup.capacity = slots
    setup.score = {**dict.fromkeys(SCORE, 0), "fairness": 1}
    setup.queue("Chats", parameters.seconds(WITHIN, 20.0))
    rate = parameters.rates_per_hour()[0]
    handle_s = 1 / speed[0]
    setup.demand["Chats"] = {
        "queue": "Chats",
        "channel": "chat",
        "arrivals": {"per_hour": rate},
        "handle": {"exponential": {"mean": written(handle_s)}},
    }
    patience = parameters.times(PATIENCE)[0]
    if patience is not None:
        set_patience(setup.demand["Chats"], patience)
    setup.further["slow_down"] = [
        {
            "channels": ["chat"],
            "factors": [(n + 1) * speed[0] / of_n for n, of_n in enumerate(speed)],
        }
    ]
    setup.classes = [["Chats"]]
    setup.pool("Agents", parameters.whole(*AGENTS))
    setup.per_hour = rate
    longest = handle_s * max(setup.further["slow_down"][0]["factors"])
    setup.slowest_s = max(longest, mean_s(patience) if patience else 0.0)
    return setup


def _speed(parameters: Parameters, slots: int) -> list[float]:
    """Chats completed a second by an agent with one, two, three ... at hand."""
    rates = parameters.get("completion_rate_per_agent_per_s")
    if isinstance(rates, dict):
        return [float(rates[str(n)]) for n in range(1, slots + 1)]
    if isinstance(rates, list) and len(rates) == slots:
        return [float(rate) for rate in rates]
    alone = parameters.times(SERVICE)[0]
    slower = parameters.get("slow_down", "slow_down_factors", default=[1.0] * slots)
    if rates is not None or alone is None or len(slower) != slots:
        raise NotExpressed("no parameter says the rates of completion by chats at hand")
    pairs = enumerate(slower, 1)
    return [n / factor / mean_s(alone) for n, factor in pairs]
