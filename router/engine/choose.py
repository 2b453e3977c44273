"""The best pair when one side is single: the arg-max over agents or over waiting
interactions.

Ties are broken on purpose: between agents by who has been idle longest, then by row;
between interactions by age, then by order of arrival. The order of the lists that are
looked through therefore never matters. Few free agents are looked at one by one
(`scan`), many by blocks (`search`); both choose the same.
"""

from router.engine.compiled import compiled
from router.engine.eligibility import line_rule, pair_rule, rule_against, step_of
from router.engine.fits import is_known_unable
from router.engine.kinds import Rule
from router.engine.lists import older
from router.engine.room import room_rule
from router.engine.scan import best_of_all
from router.engine.score import score
from router.engine.search import best_seated, is_open_to_all
from router.engine.seating import seated
from router.engine.tables import NOBODY


@compiled
def best_agent(floor, i, now):
    """Choose among the free agents: (agent, score, runner-up, its score, how many were
    eligible).
    """
    if seated(floor) and is_open_to_all(floor, i, now):
        return best_seated(floor, i, now)
    return best_of_all(floor, i, now)


@compiled
def first_of_line(floor, line, a, now):
    """The oldest interaction of the line that agent `a` may take, or `NOBODY`.

    Those behind the first stand on the same rung or a lower one, so when its needs rule
    the agent out, the whole line is out; only what concerns the pair is asked again
    further back.
    """
    i = floor.heads[line].first
    if is_known_unable(floor, i, a):
        return NOBODY
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
