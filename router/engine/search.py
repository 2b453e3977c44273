"""The best agent by blocks: what `scan` finds, without looking at everybody.

Each block says the most that any of its agents could score. The most promising block is
looked through first; of the others, those that could still have the best or the
runner-up. How many are eligible is counted by bits.
"""

from typing import Any

from router.engine.bits import lowest, ones
from router.engine.compiled import compiled
from router.engine.eligibility import has_particulars, pair_rule
from router.engine.fits import NOT_ABLE, block_fits_for, fits_for
from router.engine.kinds import Rule
from router.engine.occupancy import IDLE_UNIT_MS, idleness, leisure
from router.engine.scan import idler
from router.engine.score import claim_score, moving_score, own_score
from router.engine.seating import LOWEST, renew, top_loaded
from router.engine.tables import (
    COOLING_MAX,
    EXCLUDED_MAX,
    FIT_CLASSES,
    NOBODY,
    SEATS_STEP,
    Floor,
)

DIRECT = 24
"""So many eligible agents are looked at without asking what their blocks promise."""


@compiled
def is_open_to_all(floor: Floor, i: int, now: int) -> bool:
    """Whether the interaction is for anybody but those it names; a claim of a whole
    team, or of one agent who alone may have it, is not for blocks.
    """
    interaction = floor.interactions[i]
    return bool(
        interaction.team == NOBODY
        and now >= interaction.not_before
        and (interaction.companion == NOBODY or interaction.opened != 0)
        and (interaction.owner == NOBODY or now >= interaction.hold_until)
        and interaction.weight == floor.channel_rules[interaction.channel].weight
    )


@compiled
def best_seated(floor: Floor, i: int, now: int) -> tuple[int, int, int, int, int]:
    """Choose by blocks: (agent, score, runner-up, its score, how many were eligible)."""
    choice = floor.seating[0]
    choice.best = NOBODY
    choice.second = NOBODY
    choice.best_score = 0
    choice.second_score = 0
    fits = fits_for(floor, i)
    first, end = block_fits_for(floor, fits)
    particular = has_particulars(floor, i, now)
    channel = floor.interactions[i].channel
    owner = floor.interactions[i].owner
    if owner != NOBODY and _counted(floor, fits, channel, owner):
        if not particular or pair_rule(floor, i, owner, now) == Rule.NONE:
            points = floor.fits[fits + owner] + moving_score(floor, i, owner, now)
            _consider(floor, owner, points + claim_score(floor, i, owner, now))
    eligible = _count(floor, first, end, channel)
    if eligible <= DIRECT:
        for row in range(first, end):
            _look_at_all(floor, i, fits, row, particular, now)
    else:
        top = _reckon(floor, first, end, channel, now)
        _look_through(floor, i, fits, top, particular, now)
        for row in range(first, end):
            if row != top:
                _look_through(floor, i, fits, row, particular, now)
    if particular:
        eligible -= _ruled_out(floor, i, fits, now)
    own = own_score(floor, i, now)
    if choice.best != NOBODY:
        choice.best_score += own
    if choice.second != NOBODY:
        choice.second_score += own
    return (
        choice.best,
        choice.best_score,
        choice.second,
        choice.second_score,
        eligible,
    )


@compiled
def _count(floor: Floor, first: int, end: int, channel: int) -> int:
    """How many agents are able and have room."""
    count = 0
    for row in range(first, end):
        fit = floor.block_fits[row]
        block = floor.blocks[fit.block]
        count += ones(block.idle & fit.able)
        if block.loaded:
            count += ones(block.open[channel] & fit.able)
    return count


@compiled
def _look_at_all(
    floor: Floor, i: int, fits: int, row: int, particular: bool, now: int
) -> None:
    fit = floor.block_fits[row]
    block = floor.blocks[fit.block]
    channel = floor.interactions[i].channel
    left = (block.idle | block.open[channel]) & fit.able
    while left:
        a = floor.seats[fit.block * SEATS_STEP + lowest(left)].agent
        left &= left - 1
        _look_at(floor, i, a, floor.fits[fits + a], particular, now)


@compiled
def _look_at(
    floor: Floor, i: int, a: int, fit: int, particular: bool, now: int
) -> None:
    if a == floor.interactions[i].owner:
        return
    if particular and pair_rule(floor, i, a, now) != Rule.NONE:
        return
    _consider(floor, a, fit + moving_score(floor, i, a, now))


@compiled
def _reckon(floor: Floor, first: int, end: int, channel: int, now: int) -> int:
    """Write down what each block promises; returns the row of the most promising."""
    weight = floor.rules[0].weight
    top = first
    most = LOWEST
    for row in range(first, end):
        fit = floor.block_fits[row]
        block = floor.blocks[fit.block]
        block.bound = LOWEST
        block.loaded_bound = LOWEST
        idle = block.idle & fit.able
        if idle:
            if now > block.until:
                renew(floor, fit.block, now)
            block.bound = _best_fit(fit, idle) + min(
                (block.key + weight[4] * now) // IDLE_UNIT_MS,
                weight[5] * block.leisure + weight[4] * idleness(block.since, now),
            )
            if block.bound > most:
                most = block.bound
                top = row
        if block.loaded:
            loaded = block.open[channel] & fit.able
            if loaded:
                block.loaded_bound = _best_fit(fit, loaded) + block.loaded_key
                if block.loaded_bound > most:
                    most = block.loaded_bound
                    top = row
    return top


@compiled
def _best_fit(fit: Any, seats: int) -> int:
    """The best fit of those who sit there."""
    which = 0
    while fit.who[which] & seats == 0:
        which += 1
    return int(fit.fit[which])


