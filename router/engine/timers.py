"""Timers: a binary heap of subjects, kept inside the floor, each subject in it at most
once.

A subject is an interaction (its row) or an agent (`-2 - row`). It knows its own
`due_at` and its place in the heap, so moving a deadline is a step up or down and a
cancelled one is gone: no stale entry is ever popped. Equal deadlines are ordered by
subject, so the heap's order is one order.
"""

from router.engine.compiled import compiled
from router.engine.tables import NEVER, NOBODY


@compiled
def agent_subject(a):
    """The heap's name for agent `a`; the same function turns it back."""
    return -2 - a


@compiled
def due_of(floor, subject):
    if subject >= 0:
        return floor.interactions[subject].due_at
    return floor.agents[-2 - subject].due_at


@compiled
def _place(floor, position, subject):
    floor.timers[position] = subject
    if subject >= 0:
        floor.interactions[subject].timer_position = position
    else:
        floor.agents[-2 - subject].timer_position = position


@compiled
def _sooner(floor, one, other):
    mine = due_of(floor, one)
    theirs = due_of(floor, other)
    return mine < theirs or (mine == theirs and one > other)


@compiled
def _rise(floor, position):
    subject = floor.timers[position]
    while position > 0:
        parent = (position - 1) >> 1
        if not _sooner(floor, subject, floor.timers[parent]):
            break
        _place(floor, position, floor.timers[parent])
        position = parent
    _place(floor, position, subject)


@compiled
def _sink(floor, position):
    size = floor.house[0].timers
    subject = floor.timers[position]
    while True:
        child = 2 * position + 1
        if child >= size:
            break
        if child + 1 < size and _sooner(
            floor, floor.timers[child + 1], floor.timers[child]
        ):
            child += 1
        if not _sooner(floor, floor.timers[child], subject):
            break
        _place(floor, position, floor.timers[child])
        position = child
    _place(floor, position, subject)


@compiled
def set_timer(floor, subject, due_at):
    """Arm the subject for `due_at`, or disarm it with `NEVER`."""
    house = floor.house[0]
    if subject >= 0:
        position = floor.interactions[subject].timer_position
        floor.interactions[subject].due_at = due_at
    else:
        position = floor.agents[-2 - subject].timer_position
        floor.agents[-2 - subject].due_at = due_at
    if due_at >= NEVER:
        if position == NOBODY:
            return
        house.timers -= 1
        last = floor.timers[house.timers]
        floor.timers[house.timers] = 0
        if subject >= 0:
            floor.interactions[subject].timer_position = NOBODY
        else:
            floor.agents[-2 - subject].timer_position = NOBODY
        if last != subject:
            _place(floor, position, last)
            _rise(floor, position)
            if floor.timers[position] == last:
                _sink(floor, position)
    elif position == NOBODY:
        house.timers += 1
        _place(floor, house.timers - 1, subject)
        _rise(floor, house.timers - 1)
    else:
        _rise(floor, position)
        if floor.timers[position] == subject:
            _sink(floor, position)


@compiled
def next_timer(floor):
    """The earliest instant at which time alone causes something, or `NEVER`."""
    if floor.house[0].timers == 0:
        return NEVER
    return due_of(floor, floor.timers[0])
