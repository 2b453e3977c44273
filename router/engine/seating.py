"""Seating: the free agents side by side in blocks, so that one choice need not look at
all of them.

Agents whose rows of the roster are equal sit together, up to `SEATS` in a block. Fit
stands still and scarcity is never above zero; what else moves the score is how long the
agent has been idle and how busy the shift was. So seats and blocks keep bounds. With
i = `weight[4]` (idle) and f = `weight[5]` (fairness), in points:

- of the idle, while now is not after the block's `until`:
  score <= fit + (`key` + i * now) / 600 and
  score <= fit + f * `leisure` + i * idleness of the block's `since` (of a seat: 1000).
  Their occupancy only falls, so it is reckoned as it will be at `until`.
- of the free who have work in hand: score <= fit + `key` (of a block: `loaded_key`).
  Their occupancy only rises.

Bounds may be too high, never too low. Not state: a floor without it decides the same.
Nobody is seated before a choice finds many free, and while few are, nothing is kept.
"""

from router.engine.bits import lowest
from router.engine.compiled import compiled
from router.engine.kinds import Rule
from router.engine.occupancy import IDLE_UNIT_MS, leisure
from router.engine.places import give_seats
from router.engine.room import room_rule
from router.engine.tables import CHANNELS, NEVER, NOBODY, SEATS_STEP, Floor

FEW = 40
"""So many free agents are looked at one by one."""
VERY_FEW = 12
"""With so few the blocks are no longer kept true."""
LOWEST = -(1 << 62)
DRIFT_MS = 2_000
DRIFT_SHARE = 256
"""Bounds hold for so long, or for this share of the time since the first sign-in."""


@compiled
def seated(floor: Floor) -> bool:
    """Whether so many are free that the blocks are worth their keep; they are true
    then.
    """
    seating = floor.seating[0]
    free = floor.house[0].free_agents
    if free <= FEW:
        if free <= VERY_FEW:
            seating.live = 0
        return False
    version = floor.house[0].roster_version + 1
    if seating.version != version:
        seating.version = version
        seating.live = 0
        give_seats(floor)
    if seating.live == 0:
        _seat_all(floor)
        seating.live = 1
    return True


@compiled
def unseat(floor: Floor, changes: int) -> None:
    """So many agents are about to change at once: keeping the blocks true through that
    costs more than making them again, if anybody looks.
    """
    if changes > FEW:
        floor.seating[0].live = 0


