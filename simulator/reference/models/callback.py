"""The offer to be called back, when many wait already."""

from simulator.reference.models import single
from simulator.reference.quantities import Parameters
from simulator.reference.reading import Case
from simulator.reference.setup import Setup

LATER = "Callback"
LIVE_PRIORITY = 51


def recognises(case: Case) -> bool:
    """Whether there is a threshold above which callbacks are offered."""
    return any(key.startswith("offer_when") for key in case.parameters)


def build(case: Case, parameters: Parameters) -> Setup:
    """Live interactions first, callbacks when none of them waits."""
    threshold = parameters.whole(
        "offer_when_live_queue_at_least", "offer_when_queue_at_least"
    )
    accept = parameters.number("accept_probability", "callback_probability")
    parameters.get("rule", "routing")
    setup = single.build(case, parameters)
    live = setup.demand["Line"]
    setup.queues["Line"]["priority"] = LIVE_PRIORITY
    setup.queue(LATER)
    live["callback"] = {"queue_at_least": threshold, "accept": accept, "as": LATER}
    setup.demand[LATER] = {
        "queue": LATER,
        "channel": "voice",
        "handle": live["handle"],
    }
    setup.figures["later"] = [LATER]
    return setup
