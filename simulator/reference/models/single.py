"""One class and one pool: Erlang B, C and A, limited room, other patience, other service.

The letters of Kendall's notation in `model` decide where a parameter only names a mean.
"""

import re
from typing import Any

from simulator.reference.quantities import (
    AGENTS,
    PATIENCE,
    ROOM,
    SERVICE,
    WAITING_ROOM,
    WITHIN,
    Parameters,
)
from simulator.reference.reading import Case
from simulator.reference.setup import PROBE, Setup
from simulator.reference.times import (
    NotExpressed,
    as_spec,
    mean_s,
    random_time,
    written,
    zero_share,
)

ERLANG_S = 60.0
"""Mean service where a case only names an offered load: any will do."""
PROBE_SHARE = 0.25
"""Probes by customer."""
OTHER_ORDERS = (
    "lifo",
    "lcfs",
    "last come",
    "siro",
    "random order",
    "processor sharing",
)


def recognises(case: Case) -> bool:
    """Whether it is one class of interactions and one pool of agents."""
    parameters = Parameters(case.parameters)
    if _load_alone(parameters):
        return True
    agents = [case.parameters[key] for key in AGENTS if key in case.parameters]
    try:
        one = len(parameters.rates_per_hour()) == 1
    except NotExpressed:
        return False
    return one and bool(agents) and isinstance(agents[0], int)


def build(case: Case, parameters: Parameters) -> Setup:
    """The case as one queue."""
    _refuse_other_orders(case, parameters)
    setup = Setup()
    agents = parameters.whole(*AGENTS)
    within_s = parameters.seconds(WITHIN, 20.0)
    loss = case.group == "erlang_b" or _is_loss(case.model)
    load_alone = _load_alone(parameters)
    if load_alone:
        load = parameters.number("offered_erlang", "offered_load_erlang")
        rate = load * 3600 / ERLANG_S
        service = {"dist": "exponential", "mean_s": ERLANG_S}
        loss = True
    else:
        parameters.get("offered_erlang", "offered_load_erlang")
        rate = parameters.rates_per_hour()[0]
        service = service_of(case, parameters)
    stream: dict[str, Any] = {"queue": "Line", "channel": "voice"}
    stream["arrivals"] = {"per_hour": rate}
    rules = set_service(stream, service)
    patience = parameters.times(PATIENCE)[0]
    if patience is not None:
        set_patience(stream, patience_of(case, patience))
    setup.queue("Line", within_s, **rules)
    setup.demand["Line"] = stream
    setup.classes = [["Line"]]
    setup.pool("Agents", agents)
    setup.per_hour = rate
    if parameters.get(*WAITING_ROOM) is not None:
        waiting = parameters.number(*WAITING_ROOM)
        setup.further["lines"] = agents + round(waiting)
    elif parameters.get(*ROOM) is not None:
        setup.further["lines"] = parameters.whole(*ROOM)
    elif loss:
        setup.further["lines"] = agents
    patience_s = mean_s(patience) if patience else 0.0
    setup.settles_after(service_mean(service), patience_s, agents)
    if any("offered_wait" in name or "virtual_wait" in name for name in case.outputs):
        if "lines" in setup.further:
            raise NotExpressed(
                "probes of the offered wait would take places themselves"
            )
        setup.demand[PROBE] = {
            "queue": "Line",
            "channel": "voice",
            "arrivals": {"per_hour": rate * PROBE_SHARE},
            "handle": written(0.001),
        }
    return setup


def _load_alone(parameters: Parameters) -> bool:
    """Whether the offered load is all that is said of demand and service."""
    if not any(
        parameters.has(key) for key in ("offered_erlang", "offered_load_erlang")
    ):
        return False
    try:
        parameters.rates_per_hour()
    except NotExpressed:
        return True
    return False


def _refuse_other_orders(case: Case, parameters: Parameters) -> None:
    said = " ".join(
        str(text)
        for text in (
            case.model,
            parameters.get("order", "discipline", "order_of_service", default=""),
        )
    ).casefold()
    for order in OTHER_ORDERS:
        if order in said:
            raise NotExpressed(
                f'the order of service is "{order}": the engine answers the oldest of '
                "equals first, and a policy cannot say otherwise"
            )


def _is_loss(model: str) -> bool:
    """M/M/c/c and the like: as many places as agents."""
    letters = model.split("+")[0].split()[0].split("/") if model.split() else []
    return len(letters) == 4 and letters[2].casefold() == letters[3].casefold()


def _letter(model: str, place: int) -> str:
    first = model.split()[0] if model.split() else ""
    kendall = re.split(r"[ (]", first)[0].split("+")
    if place == 4:
        return kendall[1].upper() if len(kendall) > 1 else ""
    letters = kendall[0].split("/")
    return letters[place].upper() if len(letters) > place else ""


def service_of(case: Case, parameters: Parameters) -> dict[str, Any]:
    """The service time of a case's only class."""
    spec = parameters.times(SERVICE)[0]
    if spec is None:
        raise NotExpressed("no parameter says how long the service takes")
    return by_letter(spec, _letter(case.model, 1))


def patience_of(case: Case, spec: dict[str, Any]) -> dict[str, Any]:
    """The patience, by the letter after the plus where a case only names its mean."""
    return by_letter(spec, _letter(case.model, 4))


def by_letter(spec: dict[str, Any], letter: str) -> dict[str, Any]:
    """A mean that stands for another family by its letter: D, E2, Ek."""
    if spec["dist"] != "exponential" or len(spec) > 2:
        return spec
    if letter == "D":
        return {"dist": "constant", "value_s": spec["mean_s"]}
    if re.fullmatch(r"E[0-9]+", letter):
        return {"dist": "erlang", "k": int(letter[1:]), "mean_s": spec["mean_s"]}
    return spec


def set_service(stream: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """Write service, wrap-up included where the case tells it apart; answers with what the
    queue's rules need for it.
    """
    if spec["dist"] != "sum":
        stream["handle"] = random_time(spec)
        return {}
    parts = sum_parts(spec)
    stream["handle"] = random_time(parts["talk"])
    if "wrap_up" not in parts:
        return {}
    stream["wrap_up"] = random_time(parts["wrap_up"])
    return {"wrap_up": "1h", "wrap_up_max": "8h"}


def sum_parts(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parts of a sum by name, `talk` and `wrap_up` (or what a case calls them)."""
    found: dict[str, dict[str, Any]] = {}
    for key, part in spec.items():
        if key in ("dist", "said"):
            continue
        name = key.removesuffix("_s")
        name = "wrap_up" if "wrap" in name or "after" in name else "talk"
        if name in found or not isinstance(part, dict | str):
            raise NotExpressed(f"the sum {spec} is not of talk and wrap-up")
        found[name] = as_spec(part)
    if "talk" not in found:
        raise NotExpressed(f"the sum {spec} has no talk")
    return found


def service_mean(spec: dict[str, Any]) -> float:
    """The mean service in seconds, wrap-up included."""
    if spec["dist"] == "sum":
        return sum(mean_s(part) for part in sum_parts(spec).values())
    return mean_s(spec)


def set_patience(stream: dict[str, Any], spec: dict[str, Any]) -> None:
    """Write patience; whoever has none at all leaves when nobody is free."""
    zero = zero_share(spec)
    if zero is not None:
        stream["balking"] = {"when_all_busy": zero}
    stream["patience"] = random_time(spec)