@compiled
def reseat(floor: Floor, a: int, free: bool) -> None:
    """Keep the blocks true after anything about agent `a` changed."""
    seating = floor.seating[0]
    if seating.version != floor.house[0].roster_version + 1:
        seating.live = 0
        return
    p = int(floor.seat_of[a])
    if p == NOBODY:
        return
    block = floor.blocks[p // SEATS_STEP]
    bit = 1 << int(p % SEATS_STEP)
    agent = floor.agents[a]
    idle = free and agent.load == 0 and agent.first_work == NOBODY
    if block.idle & bit and not idle:
        _leave_idle(floor, p)
    if block.loaded & bit and (idle or not free):
        _leave_loaded(floor, p)
    if idle:
        _join_idle(floor, p)
    elif free:
        _join_loaded(floor, p)


@compiled
def renew(floor: Floor, b: int, now: int) -> None:
    """Reckon the bounds of the idle of block `b` anew, as close as they can be."""
    block = floor.blocks[b]
    weight = floor.rules[0].weight
    start = b * SEATS_STEP
    earliest = now
    left = block.idle
    while left:
        a = floor.seats[start + lowest(left)].agent
        left &= left - 1
        earliest = min(earliest, floor.agents[a].signed_in_at)
    block.until = NEVER
    if weight[5] > 0:
        block.until = now + max(DRIFT_MS, (now - earliest) // DRIFT_SHARE)
    left = block.idle
    while left:
        _join_idle(floor, start + lowest(left))
        left &= left - 1
    _top_idle(floor, b)


@compiled
def top_loaded(floor: Floor, b: int) -> None:
    """The bounds of a block's loaded agents, from those of its seats."""
    block = floor.blocks[b]
    top = LOWEST
    since = NEVER
    left = block.loaded
    while left:
        seat = floor.seats[b * SEATS_STEP + lowest(left)]
        left &= left - 1
        top = max(top, seat.key)
        since = min(since, seat.since)
    block.loaded_key = top
    block.loaded_since = since


@compiled
def _seat_all(floor: Floor) -> None:
    for b in range(floor.seating[0].blocks):
        block = floor.blocks[b]
        block.idle = 0
        block.loaded = 0
        for channel in range(CHANNELS):
            block.open[channel] = 0
        block.key = LOWEST
        block.loaded_key = LOWEST
        block.leisure = 0
        block.since = NEVER
        block.loaded_since = NEVER
        block.until = 0
    for position in range(floor.house[0].free_agents):
        reseat(floor, floor.free[position], True)


@compiled
def _join_idle(floor: Floor, p: int) -> None:
    seat = floor.seats[p]
    block = floor.blocks[p // SEATS_STEP]
    weight = floor.rules[0].weight
    seat.since = floor.agents[seat.agent].idle_since
    seat.leisure = leisure(floor, seat.agent, block.until)
    seat.key = IDLE_UNIT_MS * weight[5] * seat.leisure - weight[4] * seat.since
    block.idle |= 1 << int(p % SEATS_STEP)
    block.key = max(block.key, seat.key)
    block.leisure = max(block.leisure, seat.leisure)
    block.since = min(block.since, seat.since)


@compiled
def _leave_idle(floor: Floor, p: int) -> None:
    b = p // SEATS_STEP
    block = floor.blocks[b]
    block.idle &= ~(1 << int(p % SEATS_STEP))
    if floor.seats[p].key >= block.key:
        _top_idle(floor, b)


@compiled
def _top_idle(floor: Floor, b: int) -> None:
    block = floor.blocks[b]
    block.key = LOWEST
    block.leisure = 0
    block.since = NEVER
    left = block.idle
    while left:
        seat = floor.seats[b * SEATS_STEP + lowest(left)]
        left &= left - 1
        block.key = max(block.key, seat.key)
        block.leisure = max(block.leisure, seat.leisure)
        block.since = min(block.since, seat.since)


@compiled
def _join_loaded(floor: Floor, p: int) -> None:
    seat = floor.seats[p]
    block = floor.blocks[p // SEATS_STEP]
    bit = 1 << int(p % SEATS_STEP)
    a = seat.agent
    weight = floor.rules[0].weight
    before = seat.key if block.loaded & bit else LOWEST
    block.loaded |= bit
    seat.since = floor.agents[a].idle_since
    if floor.agents[a].load > 0:
        seat.key = weight[5] * leisure(floor, a, floor.house[0].now)
    else:
        # What is in hand weighs nothing: idle all the same, and more than any can be.
        seat.key = 1000 * (weight[5] + weight[4]) + 1
    if seat.key < before and before >= block.loaded_key:
        top_loaded(floor, p // SEATS_STEP)
    block.loaded_key = max(block.loaded_key, seat.key)
    block.loaded_since = min(block.loaded_since, seat.since)
    for channel in range(1, CHANNELS):
        if floor.roster[a].limit[channel] > 0:
            needed = floor.channel_rules[channel].weight
            if room_rule(floor, channel, needed, a) == Rule.NONE:
                block.open[channel] |= bit
            else:
                block.open[channel] &= ~bit


@compiled
def _leave_loaded(floor: Floor, p: int) -> None:
    b = p // SEATS_STEP
    block = floor.blocks[b]
    bit = 1 << int(p % SEATS_STEP)
    block.loaded &= ~bit
    for channel in range(1, CHANNELS):
        block.open[channel] &= ~bit
    if floor.seats[p].key >= block.loaded_key:
        top_loaded(floor, b)
