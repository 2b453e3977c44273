"""Who sits where in `seating`: decided anew when the roster or the policy changes."""

import numpy as np

from router.engine.compiled import compiled
from router.engine.tables import (
    AGENT_GROUPS_MAX,
    CHANNELS,
    HELD_MAX,
    NOBODY,
    SEATS,
    SEATS_ALONE,
    SEATS_STEP,
    Floor,
)

_MIXED_MAX = (1 << 40) - 1


@compiled
def give_seats(floor: Floor) -> None:
    """Seat everybody on the roster: equals together and in order of row. Where they are
    few, several kinds share a block.
    """
    count = 0
    alike = np.empty(floor.agents.shape[0], np.int64)
    agents = np.empty(floor.agents.shape[0], np.int64)
    for a in range(floor.agents.shape[0]):
        floor.seat_of[a] = NOBODY
        if floor.roster[a].defined:
            alike[count] = _profile(floor, a)
            agents[count] = a
            count += 1
    order = np.argsort(alike[:count], kind="mergesort")
    floor.seating[0].blocks = 0
    for many in (True, False):
        room = 0
        k = 0
        while k < count:
            end = k + 1
            while end < count and alike[order[end]] == alike[order[k]]:
                end += 1
            if many == (end - k >= SEATS_ALONE):
                if many or room < end - k:
                    room = 0
                for n in range(k, end):
                    if room == 0:
                        room = SEATS
                        _add_block(floor)
                    room -= 1
                    _sit_down(floor, agents[order[n]])
            k = end


@compiled
def _add_block(floor: Floor) -> None:
    seating = floor.seating[0]
    floor.blocks[seating.blocks].taken = 0
    seating.blocks += 1


@compiled
def _sit_down(floor: Floor, a: int) -> None:
    b = floor.seating[0].blocks - 1
    block = floor.blocks[b]
    p = b * SEATS_STEP + block.taken
    if block.taken == 0 or a < block.row:
        block.row = a
    block.taken += 1
    floor.seats[p].agent = a
    floor.seat_of[a] = p


@compiled
def _profile(floor: Floor, a: int) -> int:
    """A number that agents share whose rows of the roster are equal (and, by rare
    chance, others: that costs time and nothing else).
    """
    roster = floor.roster[a]
    mixed = int(roster.capacity)
    for k in range(min(roster.held_count, HELD_MAX)):
        skill = int(roster.held[k])
        mixed = _mix(mixed, skill * 16 + int(roster.level[skill]))
    for k in range(AGENT_GROUPS_MAX):
        if roster.groups[k] != NOBODY:
            mixed = _mix(mixed, 4096 + int(roster.groups[k]))
    for k in range(1, CHANNELS):
        mixed = _mix(mixed, int(roster.limit[k]) * 2048 + int(roster.preference[k]))
    return mixed


@compiled
def _mix(mixed: int, value: int) -> int:
    return (mixed * 65_599 + value) & _MIXED_MAX
