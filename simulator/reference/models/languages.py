"""Two languages, agents of either or of both, retries, and a free agent drawn by chance.

A policy draws nothing: among equals it takes the agent who has been idle longest, which
shares work out differently. So the draw is made where chance has its place, in the
demand: each stream is split into many, which are alike but for the order in which they
like the agents best, and these orders are chosen so that whoever is free is taken as often
as a draw would.

A retry keeps its patience, and the known service level counts the wait of all attempts
together. So each stream is split once more, by patience below and above the threshold:
who has waited longer than that already is never in time.
"""

import math
from typing import Any, Final

from router.model.time import format_duration
from simulator.reference.draws import LEVEL_BY_STEP, ORDERS, OwnSkills
from simulator.reference.models.days import day_of
from simulator.reference.quantities import PATIENCE, ROOM, WITHIN, Parameters
from simulator.reference.setup import SCORE, Setup
from simulator.reference.texts import hourly
from simulator.reference.times import (
    NotExpressed,
    as_spec,
    mean_s,
    random_time,
    scaled,
    written,
)

SAMPLE: Final = 50
BOTH: Final = "bilingual"
HOUR_MS: Final = 3_600_000


def languages(parameters: Parameters, days: int) -> Setup:
    """A week of so many days."""
    agents = {str(k): int(v) for k, v in parameters.get("agents").items()}
    own = [name for name in agents if name != BOTH]
    if len(own) != 2 or BOTH not in agents or agents[own[0]] != agents[own[1]]:
        raise NotExpressed("agents must be of two languages, as many of each, and both")
    chosen = str(parameters.get("agent_choice", default=""))
    if "random" not in chosen:
        raise NotExpressed(f'the choice of agents "{chosen}" is not understood')
    rates = hourly(str(parameters.get("calls_per_hour")))
    begins_ms, ends_ms = rates[0][1] * HOUR_MS, rates[-1][2] * HOUR_MS
    setup = day_of(ends_ms - begins_ms, 1, begins_ms)
    setup.unit_days = days
    within_s = parameters.seconds(WITHIN, 20.0)
    patience = parameters.times(PATIENCE)[0]
    if patience is None or patience["dist"] != "exponential":
        raise NotExpressed("patience must be exponential here")
    retry, delay_ms = _retry(parameters)
    setup.every_ms = math.gcd(setup.every_ms, delay_ms, HOUR_MS)
    setup.score = {**SCORE, "waiting": 1000, "skill_fit": 1, "priority": 0}
    service = parameters.get("service_min")
    parameters.get("queues", "service_level")
    parameters.get("service_level", "queues")
    setup.further["lines"] = parameters.whole(*ROOM)

    counts = [rate for rate, since, until in rates for _ in range(until - since)]
    times = {k: scaled(as_spec(service[k]), 60.0) for k in own}
    load = sum(counts) / len(counts) / 3600 * sum(mean_s(times[k]) for k in own)
    skilled = OwnSkills(agents[own[0]], agents[BOTH], load / sum(agents.values()))
    setup.skills = [*own, *(f"order {s}" for s in range(skilled.skills))]
    _people(setup, own, agents, skilled)
    for language in own:
        handle = random_time(times[language])
        setup.queue(language, within_s, needs={"all_of": {language: 1}})
        split = _Split(language, counts, begins_ms, within_s, patience["mean_s"])
        setup.classes.append(split.streams(setup, skilled, handle, retry))
    setup.per_unit = sum(counts) * days * len(own)
    setup.figures["expected_by_class"] = [sum(counts) * days] * len(own)
    setup.figures["expected"] = setup.per_unit
    setup.figures["retries_until_ms"] = ends_ms + delay_ms
    setup.figures["too_late"] = [
        name for name in setup.demand if "patient, again" in name
    ]
    return setup


def _retry(parameters: Parameters) -> tuple[dict[str, Any], int]:
    said = parameters.get("retrial")
    delay_ms = round(60_000 * float(said["delay_min"]))
    if said.get("after") != "abandonment" or not said.get("fixed", True):
        raise NotExpressed(f"the retrial {said} is not understood")
    return {
        "after": ["abandoned"],
        "probability": float(said["probability"]),
        "delay": format_duration(delay_ms),
        "patience": "keep",
        "handle": "keep",
    }, delay_ms


class _Split:
    """One language's interactions, by the order of agents and by patience."""

    def __init__(
        self,
        language: str,
        counts: list[float],
        begins_ms: int,
        within_s: float,
        mean_s: float,
    ) -> None:
        self._language = language
        self._counts = counts
        self._begins_ms = begins_ms
        late = math.exp(-within_s / mean_s)
        quantiles = [k / (SAMPLE - 1) * (1 - late) for k in range(SAMPLE)]
        values = [written(-mean_s * math.log1p(-q)) for q in quantiles]
        rest = {"exponential": {"mean": written(mean_s)}}
        self._kinds = {
            "soon gone": (1 - late, {"empirical": {"values": values}}),
            "patient": (late, {"sum": [written(within_s), rest]}),
        }

    def streams(
        self, setup: Setup, skilled: OwnSkills, handle: Any, retry: dict[str, Any]
    ) -> list[str]:
        """Add them all, and their retries; answers with their names."""
        names = []
        for order in range(ORDERS):
            needs = {
                "all_of": {f"order {s}": 1 for s in skilled.skills_of(order)},
            }
            for kind, (share, patience) in self._kinds.items():
                name = f"{self._language} {order + 1}, {kind}"
                counts = [count * share / ORDERS for count in self._counts]
                stream = {
                    "queue": self._language,
                    "channel": "voice",
                    "needs": needs,
                    "handle": handle,
                    "patience": patience,
                    "retry": {**retry, "as": f"{name}, again"},
                }
                arrivals = {
                    "from": format_duration(self._begins_ms),
                    "every": format_duration(HOUR_MS),
                    "counts": counts,
                }
                setup.demand[name] = {**stream, "arrivals": arrivals}
                setup.demand[f"{name}, again"] = stream
                names += [name, f"{name}, again"]
        return names


def _people(
    setup: Setup, own: list[str], agents: dict[str, int], skilled: OwnSkills
) -> None:
    shift = {
        "from": format_duration(setup.begins_ms),
        "until": format_duration(setup.ends_ms),
    }
    for group, count in agents.items():
        entries = []
        speaks = own if group == BOTH else [group]
        for n in range(count):
            levels = dict.fromkeys(speaks, LEVEL_BY_STEP[0])
            levels |= {
                f"order {s}": level
                for s, level in enumerate(skilled.levels(group == BOTH, n))
            }
            name = f"{group} {n + 1}"
            setup.staff[name] = {"agents": 1, "skills": levels, "shifts": [shift]}
            entries.append(name)
        setup.pools.append(entries)
