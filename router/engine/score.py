"""The score: how good an eligible pairing is, as a sum of named integer terms.

Each term is a function of the floor, the interaction, the agent and the instant, in
thousandths (0 to 1000 where nothing else is said); the policy's weight of the same name
multiplies it. To add a term: one function here, one line in `terms`, one weight in the
policy. Explain shows whatever stands in `TERM_NAMES`.

Two things must stay true, or equals would overtake each other in a line: a term may
look at how long the interaction has waited only so that more waiting never scores less,
and at its needs only as they were on the first rung of its ladder, not as relaxed. (A
claim of ownership fades, but by its own age, and it concerns one pair.)
"""

import numpy as np

from router.engine.compiled import compiled
from router.engine.occupancy import idleness, leisure
from router.engine.ownership import claim
from router.engine.tables import ALL_OF, ANY_OF, HELD_MAX, NOBODY

TERM_NAMES = (
    "skill_fit",
    "waiting",
    "priority",
    "ownership",
    "idle",
    "fairness",
    "scarcity",
    "channel_fit",
)

# By level minus needed level, from -5 to 4: one level to spare is best, much more is a
# waste, less a stopgap.
_FIT = np.array([0, 50, 100, 150, 200, 800, 1000, 900, 800, 700], np.int64)
_FIT_OFFSET = 5
NEUTRAL_FIT = 500
WAITING_MAX = 10_000


@compiled
def skill_fit(floor, i, a, now):
    """How well the agent's levels suit what the customer first asked for; the mean over
    the needs.
    """
    roster = floor.roster[a]
    ladder = floor.ladders[floor.lines[floor.interactions[i].line].ladder]
    step = floor.steps[ladder.first_step]
    total = 0
    needs = 0
    group = NOBODY
    best = 0
    for c in range(step.first_clause, step.first_clause + step.clauses):
        clause = floor.clauses[c]
        fit = _FIT[roster.level[clause.skill] - clause.level + _FIT_OFFSET]
        if clause.kind == ALL_OF:
            total += fit
            needs += 1
        elif clause.kind == ANY_OF:
            if clause.group != group:
                group = clause.group
                needs += 1
                best = 0
            if fit > best:
                total += fit - best
                best = fit
    if needs == 0:
        return NEUTRAL_FIT
    if needs == 1:
        return total
    return total // needs


@compiled
def waiting(floor, i, a, now):
    """How far the wait has used up the time of the service-level target: 1000 when it
    is due, up to 10,000.
    """
    interaction = floor.interactions[i]
    target_ms = max(1_000, floor.queue_rules[interaction.queue].target_ms)
    return min(WAITING_MAX, 1000 * (now - interaction.enqueued_at) // target_ms)


@compiled
def priority(floor, i, a, now):
    """The interaction's priority, 0 to 100, in thousandths."""
    return 10 * floor.lines[floor.interactions[i].line].priority


@compiled
def ownership(floor, i, a, now):
    """How strong the agent's claim on the conversation still is: of its owner, or (less)
    of the customer's team.
    """
    interaction = floor.interactions[i]
    if interaction.owner == NOBODY and interaction.team == NOBODY:
        return 0
    return claim(floor, i, a, now)


@compiled
def idle(floor, i, a, now):
    """How long the agent has had no work at all, full after ten minutes. Who has any
    load is not idle.
    """
    agent = floor.agents[a]
    if agent.load > 0:
        return 0
    return idleness(agent.idle_since, now)


@compiled
def fairness(floor, i, a, now):
    """The share of the shift without load, and room left now: the busier agent of two
    comes second.
    """
    return leisure(floor, a, now)


@compiled
def scarcity(floor, i, a, now):
    """The price (never above 0) of spending a skill that few signed-in agents hold on
    work without need of it.
    """
    house = floor.house[0]
    if house.any_price == 0:
        return 0
    roster = floor.roster[a]
    ladder = floor.ladders[floor.lines[floor.interactions[i].line].ladder]
    needed = floor.steps[ladder.first_step].needed
    demanded = floor.rules[0].demanded
    price = 0
    for k in range(min(roster.held_count, HELD_MAX)):
        skill = roster.held[k]
        if (
            needed[skill] == 0
            and house.price[skill] > price
            and roster.level[skill] >= demanded[skill]
        ):
            price = house.price[skill]
    return -price


@compiled
def channel_fit(floor, i, a, now):
    """How much the agent prefers this channel, as the roster says."""
    return floor.roster[a].preference[floor.interactions[i].channel]


@compiled
def own_score(floor, i, now):
    """The part of the score that is the same whoever takes the interaction."""
    weight = floor.rules[0].weight
    return weight[1] * waiting(floor, i, NOBODY, now) + weight[2] * priority(
        floor, i, NOBODY, now
    )


@compiled
def standing_score(floor, i, a, now):
    """The part of the score that only a new roster or policy changes."""
    weight = floor.rules[0].weight
    return weight[0] * skill_fit(floor, i, a, now) + weight[7] * channel_fit(
        floor, i, a, now
    )


@compiled
def moving_score(floor, i, a, now):
    """The part of the score that depends on what the agent does just now."""
    weight = floor.rules[0].weight
    return (
        weight[4] * idle(floor, i, a, now)
        + weight[5] * fairness(floor, i, a, now)
        + weight[6] * scarcity(floor, i, a, now)
    )


@compiled
def claim_score(floor, i, a, now):
    """The part of the score that is between these two alone."""
    return floor.rules[0].weight[3] * ownership(floor, i, a, now)


@compiled
def score(floor, i, a, now):
    """How good the pairing is: the weighted sum of all terms."""
    return (
        own_score(floor, i, now)
        + standing_score(floor, i, a, now)
        + moving_score(floor, i, a, now)
        + claim_score(floor, i, a, now)
    )


@compiled
def terms(floor, i, a, now, values):
    """Write each term's value, unweighted and in the order of `TERM_NAMES`, for
    Explain.
    """
    values[0] = skill_fit(floor, i, a, now)
    values[1] = waiting(floor, i, a, now)
    values[2] = priority(floor, i, a, now)
    values[3] = ownership(floor, i, a, now)
    values[4] = idle(floor, i, a, now)
    values[5] = fairness(floor, i, a, now)
    values[6] = scarcity(floor, i, a, now)
    values[7] = channel_fit(floor, i, a, now)
