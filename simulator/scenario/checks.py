"""What only the whole scenario can tell, and what its policy must know: names.

The checks read plain values in the shape of the file, and skip what has the wrong
shape: so they also run on a file whose fields are not all right, and every problem
comes out at once. What needs meanings stands in `agreement`.
"""

from collections.abc import Iterator
from typing import Any, Final

from router.policy.fields import CHANNEL_BY_NAME
from router.policy.naming import KEY, places, repeated_names, same, unknown_names
from router.policy.policy import Policy
from router.policy.problem import Finding

CERTAIN: Final = 1 - 1e-9
"""From this probability on something happens every time."""

_USES: Final = (
    ("streams", "demand", "demand.*.retry.as"),
    ("streams", "demand", "demand.*.callback.as"),
    ("streams", "demand", "demand.*.then.*.to"),
    ("staff", "staff", "demand.*.then.*.by"),
    ("staff", "staff", "demand.*.ownership.by"),
    ("staff", "staff", f"demand.*.handle_by.{KEY}"),
    ("staff", "staff", "outages.*.staff"),
)
"""Names of the scenario's own: (what to call them, their section, the places)."""

_USES_OF_POLICY: Final = (
    ("queues", "demand.*.queue"),
    ("channels", "demand.*.channel"),
    ("channels", f"staff.*.limits.{KEY}"),
    ("channels", "staff.*.prefers.*"),
    ("channels", "slow_down.*.channels.*"),
    ("channels", "outages.*.channel"),
    ("skills", f"staff.*.skills.{KEY}"),
    ("skills", f"demand.*.needs.all_of.{KEY}"),
    ("skills", f"demand.*.needs.any_of.*.{KEY}"),
    ("skills", f"demand.*.needs.none_of.{KEY}"),
    ("groups", "staff.*.groups.*"),
    ("agents", "staff.*.roster"),
)
"""Names of the policy's: (its section, the places)."""


def findings_in(scenario: dict[str, Any]) -> list[Finding]:
    """Everything wrong between the parts of a scenario, given as its file has them."""
    return [
        *_unknown_of_its_own(scenario),
        *_unknown_day_types(scenario),
        *_repeated_agents(scenario),
        *_slowed_twice(scenario),
        *_days_beyond(scenario),
        *_endless(scenario),
    ]


def findings_by_policy(scenario: dict[str, Any], policy: Policy) -> Iterator[Finding]:
    """Names that the policy does not know."""
    known: dict[str, set[str]] = {
        "queues": set(policy.queues),
        "channels": {channel.name.lower() for channel in policy.channels},
        "skills": set(policy.skills),
        "groups": set(policy.groups),
        "agents": {agent.id for agent in policy.agents},
    }
    for section, pattern in _USES_OF_POLICY:
        # Of what is no channel at all, the field itself complains.
        only = CHANNEL_BY_NAME.keys() if section == "channels" else None
        among = f'{section} of the policy "{policy.name}"'
        yield from unknown_names(scenario, pattern, known[section], among, only)


def _unknown_of_its_own(scenario: dict[str, Any]) -> Iterator[Finding]:
    for called, section, pattern in _USES:
        declared = scenario.get(section, {})
        if isinstance(declared, dict):
            known = {same(name) for name in declared}
            among = f"{called} of this scenario"
            yield from unknown_names(scenario, pattern, known, among)


def _unknown_day_types(scenario: dict[str, Any]) -> Iterator[Finding]:
    """Dates of a type for which no stream has a profile."""
    known = {
        same(str(path[-1]))
        for path, _ in places(scenario, f"demand.*.arrivals.day_types.{KEY}".split("."))
    }
    among = "day types of any stream"
    yield from unknown_names(scenario, "calendar.day_types.*", known, among)


def _repeated_agents(scenario: dict[str, Any]) -> Iterator[Finding]:
    yield from repeated_names(
        scenario,
        "staff.*.roster",
        lambda before: f'is the staff "{before[1]}" already',
        allowed="each agent once",
    )


def _slowed_twice(scenario: dict[str, Any]) -> Iterator[Finding]:
    yield from repeated_names(
        scenario,
        "slow_down.*.channels.*",
        lambda before: f"is slowed by slow_down[{before[1]}] already",
        allowed="each channel once",
    )


def _days_beyond(scenario: dict[str, Any]) -> Iterator[Finding]:
    """Bursts and outages of days that are never simulated."""
    days = scenario.get("days", 1)
    if not isinstance(days, int):
        return
    for pattern in ("demand.*.arrivals.bursts.*.days.*", "outages.*.days.*"):
        for path, day in places(scenario, pattern.split(".")):
            if isinstance(day, int) and day > days:
                message = f"is after the last day of the run, which is {days}"
                yield Finding(path, day, message, allowed=f"from 1 to {days}")


def _endless(scenario: dict[str, Any]) -> Iterator[Finding]:
    """Streams that go on and on: each surely as another of them.

    Whoever surely goes on is kept as long as all that may follow is kept as well; what
    remains then never ends.
    """
    onward: dict[str, dict[str, float]] = {}
    for path, follow in places(scenario, ["demand", "*", "then", "*"]):
        if not isinstance(follow, dict) or follow.get("by") is not None:
            continue  # only some of the staff pass it on
        chance, target = follow.get("probability"), follow.get("to")
        if isinstance(chance, int | float) and chance > 0 and isinstance(target, str):
            chances = onward.setdefault(str(path[1]), {})
            chances[same(target)] = chances.get(same(target), 0.0) + chance
    kept = {name for name, chances in onward.items() if sum(chances.values()) > CERTAIN}
    while ending := {name for name in kept if not onward[name].keys() <= kept}:
        kept -= ending
    for circle in _circles({name: sorted(onward[name]) for name in kept}):
        route = " → ".join([*circle, circle[0]])
        path = ("demand", circle[0], "then")
        yield Finding(path, route, "goes on for ever: give it a chance to end")


def _circles(onward: dict[str, list[str]]) -> Iterator[list[str]]:
    """One circle for each group of names that lead to each other."""
    seen: set[str] = set()
    for start in onward:
        route: list[str] = []
        while start not in seen:
            seen.add(start)
            route.append(start)
            start = onward[start][0]
        if start in route:
            yield route[route.index(start) :]
