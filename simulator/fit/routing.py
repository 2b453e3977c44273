"""How types of a log become queues, and agents who answer them become skilled: by a policy
of their own, or by one that is given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from router.model.time import format_duration
from router.policy.policy import Policy
from router.policy.suggest import listed, meant

CHANNEL: Final = "voice"
LEVEL: Final = 3
TARGET: Final = {"target": 80, "within": "20s"}
NAME_MAX: Final = 64


class RoutingWrong(ValueError):
    """A type of the log has no queue in the given policy."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Queues by type, and what agents need for them."""

    file: str
    """The policy's file, as the scenario names it."""
    queues: Mapping[str, str]
    """Queue of each type."""
    needs: Mapping[str, Mapping[str, int]]
    """Skills and levels that an agent needs for each type."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Groups that serve each type; none for everybody."""

    def abilities(self, types: Iterable[str]) -> dict[str, Any]:
        """What staff who answer `types` have, as a scenario writes it."""
        skills: dict[str, int] = {}
        groups: set[str] = set()
        for kind in types:
            for skill, level in self.needs[kind].items():
                skills[skill] = max(level, skills.get(skill, 0))
            groups.update(self.groups.get(kind, ()))
        told: dict[str, Any] = {"skills": dict(sorted(skills.items()))}
        return told | ({"groups": sorted(groups)} if groups else {})


def own_routing(types: Iterable[str], file: str) -> Routing:
    """A queue and a skill for each type."""
    names = {kind: kind[:NAME_MAX] for kind in types}
    needs = {kind: {name: LEVEL} for kind, name in names.items()}
    return Routing(file, names, needs)


def given_routing(
    types: Iterable[str], file: str, policy: Policy, chosen: Mapping[str, str]
) -> Routing:
    """The queues of a policy: as `chosen` by type, or else of the same name.

    Raises RoutingWrong.
    """
    queues, needs, groups = {}, {}, {}
    for kind in types:
        name = chosen.get(kind, kind)
        if name not in policy.queues:
            guess = meant(name, policy.queues)
            hint = f'; did you mean "{guess}"?' if guess else ""
            raise RoutingWrong(
                f'the type "{kind}" has no queue in {file}: say which with --queue '
                f'"{kind}=NAME" (allowed: {listed(policy.queues)}){hint}'
            )
        queue = policy.queues[name]
        asked = [*queue.needs.all_of, *(group[0] for group in queue.needs.any_of)]
        queues[kind], groups[kind] = name, tuple(queue.groups)
        needs[kind] = {need.skill: need.level for need in asked}
    return Routing(file, queues, needs, groups)


def policy_values(types: Iterable[str], wrap_up_ms: int, name: str) -> dict[str, Any]:
    """A policy that routes as a plain telephone system does: by type, longest waiting
    first, to the agent who has been idle longest.
    """
    kinds = [kind[:NAME_MAX] for kind in types]
    queue: dict[str, Any] = {
        "service_level": TARGET,
        "wrap_up": format_duration(min(wrap_up_ms, 300_000)),
        "offer_timeout": "30s",
        "max_wait": "1d",
    }
    return {
        "policy": name,
        "skills": sorted(kinds),
        "channels": {CHANNEL: {}},
        "queues": {kind: {**queue, "needs": {"all_of": {kind: 1}}} for kind in kinds},
        "score": {
            "skill_fit": 0, "waiting": 0, "priority": 0, "ownership": 0, "idle": 3,
            "fairness": 0, "scarcity": 0, "channel_fit": 0,
        },
    }  # fmt: skip
