"""Eligibility: may this agent take this interaction now? Yes, or the first rule that
says no.

The rules are asked in the order of `Rule`, in four groups that need ever more
knowledge: the agent alone, the agent and the line (needs, groups, channel), the pair,
and the room the agent has left. Choosing asks the groups one by one and skips whole
lines; `rule_against` asks all of them and is what Explain shows.
"""

from router.engine.company import descends, root_of
from router.engine.compiled import compiled
from router.engine.kinds import Rule
from router.engine.room import room_beside, room_rule
from router.engine.tables import (
    AGENT_GROUPS_MAX,
    ALL_OF,
    ANY_OF,
    EXCLUDED_MAX,
    GROUPS_MAX,
    NOBODY,
    NONE_OF,
)
from router.model.agent import Presence
from router.model.interaction import State


@compiled
def agent_rule(floor, a):
    """The agent alone: signed in, reachable, available, not already looking at as many
    offers as allowed.
    """
    agent = floor.agents[a]
    if agent.signed_in == 0 or floor.roster[a].defined == 0:
        return Rule.NOT_SIGNED_IN
    if agent.reachable == 0:
        return Rule.UNREACHABLE
    if agent.presence != Presence.AVAILABLE:
        return Rule.NOT_AVAILABLE
    if agent.requested >= 0 and agent.requested != Presence.AVAILABLE:
        return Rule.NOT_AVAILABLE
    if agent.open_offers >= floor.rules[0].open_per_agent:
        return Rule.OPEN_OFFER
    return Rule.NONE


@compiled
def step_of(floor, interaction):
    """The rung of its ladder on which the interaction stands."""
    ladder = floor.ladders[floor.lines[interaction.line].ladder]
    return ladder.first_step + min(interaction.step, ladder.steps - 1)


@compiled
def line_rule(floor, step_row, channel, a):
    """What the line asks of any agent: groups, skills and the channel. Says nothing
    about the moment.
    """
    roster = floor.roster[a]
    step = floor.steps[step_row]
    if step.any_group == 0:
        member = False
        for k in range(AGENT_GROUPS_MAX):
            group = roster.groups[k]
            if 0 <= group < GROUPS_MAX and step.group[group] != 0:
                member = True
                break
        if not member:
            return Rule.GROUP
    failing = failing_clause(floor, step_row, a)
    if failing != NOBODY:
        if floor.clauses[failing].kind == NONE_OF:
            return Rule.FORBIDDEN_SKILL
        return Rule.MISSING_SKILL
    if roster.limit[channel] == 0:
        return Rule.CHANNEL_NOT_TAKEN
    return Rule.NONE


@compiled
def failing_clause(floor, step_row, a):
    """The first clause of the step that the agent does not meet (of an any-of, its
    first option), or `NOBODY`.
    """
    roster = floor.roster[a]
    step = floor.steps[step_row]
    first = step.first_clause
    group = NOBODY
    group_first = NOBODY
    group_met = True
    for c in range(first, first + step.clauses):
        clause = floor.clauses[c]
        level = roster.level[clause.skill]
        if clause.kind == ANY_OF:
            if clause.group != group:
                if not group_met:
                    return group_first
                group = clause.group
                group_first = c
                group_met = False
            if level >= clause.level:
                group_met = True
        elif clause.kind == ALL_OF:
            if level < clause.level:
                return c
        elif level >= clause.level:
            return c
    if not group_met:
        return group_first
    return NOBODY


@compiled
def has_particulars(floor, i, now):
    """Whether `pair_rule` could say no to anybody at all."""
    interaction = floor.interactions[i]
    return (
        now < interaction.not_before
        or (interaction.companion != NOBODY and interaction.opened == 0)
        or interaction.excluded_count > 0
        or interaction.declined_count > 0
        or interaction.cooling_count > 0
        or (interaction.owner != NOBODY and now < interaction.hold_until)
    )


