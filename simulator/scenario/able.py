"""Who of the staff could take which stream, under any step of its queue's relaxation.

The engine's own rules of eligibility (`router.engine.eligibility.could_ever`), asked of
the documents alone: before a scenario is run, it must be plain who can serve whom.
"""

from dataclasses import dataclass

from router.model.channel import Channel
from router.model.needs import Needs, SkillNeed
from router.model.relaxation import loosened
from router.policy.needs import NeedsForm, skill_needs
from router.policy.policy import Policy
from simulator.scenario.scenario import Scenario, Stream
from simulator.scenario.staff import Staff


@dataclass(frozen=True, slots=True)
class Able:
    """What one agent of an entry of the staff can do."""

    skills: dict[str, int]
    groups: frozenset[str]
    capacity: int
    limits: dict[Channel, int]

    def meets(self, needs: Needs) -> bool:
        """Whether the agent has all that is asked for, and nothing forbidden."""
        return (
            all(map(self._has, needs.all_of))
            and all(any(map(self._has, group)) for group in needs.any_of)
            and not any(map(self._has, needs.none_of))
        )

    def serves(self, needs: Needs, open_to: frozenset[str] | None) -> bool:
        """Whether the agent may take what needs this and is open to these groups."""
        return (open_to is None or bool(self.groups & open_to)) and self.meets(needs)

    def at_once(self, policy: Policy, channel: Channel) -> int:
        """Most interactions of a channel at once; 0 for none."""
        if channel not in policy.channels:
            return 0
        rules = policy.channels[channel]
        limit = self.limits.get(channel, rules.limit)
        return min(limit, self.capacity // rules.weight)

    def _has(self, need: SkillNeed) -> bool:
        return self.skills.get(need.skill, 0) >= need.level


def able_of(staff: Staff, policy: Policy) -> Able:
    """An entry's agents, as the scenario or the policy's roster has them."""
    if staff.roster is not None:
        agent = next(agent for agent in policy.agents if agent.id == staff.roster)
        return Able(agent.skills, frozenset(agent.groups), agent.capacity, agent.limits)
    capacity = policy.capacity if staff.capacity is None else staff.capacity
    return Able(staff.skills, frozenset(staff.groups), capacity, staff.limits)


def needs_of(form: NeedsForm | None) -> Needs:
    """The needs that a stream adds. Raises ValueError where they contradict."""
    if form is None:
        return Needs.NOTHING
    return Needs(
        all_of=skill_needs(form.all_of),
        any_of=tuple(skill_needs(group) for group in form.any_of),
        none_of=skill_needs(form.none_of),
    )


def could_take(
    scenario: Scenario, policy: Policy, steps_max: int = 1_000
) -> dict[str, tuple[str, ...]]:
    """By stream: the staff who could take it by one of the first steps of its queue.

    `steps_max` 1 asks for the needs as they are before any relaxation.
    """
    people = {name: able_of(staff, policy) for name, staff in scenario.staff.items()}
    found = {}
    for name, stream in scenario.demand.items():
        steps = ladder_of(policy, stream)[:steps_max]
        found[name] = tuple(
            who
            for who, agent in people.items()
            if agent.at_once(policy, stream.channel) > 0
            and any(agent.serves(*step) for step in steps)
        )
    return found


def ladder_of(
    policy: Policy, stream: Stream
) -> list[tuple[Needs, frozenset[str] | None]]:
    """The needs at each step, and the groups that may serve then; None is everyone."""
    queue = policy.queues[stream.queue]
    needs = queue.needs.combined(needs_of(stream.needs))
    groups, everyone = set(queue.groups), not queue.groups
    steps = [(needs, None if everyone else frozenset(groups))]
    for step in queue.relaxation:
        needs = loosened(needs, step)
        groups.update(step.groups)
        for other in step.queues:
            groups.update(policy.queues[other].groups)
            everyone = everyone or not policy.queues[other].groups
        steps.append((needs, None if everyone else frozenset(groups)))
    return steps