@compiled
def _look_through(
    floor: Floor, i: int, fits: int, row: int, particular: bool, now: int
) -> None:
    """Consider those of a block who could be the best or the runner-up."""
    b = floor.block_fits[row].block
    if _promises(floor, b, True):
        _look_at_idle(floor, i, fits, row, particular, now)
    if _promises(floor, b, False):
        _look_at_loaded(floor, i, fits, row, particular, now)


@compiled
def _promises(floor: Floor, b: int, idle: bool) -> bool:
    """Whether somebody in the block could go before the runner-up: with more points, or
    with as many by being idle for longer.
    """
    choice = floor.seating[0]
    block = floor.blocks[b]
    bound = block.bound if idle else block.loaded_bound
    if bound == LOWEST:
        return False
    if choice.second == NOBODY or bound != choice.second_score:
        return bool(choice.second == NOBODY or bound > choice.second_score)
    since = block.since if idle else block.loaded_since
    return _precedes(floor, idle, since, block.row)


@compiled
def _precedes(floor: Floor, idle: bool, since: int, a: int) -> bool:
    """Whether whoever has as many points goes before the runner-up, if they are agent
    `a` or a later row and idle since then or later.
    """
    second = floor.seating[0].second
    other = floor.agents[second]
    if idle != (other.load == 0):
        return idle
    return bool(since < other.idle_since or (since == other.idle_since and a < second))


@compiled
def _look_at_idle(
    floor: Floor, i: int, fits: int, row: int, particular: bool, now: int
) -> None:
    choice = floor.seating[0]
    block_fit = floor.block_fits[row]
    block = floor.blocks[block_fit.block]
    weight = floor.rules[0].weight
    risen = weight[4] * now
    for which in range(FIT_CLASSES):
        fit = int(block_fit.fit[which])
        left = block.idle & block_fit.who[which]
        while left:
            seat = floor.seats[block_fit.block * SEATS_STEP + lowest(left)]
            left &= left - 1
            if which == FIT_CLASSES - 1:
                fit = int(floor.fits[fits + seat.agent])
            lacking = choice.second_score - fit
            if choice.second == NOBODY or (
                seat.key + risen >= IDLE_UNIT_MS * lacking
                and weight[5] * seat.leisure + 1000 * weight[4] >= lacking
            ):
                _look_at(floor, i, seat.agent, fit, particular, now)


@compiled
def _look_at_loaded(
    floor: Floor, i: int, fits: int, row: int, particular: bool, now: int
) -> None:
    choice = floor.seating[0]
    block_fit = floor.block_fits[row]
    block = floor.blocks[block_fit.block]
    looked = False
    left = block.open[floor.interactions[i].channel] & block_fit.able
    while left:
        seat = floor.seats[block_fit.block * SEATS_STEP + lowest(left)]
        left &= left - 1
        fit = int(floor.fits[fits + seat.agent])
        bound = fit + seat.key
        if choice.second != NOBODY and bound <= choice.second_score:
            if bound < choice.second_score:
                continue
            if not _precedes(floor, False, seat.since, seat.agent):
                continue
        _look_at(floor, i, seat.agent, fit, particular, now)
        if floor.agents[seat.agent].load > 0:
            weight = floor.rules[0].weight[5]
            # As of the last event, before which nobody will ask again.
            seat.key = weight * leisure(floor, seat.agent, floor.house[0].now)
            looked = True
    if looked:
        top_loaded(floor, block_fit.block)


@compiled
def _consider(floor: Floor, a: int, points: int) -> None:
    """Keep the best two."""
    choice = floor.seating[0]
    if (
        choice.best == NOBODY
        or points > choice.best_score
        or (points == choice.best_score and idler(floor, a, choice.best))
    ):
        choice.second = choice.best
        choice.second_score = choice.best_score
        choice.best = a
        choice.best_score = points
    elif (
        choice.second == NOBODY
        or points > choice.second_score
        or (points == choice.second_score and idler(floor, a, choice.second))
    ):
        choice.second = a
        choice.second_score = points


@compiled
def _counted(floor: Floor, fits: int, channel: int, a: int) -> bool:
    """Whether agent `a` is among those whom `_reckon` counts."""
    if floor.agents[a].free_position == NOBODY or floor.fits[fits + a] == NOT_ABLE:
        return False
    p = int(floor.seat_of[a])
    block = floor.blocks[p // SEATS_STEP]
    bit = 1 << int(p % SEATS_STEP)
    return bool((block.idle | block.open[channel]) & bit)


@compiled
def _ruled_out(floor: Floor, i: int, fits: int, now: int) -> int:
    """How many of those counted the interaction may not go to: only those that it names
    come into question.
    """
    interaction = floor.interactions[i]
    count = 0
    for n in range(_NAMED_MAX):
        a = _named(interaction, n)
        if a == NOBODY or not _counted(floor, fits, interaction.channel, a):
            continue
        before = False
        for m in range(n):
            before |= _named(interaction, m) == a
        if not before and pair_rule(floor, i, a, now) != Rule.NONE:
            count += 1
    return count


_NAMED_MAX = 2 * EXCLUDED_MAX + COOLING_MAX


@compiled
def _named(interaction: Any, n: int) -> int:
    """The `n`-th of those whom the interaction names, or `NOBODY`."""
    if n < EXCLUDED_MAX:
        if n < interaction.excluded_count:
            return int(interaction.excluded[n])
        return NOBODY
    n -= EXCLUDED_MAX
    if n < EXCLUDED_MAX:
        if n < interaction.declined_count:
            return int(interaction.declined[n])
        return NOBODY
    n -= EXCLUDED_MAX
    if n < interaction.cooling_count:
        return int(interaction.cooling[n])
    return NOBODY