@compiled
def pair_rule(floor, i, a, now):
    """What stands between these two: the hour, the agent at another channel of the
    customer, exclusion, an earlier decline, a rest, a claim of the owner.
    """
    interaction = floor.interactions[i]
    if now < interaction.not_before:
        return Rule.NOT_DUE
    held = interaction.companion != NOBODY and interaction.opened == 0
    if held and interaction.companion != a:
        return Rule.HELD_FOR_COMPANION
    for k in range(min(interaction.excluded_count, EXCLUDED_MAX)):
        if interaction.excluded[k] == a:
            return Rule.EXCLUDED
    if (
        interaction.declined_count > 0
        and floor.queue_rules[interaction.queue].exclude_decliner
    ):
        for k in range(min(interaction.declined_count, EXCLUDED_MAX)):
            if interaction.declined[k] == a:
                return Rule.DECLINED_BEFORE
    for k in range(interaction.cooling_count):
        if interaction.cooling[k] == a and now < interaction.cooling_until[k]:
            return Rule.COOLING_DOWN
    if (
        interaction.owner != NOBODY
        and interaction.owner != a
        and now < interaction.hold_until
        and not held
    ):
        return Rule.HELD_FOR_OWNER
    return Rule.NONE


@compiled
def pair_room_rule(floor, i, a):
    """The same for this very interaction: beside another channel of its customer it
    weighs less, and that channel does not exclude it.
    """
    interaction = floor.interactions[i]
    overlooked = 0
    if interaction.companion == a and interaction.opened == 0:
        overlooked = exclusive_of_company(floor, i, a)
    return room_beside(
        floor, interaction.channel, weight_with(floor, i, a), a, overlooked
    )


@compiled
def weight_with(floor, i, a):
    """What the interaction would weigh with agent `a`."""
    interaction = floor.interactions[i]
    if interaction.companion == a and interaction.opened == 0:
        return floor.channel_rules[interaction.channel].companion_weight
    return interaction.weight


@compiled
def rule_against(floor, i, a, now):
    """The first rule that keeps the two apart, or `Rule.NONE` when the agent may take
    the interaction.
    """
    interaction = floor.interactions[i]
    rule = agent_rule(floor, a)
    if rule != Rule.NONE:
        return rule
    rule = line_rule(floor, step_of(floor, interaction), interaction.channel, a)
    if rule != Rule.NONE:
        return rule
    rule = pair_rule(floor, i, a, now)
    if rule != Rule.NONE:
        return rule
    rule = pair_room_rule(floor, i, a)
    if rule != Rule.NONE:
        return rule
    if interaction.state != State.QUEUED:
        return Rule.INTERACTION_NOT_WAITING
    return Rule.NONE


@compiled
def could_ever(floor, line, a):
    """Whether agent `a`, on the roster, could take an interaction of this line under
    any rung of its ladder.
    """
    if floor.roster[a].defined == 0:
        return False
    row = floor.lines[line]
    if floor.channel_rules[row.channel].weight > floor.roster[a].capacity:
        return False
    ladder = floor.ladders[row.ladder]
    for step in range(ladder.steps):
        if line_rule(floor, ladder.first_step + step, row.channel, a) == Rule.NONE:
            return True
    return False


@compiled
def reachable_agents(floor, line, now):
    """How many signed-in agents could take this line under its first rung, and how many
    of them have room now.
    """
    row = floor.lines[line]
    step_row = floor.ladders[row.ladder].first_step
    weight = floor.channel_rules[row.channel].weight
    able = 0
    free = 0
    for a in range(floor.agents.shape[0]):
        if (
            floor.agents[a].signed_in
            and line_rule(floor, step_row, row.channel, a) == Rule.NONE
        ):
            able += 1
            if (
                agent_rule(floor, a) == Rule.NONE
                and room_rule(floor, row.channel, weight, a) == Rule.NONE
            ):
                free += 1
    return able, free


@compiled
def exclusive_of_company(floor, i, a):
    """How many of agent `a`'s exclusive works on other channels are the customer's own."""
    interaction = floor.interactions[i]
    if interaction.customer == NOBODY:
        return 0
    root = root_of(floor, interaction.customer)
    count = 0
    work = floor.agents[a].first_work
    while work != NOBODY:
        other = floor.interactions[work]
        if (
            other.channel != interaction.channel
            and floor.channel_rules[other.channel].exclusive
            and other.customer != NOBODY
            and descends(floor, other.customer, root)
        ):
            count += 1
        work = other.next_work
    return count
