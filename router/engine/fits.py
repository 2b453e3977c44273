"""Fits: what does not change from one arrival to the next.

Whether a line admits an agent, and what skills and preferences make of the pair, depends
on the roster and the policy alone. It is worked out once for each rung and channel and
remembered until either changes, in a few slots that take turns; so an arrival reads four
bytes of an agent where it read four hundred. Not state: a floor without it decides the
same.
"""

from router.engine.compiled import compiled
from router.engine.eligibility import line_rule, step_of
from router.engine.kinds import Rule
from router.engine.score import standing_score
from router.engine.tables import CHANNELS, FIT_SLOTS

NOT_ABLE = -(1 << 31)


@compiled
def fits_for(floor, i):
    """Where in `floor.fits` the agents' fits for this interaction begin: by row the
    standing part of the score, or `NOT_ABLE`.
    """
    interaction = floor.interactions[i]
    step_row = step_of(floor, interaction)
    channel = interaction.channel
    number = (step_row * CHANNELS + channel) % FIT_SLOTS
    slot = floor.fit_slots[number]
    start = number * floor.agents.shape[0]
    version = floor.house[0].roster_version + 1
    if slot.version != version or slot.step != step_row or slot.channel != channel:
        slot.version = version
        slot.step = step_row
        slot.channel = channel
        _fill(floor, i, step_row, channel, start)
    return start


@compiled
def able_agents(floor, fits, rows):
    """Fill `rows` with the free agents whom the line admits; returns how many.

    Every row is written and only the count depends on the fit: a branch that half of
    the agents take is guessed wrong half of the time, which costs more than all else.
    """
    count = 0
    for position in range(floor.house[0].free_agents):
        a = floor.free[position]
        rows[count] = a
        count += floor.fits[fits + a] != NOT_ABLE
    return count


@compiled
def _fill(floor, i, step_row, channel, start):
    weight = floor.channel_rules[channel].weight
    for a in range(floor.agents.shape[0]):
        able = (
            floor.roster[a].defined
            and weight <= floor.roster[a].capacity
            and line_rule(floor, step_row, channel, a) == Rule.NONE
        )
        fit = NOT_ABLE
        if able:
            fit = standing_score(floor, i, a, 0)
        floor.fits[start + a] = fit
