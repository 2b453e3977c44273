"""Days whose known figures are another simulator's: one queue with busyness and balking,
and several types on two groups.
"""

from typing import Any

from router.model.time import format_duration
from simulator.reference.models.busyness import busyness
from simulator.reference.models.days import day_of, staffed
from simulator.reference.models.single import set_patience, set_service
from simulator.reference.preferences import preferences
from simulator.reference.quantities import PATIENCE, SERVICE, WITHIN, Parameters
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed, random_time


def recognises(case: Case) -> bool:
    """Whether rates come by period of a day, or by type and period."""
    return "base_calls_per_hour" in case.parameters or (
        "type_to_groups" in case.parameters and "period_min" in case.parameters
    )


def build(case: Case, parameters: Parameters) -> Setup:
    """One of the two."""
    if parameters.has("base_calls_per_hour"):
        return _one_queue(parameters)
    return _several_types(parameters)


def _one_queue(parameters: Parameters) -> Setup:
    rates = parameters.get("base_calls_per_hour")
    agents = parameters.get("agents")
    period_ms = round(1000 * parameters.seconds(("period",), 3600.0))
    begins_ms = round(3_600_000 * parameters.number("opening_h", default=0.0))
    parameters.get("measures")
    if len(rates) != len(agents):
        raise NotExpressed("rates and agents must be told for the same periods")
    setup = day_of(period_ms, len(rates), begins_ms)
    stream: dict[str, Any] = {"queue": "Line", "channel": "voice"}
    counts = [rate * period_ms / 3_600_000 for rate in rates]
    stream["arrivals"] = {
        "from": format_duration(begins_ms),
        "every": format_duration(period_ms),
        "counts": counts,
        **busyness(parameters),
    }
    service = parameters.times(SERVICE)[0]
    if service is None:
        raise NotExpressed("no parameter says how long the service takes")
    rules = set_service(stream, service)
    patience = parameters.times(PATIENCE)[0]
    if patience is not None:
        set_patience(stream, patience)
    balk = parameters.get("balk_probability_if_no_free_agent")
    if balk is not None:
        stream["balking"] = {"when_all_busy": float(balk)}
    setup.queue("Line", parameters.seconds(WITHIN, 20.0), **rules)
    setup.demand["Line"] = stream
    setup.classes = [["Line"]]
    setup.pool("Agents", max(agents), at_work=staffed(agents, period_ms, begins_ms))
    setup.per_unit = sum(counts)
    setup.figures["expected"] = sum(counts)
    return setup


def _several_types(parameters: Parameters) -> Setup:
    """Streams by type and period, since service and patience are drawn by both."""
    period_ms = round(60_000 * parameters.number("period_min"))
    by_type = parameters.get("calls_per_minute")
    groups = parameters.get("agents")
    able = parameters.get("type_to_groups")
    parameters.get("group_to_types", "policy")
    parameters.get("policy", "service_level")
    parameters.get("service_level", "rates_drawn_at")
    parameters.get("rates_drawn_at")
    periods = len(groups[0])
    service = parameters.times(SERVICE, periods)
    patience = parameters.times(PATIENCE, periods)
    within_s = parameters.seconds(WITHIN, 20.0)
    factor = busyness(parameters)
    orders = [[[group - 1] for group in groups_of] for groups_of in able]
    takes = [
        [[k for k, order in enumerate(orders) if [p] in order]]
        for p in range(len(groups))
    ]
    chosen = preferences(len(able), orders, takes)
    setup = day_of(period_ms, periods)
    setup.skills = [f"type {k + 1}" for k in range(len(able))]
    for k, rates in enumerate(by_type):
        name = f"Type {k + 1}"
        needs = {"all_of": {setup.skills[k]: 1}}
        setup.queue(name, within_s, needs=needs, priority=chosen.priorities[k])
        streams = []
        for period, rate in enumerate(rates):
            stream: dict[str, Any] = {"queue": name, "channel": "voice"}
            stream["arrivals"] = {
                "from": format_duration(period * period_ms),
                "every": format_duration(period_ms),
                "counts": [rate * period_ms / 60_000],
                **factor,
            }
            stream["handle"] = random_time(service[period])
            if patience[period] is not None:
                stream["patience"] = random_time(patience[period])
            streams.append(f"{name} in period {period + 1}")
            setup.demand[streams[-1]] = stream
        setup.classes.append(streams)
    for p, counts in enumerate(groups):
        levels = {
            setup.skills[k]: chosen.levels[k, p]
            for k in range(len(able))
            if (k, p) in chosen.levels
        }
        at_work = staffed(counts, period_ms)
        setup.pool(f"Group {p + 1}", max(counts), skills=levels, at_work=at_work)
    setup.per_unit = sum(sum(rates) for rates in by_type) * period_ms / 60_000
    setup.every_ms = min(setup.every_ms, 300_000)
    setup.figures["last_agents"] = [counts[-1] for counts in groups]
    setup.figures["service_level"] = "less_short_abandons"
    return setup
