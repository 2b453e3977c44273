"""Staff for a scenario, from who was at work: agents one by one as they were on a day, or
so many of each kind as are expected on a weekday.
"""

from itertools import pairwise
from typing import Any, Final

import numpy as np

from router.model.time import format_duration
from simulator.fit.fitting import Fitted
from simulator.fit.log import DAY_MS, Floats, Ints, weekday_of
from simulator.fit.presence import Presence
from simulator.fit.routing import LEVEL, Routing, own_routing
from simulator.scenario.demand import WEEKDAYS

Values = dict[str, Any]
SHIFTS_MAX: Final = 64
"""Most shifts of one entry."""


def staff_of_day(
    fitted: Fitted, presence: Presence, names: tuple[str, ...], day: int
) -> Values:
    """The agents who were at work on a day, with their sessions as shifts.

    `presence` is of the log that has the day, and `names` are its agents'. What they can
    do is read from that log, their pace from what was fitted, by name.
    """
    midnight = day * DAY_MS
    pace = {fitted.log.agents[agent]: factor for agent, factor in fitted.pace.items()}
    staff: Values = {}
    for agent, types in sorted(presence.skills.items()):
        spells = [
            (max(one.begins_ms - midnight, 0), min(one.ends_ms - midnight, DAY_MS))
            for one in presence.sessions
            if one.agent == agent
            and one.begins_ms < midnight + DAY_MS
            and one.ends_ms > midnight
        ]
        if spells:
            staff[names[agent]] = {
                "agents": 1,
                "skills": {fitted.log.types[kind]: LEVEL for kind in types},
                "handle_factor": round(pace.get(names[agent], 1.0), 4),
                "shifts": [
                    {"from": format_duration(begin), "until": format_duration(end)}
                    for begin, end in joined(spells, SHIFTS_MAX)
                ],
            }
    return _for_every_type(staff, fitted, own_routing(fitted.log.types, ""))


def joined(spells: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """Spells in order without overlaps, at most so many: those least apart become one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spells):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    while len(found) > most:
        gaps = [later[0] - earlier[1] for earlier, later in pairwise(found)]
        at = gaps.index(min(gaps))
        found[at : at + 2] = [(found[at][0], found[at + 1][1])]
    return found


def expected_staff(fitted: Fitted, routing: Routing, only: int | None = None) -> Values:
    """So many of each kind as were at work on the weekdays of the log, on the mean.

    One entry for each kind of agent and weekday (0 is Monday); `only` is the one weekday
    that is wanted. A weekday that the log lacks has the mean of all days. Where the log
    names no agents, so many are taken as the load asks for, and its square root.
    """
    staff: Values = {}
    for weekday in range(7) if only is None else (only,):
        kinds = _kinds(fitted, weekday)
        means = np.array([mean for _, _, mean in kinds])
        for (types, pace, _), counts in zip(kinds, rounded(means), strict=True):
            if not counts.any():
                continue
            name = " ".join(fitted.log.types[kind] for kind in types)
            staff[f"{name[:58]} ({WEEKDAYS[weekday]})"] = {
                "agents": int(counts.max()),
                **routing.abilities(fitted.log.types[kind] for kind in types),
                "handle_factor": round(pace, 4),
                "shifts": shifts_of(counts, fitted.every_ms, WEEKDAYS[weekday])[
                    :SHIFTS_MAX
                ],
            }
    return _for_every_type(staff, fitted, routing)


def _kinds(fitted: Fitted, weekday: int) -> list[tuple[tuple[int, ...], float, Floats]]:
    """Types, pace, and mean number at work by interval of each kind of agent."""
    intervals = DAY_MS // fitted.every_ms
    days = [day for day in fitted.days if weekday_of(day) == weekday] or fitted.days
    groups = fitted.presence.groups()
    if not groups:
        means = fitted.arrivals.profiles[weekday]
        handle_s = np.array([stream.service.mean_s for stream in fitted.streams])
        load = means @ handle_s * 1000 / fitted.every_ms
        guess = np.where(load > 0, np.ceil(load + np.sqrt(load)), 0)
        return [(tuple(range(len(fitted.log.types))), 1.0, guess)]
    return [
        (
            types,
            _mean_pace(fitted, agents),
            np.mean(
                [
                    fitted.presence.at_work(
                        agents, day * DAY_MS, fitted.every_ms, intervals
                    )
                    for day in days
                ],
                axis=0,
            ),
        )
        for types, agents in groups.items()
    ]


def _for_every_type(staff: Values, fitted: Fitted, routing: Routing) -> Values:
    """The same staff, and somebody for the last minute of the day where a type would
    have nobody at all: a scenario must have somebody for every queue.
    """
    able = {skill for one in staff.values() for skill in one["skills"]}
    missing = [
        kind for kind in fitted.log.types if not able.issuperset(routing.needs[kind])
    ]
    if missing:
        staff["nobody"] = {
            "agents": 1,
            **routing.abilities(missing),
            "shifts": [{"from": "23h59m", "until": "24h"}],
        }
    return staff


def rounded(means: Floats) -> Ints:
    """Whole numbers [kind, interval] whose sum is right in each interval, and which are
    right for each kind over time: what is cut off now is made up for later.
    """
    owed = np.zeros(means.shape[0])
    whole = np.zeros(means.shape, dtype=np.int64)
    for at in range(means.shape[1]):
        wanted = owed + means[:, at]
        total = round(float(means[:, at].sum()))
        given = np.minimum(np.floor(np.maximum(wanted, 0)), np.ceil(means[:, at]))
        while given.sum() > total:
            given[np.argmin(np.where(given > 0, wanted - given, np.inf))] -= 1
        while given.sum() < total:
            room = np.where(means[:, at] > 0, wanted - given, -np.inf)
            given[np.argmax(room)] += 1
        whole[:, at] = given
        owed = np.clip(wanted - given, -2, 2)
    return whole


def shifts_of(counts: Ints, every_ms: int, weekday: str) -> list[Values]:
    """Shifts that add up to `counts` by interval, the longest first."""
    runs: dict[tuple[int, int], int] = {}
    for level in range(1, int(counts.max()) + 1):
        there = np.concatenate([[False], counts >= level, [False]]).astype(int)
        begins = np.flatnonzero(np.diff(there) == 1)
        ends = np.flatnonzero(np.diff(there) == -1)
        for run in zip(begins.tolist(), ends.tolist(), strict=True):
            runs[run] = runs.get(run, 0) + 1
    longest = sorted(runs, key=lambda run: (run[0] - run[1], run[0]))
    return [
        {
            "from": format_duration(begin * every_ms),
            "until": format_duration(end * every_ms),
            "agents": runs[begin, end],
            "days": [weekday],
        }
        for begin, end in longest
    ]


def _mean_pace(fitted: Fitted, agents: tuple[int, ...]) -> float:
    """Of a kind, each agent weighing as long as they were at work."""
    time: dict[int, float] = dict.fromkeys(agents, 1.0)
    for one in fitted.presence.sessions:
        if one.agent in time:
            time[one.agent] += one.ends_ms - one.begins_ms
    paces = [fitted.pace.get(agent, 1.0) for agent in agents]
    return float(np.average(paces, weights=[time[agent] for agent in agents]))
