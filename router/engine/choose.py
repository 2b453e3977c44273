"""The best pair when one side is single: the arg-max over agents or over waiting
interactions.

Ties are broken on purpose: between agents by who has been idle longest, then by row;
between interactions by age, then by order of arrival. The order of the dense lists that
are scanned therefore never matters.
"""

import numpy as np

from router.engine.compiled import compiled
from router.engine.eligibility import (
    has_particulars,
    line_rule,
    pair_rule,
    room_rule,
    rule_against,
    step_of,
)
from router.engine.fits import able_agents, fits_for
from router.engine.kinds import Rule
from router.engine.lists import older
from router.engine.score import claim_score, moving_score, own_score, score
from router.engine.tables import NOBODY


@compiled
def idler(floor, one, other):
    """Whether agent `one` goes before `other` when their scores are equal."""
    mine = floor.agents[one]
    theirs = floor.agents[other]
    if (mine.load == 0) != (theirs.load == 0):
        return mine.load == 0
    return mine.idle_since < theirs.idle_since or (
        mine.idle_since == theirs.idle_since and one < other
    )


@compiled
def best_agent(floor, i, now):
    """Choose among the free agents: (agent, score, runner-up, its score, how many were
    eligible).
    """
    interaction = floor.interactions[i]
    fits = fits_for(floor, i)
    channel = interaction.channel
    particular = has_particulars(floor, i, now)
    claimed = interaction.owner != NOBODY or interaction.team != NOBODY
    best = NOBODY
    second = NOBODY
    best_score = 0
    second_score = 0
    eligible = 0
    own = own_score(floor, i, now)
    able = np.empty(floor.house[0].free_agents, np.int32)
    for k in range(able_agents(floor, fits, able)):
        a = able[k]
        # Whoever has nothing to do has room for whatever they are able to take.
        agent = floor.agents[a]
        busy = agent.load > 0 or agent.exclusive > 0 or agent.channel_load[channel] > 0
        if busy and room_rule(floor, channel, interaction.weight, a) != Rule.NONE:
            continue
        if particular and pair_rule(floor, i, a, now) != Rule.NONE:
            continue
        eligible += 1
        points = own + floor.fits[fits + a] + moving_score(floor, i, a, now)
        if claimed:
            points += claim_score(floor, i, a, now)
        if (
            best == NOBODY
            or points > best_score
            or (points == best_score and idler(floor, a, best))
        ):
            second, second_score = best, best_score
            best, best_score = a, points
        elif (
            second == NOBODY
            or points > second_score
            or (points == second_score and idler(floor, a, second))
        ):
            second, second_score = a, points
    return best, best_score, second, second_score, eligible


@compiled
def first_of_line(floor, line, a, now):
    """The oldest interaction of the line that agent `a` may take, or `NOBODY`.

    Those behind the first stand on the same rung or a lower one, so when its needs rule
    the agent out, the whole line is out; only what concerns the pair is asked again
    further back.
    """
    i = floor.heads[line].first
    interaction = floor.interactions[i]
    channel = interaction.channel
    if line_rule(floor, step_of(floor, interaction), channel, a) != Rule.NONE:
        return NOBODY
    if room_rule(floor, channel, interaction.weight, a) != Rule.NONE:
        return NOBODY
    step = interaction.step
    while i != NOBODY:
        interaction = floor.interactions[i]
        if interaction.step != step:
            step = interaction.step
            if line_rule(floor, step_of(floor, interaction), channel, a) != Rule.NONE:
                return NOBODY
        if pair_rule(floor, i, a, now) == Rule.NONE:
            return i
        i = interaction.next
    return NOBODY


@compiled
def best_interaction(floor, a, now):
    """Choose among the waiting: (interaction, score, runner-up, its score, how many
    lines had one).
    """
    best = NOBODY
    second = NOBODY
    best_score = 0
    second_score = 0
    eligible = 0
    for position in range(floor.house[0].open_lines):
        i = first_of_line(floor, floor.open_lines[position], a, now)
        if i == NOBODY:
            continue
        eligible += 1
        points = score(floor, i, a, now)
        if (
            best == NOBODY
            or points > best_score
            or (points == best_score and older(floor, i, best))
        ):
            second, second_score = best, best_score
            best, best_score = i, points
        elif (
            second == NOBODY
            or points > second_score
            or (points == second_score and older(floor, i, second))
        ):
            second, second_score = i, points
    # Whoever waits for this agent alone may stand behind others in line.
    i = floor.agents[a].first_awaited
    while i != NOBODY:
        if i != best and i != second and rule_against(floor, i, a, now) == Rule.NONE:
            eligible += 1
            points = score(floor, i, a, now)
            if (
                best == NOBODY
                or points > best_score
                or (points == best_score and older(floor, i, best))
            ):
                second, second_score = best, best_score
                best, best_score = i, points
            elif (
                second == NOBODY
                or points > second_score
                or (points == second_score and older(floor, i, second))
            ):
                second, second_score = i, points
        i = floor.interactions[i].next_awaited
    return best, best_score, second, second_score, eligible
