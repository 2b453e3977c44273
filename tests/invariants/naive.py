"""Who may take what, said once more and as plainly as possible.

Written from the words of the policy and the rules of eligibility, over policies and
orders as people write them: skills by name, no tables, no ladders compiled ahead. It is
slow on purpose, and it must never look into the engine's floor.
"""

from dataclasses import dataclass, field

from router.journal.second_floor import SecondAgent, SecondInteraction
from router.model.agent import Presence
from router.model.channel import Channel
from router.model.interaction import State
from router.model.needs import Needs
from router.policy.policy import Policy


@dataclass
class Person:
    """An agent of the roster as they were last defined."""

    row: int
    skills: dict[str, int]
    groups: tuple[str, ...]
    own_capacity: int | None = None
    own_limits: dict[Channel, int] = field(default_factory=dict)
    on_roster: bool = True

    def capacity(self, policy: Policy) -> int:
        return policy.capacity if self.own_capacity is None else self.own_capacity

    def limit(self, policy: Policy, channel: Channel) -> int:
        return self.own_limits.get(channel, policy.channels[channel].limit)


def needs_unmet(
    person: Person, policy: Policy, queue: str, own: Needs, step: int
) -> str:
    """The first skill or group that the agent lacks on that rung, or nothing."""
    rules = policy.queues[queue]
    groups, everyone = set(rules.groups), not rules.groups
    asked = [
        [(need.skill, need.level)]
        for needs in (rules.needs, own)
        for need in needs.all_of
    ] + [
        [(need.skill, need.level) for need in choice]
        for needs in (rules.needs, own)
        for choice in needs.any_of
    ]
    forbidden = [
        (need.skill, need.level)
        for needs in (rules.needs, own)
        for need in needs.none_of
    ]
    for rung in rules.relaxation[:step]:
        asked = [c for c in asked if not any(skill in rung.drop for skill, _ in c)]
        for choice in asked:
            for skill, other in rung.add:
                is_asked = any(s == skill for s, _ in choice)
                if is_asked and other.skill not in [s for s, _ in forbidden]:
                    choice.append((other.skill, other.level))
            for lower in rung.lower:
                choice[:] = [
                    (s, min(level, lower.level) if s == lower.skill else level)
                    for s, level in choice
                ]
        groups |= set(rung.groups)
        for other_queue in rung.queues:
            groups |= set(policy.queues[other_queue].groups)
            everyone = everyone or not policy.queues[other_queue].groups

    if not everyone and not groups & set(person.groups):
        return "is in no group that serves it"
    for choice in asked:
        if not any(person.skills.get(skill, 0) >= level for skill, level in choice):
            return f"has none of {choice}"
    for skill, level in forbidden:
        if person.skills.get(skill, 0) >= level:
            return f"has {skill}, which is forbidden"
    return ""


def no_room(
    person: Person, agent: SecondAgent, policy: Policy, x: SecondInteraction
) -> str:
    """Why the agent's hands are too full for it, or nothing."""
    channel = Channel(x.channel)
    rules = policy.channels.get(channel)
    if rules is None:
        return "cannot work on a channel that is not in use"
    work = list(agent.work.values())
    if sum(w.channel == channel for w in work) >= person.limit(policy, channel):
        return f"has as much {channel.name} as they may"
    beside = x.held_for == person.row
    for w in work:
        of_work = policy.channels.get(Channel(w.channel))
        own = beside and w.root == x.root
        if (
            of_work is not None
            and of_work.exclusive
            and w.channel != channel
            and not own
        ):
            return "is on an exclusive channel"
    taken = 0
    for w in work:
        of_work = policy.channels.get(Channel(w.channel))
        gives_way = (
            not rules.interruptible
            and w.state == State.ACTIVE
            and of_work is not None
            and of_work.interruptible
        )
        if not w.interrupted and not gives_way:
            taken += w.weight
    weight = x.weight
    if beside:
        weight = -(-rules.weight * rules.companion_weight // 100)
    if taken + weight > person.capacity(policy):
        return f"has {taken} of {person.capacity(policy)} taken"
    return ""


def why_not(
    person: Person, agent: SecondAgent, policy: Policy, queue: str, own: Needs,
    x: SecondInteraction, now: int,
) -> str:  # fmt: skip
    """Why this agent may not be offered this interaction now; nothing if they may."""
    if not person.on_roster:
        return "is not on the roster"
    if not agent.signed_in:
        return "is not signed in"
    if not agent.reachable:
        return "cannot be reached"
    if agent.presence != Presence.AVAILABLE:
        return "is not available"
    if agent.requested not in (-1, Presence.AVAILABLE):
        return "has asked to leave"
    if agent.open_offers() >= policy.offers.open_per_agent:
        return "has as many offers as they may"
    if x.state != State.QUEUED:
        return "does not find it waiting"
    return (
        needs_unmet(person, policy, queue, own, x.step)
        or x.shuns(person.row, now, policy.queues[queue].exclude_decliner)
        or no_room(person, agent, policy, x)
    )
