"""Fits: what does not change from one arrival to the next.

Whether a line admits an agent, and what skills and preferences make of the pair, depends
on the roster and the policy alone. It is worked out once for each rung and channel and
remembered until either changes, in a few slots that take turns; so an arrival reads four
bytes of an agent where it read four hundred. Not state: a floor without it decides the
same.
"""

import numpy as np

from router.engine.compiled import compiled
from router.engine.eligibility import line_rule, step_of
from router.engine.kinds import Rule
from router.engine.score import standing_score
from router.engine.tables import CHANNELS, FIT_CLASSES, FIT_SLOTS, SEATS_STEP

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
        slot.by_block = 0
        _fill(floor, i, step_row, channel, start)
    return start


@compiled
def able_agents(floor, fits):
    """Fill `shortlist` with the free agents whom the line admits; returns how many.

    Every row is written and only the count depends on the fit: a branch that half of
    the agents take is guessed wrong half of the time, which costs more than all else.
    """
    count = 0
    for position in range(floor.house[0].free_agents):
        a = floor.free[position]
        floor.shortlist[count] = a
        count += floor.fits[fits + a] != NOT_ABLE
    return count


@compiled
def block_fits_for(floor, fits):
    """The first row of `floor.block_fits` that sums up these fits, and the one after
    the last.
    """
    number = fits // floor.agents.shape[0]
    slot = floor.fit_slots[number]
    start = number * floor.blocks.shape[0]
    if slot.by_block != slot.version:
        slot.by_block = slot.version
        slot.blocks = 0
        for b in range(floor.seating[0].blocks):
            slot.blocks += _sum_up(floor, fits, b, start + slot.blocks)
    return start, start + slot.blocks


@compiled
def _sum_up(floor, fits, b, row):
    """Write down whom the line admits of block `b`; returns 0 if it is nobody."""
    able = np.int64(0)
    for k in range(floor.blocks[b].taken):
        if floor.fits[fits + floor.seats[b * SEATS_STEP + k].agent] != NOT_ABLE:
            able |= np.int64(1) << k
    if able == 0:
        return 0
    block_fit = floor.block_fits[row]
    block_fit.block = b
    block_fit.able = able
    for which in range(FIT_CLASSES):
        best = NOT_ABLE
        who = np.int64(0)
        for k in range(floor.blocks[b].taken):
            fit = floor.fits[fits + floor.seats[b * SEATS_STEP + k].agent]
            if (able >> k) & 1 and fit >= best:
                if fit > best:
                    best = fit
                    who = np.int64(0)
                who |= np.int64(1) << k
        if which == FIT_CLASSES - 1:
            who = able
        block_fit.fit[which] = best
        block_fit.who[which] = who
        able &= ~who
    return 1


@compiled
def is_known_unable(floor, i, a):
    """Whether it is remembered that the line does not admit agent `a`."""
    interaction = floor.interactions[i]
    step_row = step_of(floor, interaction)
    channel = interaction.channel
    number = (step_row * CHANNELS + channel) % FIT_SLOTS
    slot = floor.fit_slots[number]
    return (
        slot.version == floor.house[0].roster_version + 1
        and slot.step == step_row
        and slot.channel == channel
        and floor.fits[number * floor.agents.shape[0] + a] == NOT_ABLE
    )


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
