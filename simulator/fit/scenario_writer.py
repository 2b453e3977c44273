"""Writes what was fitted as a scenario and a policy, with comments that say from what.

`scenario_values` are the plain values for whoever runs them at once; `scenario_text` is
the same for people.
"""

from collections.abc import Mapping as Mapped
from typing import Any, Final

import numpy as np

from router.model.time import format_duration
from simulator.fit.arrivals import ArrivalFit
from simulator.fit.fitting import Fitted, StreamFit
from simulator.fit.log import Floats, date_of
from simulator.fit.remarks import remarks_on
from simulator.fit.routing import CHANNEL, Routing, own_routing, policy_values
from simulator.fit.staff_writer import expected_staff
from simulator.fit.yaml_writer import yaml_text
from simulator.scenario.demand import WEEKDAYS

PROBABILITY_MIN: Final = 0.005
"""Retries that are rarer are left out."""

Values = dict[str, Any]


def scenario_values(
    fitted: Fitted,
    *,
    policy: str | Routing,
    first_day: int,
    days: int = 7,
    staff: Values | None = None,
    arrivals: Mapped[str, Values] | None = None,
    retries: bool = True,
) -> Values:
    """The scenario from `first_day` on.

    `policy` is the file of a policy as `policy_text` writes it, or how a given one routes.
    `staff` and `arrivals` (by stream) stand in for what was fitted, as where a day of the
    past is run again (a stream without any is left out); `retries` are left out where
    arrivals have them in already.
    """
    routing = (
        own_routing(fitted.log.types, policy) if isinstance(policy, str) else policy
    )
    demand = {}
    for position, stream in enumerate(fitted.streams):
        if arrivals is not None and stream.name not in arrivals:
            continue
        demand[stream.name] = {
            "queue": routing.queues[fitted.log.types[stream.type]],
            "channel": CHANNEL,
            **_behaviour(fitted, stream, retries=retries),
            "arrivals": arrivals[stream.name]
            if arrivals
            else arrival_values(fitted.arrivals, position, first_day),
        }
    return {
        "scenario": f"fitted to {fitted.log.file.rsplit('/', 1)[-1]}"[:64],
        "policy": routing.file,
        "calendar": {"starts": date_of(first_day).isoformat()},
        "days": days,
        "every": format_duration(fitted.every_ms),
        "demand": demand,
        "staff": expected_staff(fitted, routing) if staff is None else staff,
    }


def _behaviour(fitted: Fitted, stream: StreamFit, *, retries: bool) -> Values:
    told: Values = {}
    if stream.head_start_ms:
        told["waited"] = format_duration(stream.head_start_ms)
    told["handle"] = stream.service.written()
    if fitted.wrap_up:
        told["wrap_up"] = fitted.wrap_up.written()
    if stream.patience is not None:
        told["patience"] = stream.patience.written()
    again = fitted.behaviour.retries
    if retries and again.delay is not None and again.probability >= PROBABILITY_MIN:
        told["retry"] = {
            "after": ["abandoned"],
            "probability": round(again.probability, 4),
            "delay": again.delay.written(),
        }
    return told


def arrival_values(fit: ArrivalFit, position: int, first_day: int) -> Values:
    """The fitted curves of one stream, at the level of `first_day`."""
    level = (1 + fit.growth_a_day) ** (first_day - fit.reference_day)
    told: Values = {
        "weekdays": {
            WEEKDAYS[day]: profile(fit.profiles[day, :, position] * level, fit.every_ms)
            for day in range(7)
        }
    }
    if fit.growth_found:
        told["growth_a_day"] = round(min(max(fit.growth_a_day, -0.5), 0.5), 5)
    if fit.noise.gamma_shape is not None:
        told["day_factor"] = {"gamma_shape": float(f"{fit.noise.gamma_shape:.4g}")}
    if fit.noise.within_sd > 0.005:
        told["within_day"] = {
            "sd": round(min(fit.noise.within_sd, 1.0), 4),
            "correlation": round(fit.noise.correlation, 4),
            "every": format_duration(fit.every_ms),
        }
    return told


def profile(counts: Floats, every_ms: int) -> Values:
    """Mean counts from the first interval with any to the last."""
    some = np.flatnonzero(counts > 0)
    first, last = (int(some[0]), int(some[-1])) if len(some) else (0, 0)
    return {
        "from": format_duration(first * every_ms),
        "every": format_duration(every_ms),
        "counts": [round(float(count), 3) for count in counts[first : last + 1]],
    }


def policy_text(fitted: Fitted, name: str = "as the log shows") -> str:
    """The policy as a file."""
    wrap_up_ms = round(fitted.wrap_up.mean_s * 1000) if fitted.wrap_up else 0
    return policy_file(fitted.log.types, wrap_up_ms, fitted.log.file, name)


def policy_file(types: tuple[str, ...], wrap_up_ms: int, log: str, name: str) -> str:
    """A policy with a queue for each type of a log."""
    head = [
        f"Queues by type, as in {log.rsplit('/', 1)[-1]}. Whoever has waited longest goes first.",
        "Service-level targets are not in a log: 80 % within 20 s is a guess to be changed.",
    ]
    return yaml_text(policy_values(types, wrap_up_ms, name), {(): head})


def scenario_text(fitted: Fitted, values: Values) -> str:
    """The scenario as a file, with what each part was fitted from."""
    return yaml_text(values, remarks_on(fitted))
