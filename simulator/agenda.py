"""The agenda: what people will do next, a binary heap in which every subject stands once.

A subject knows its place, so that an instant is moved or struck out at once and no stale
entry is ever met: whoever was answered has no patience left that could run out. Equal
instants are taken in the order in which they were entered.
"""

from router.engine.tables import NOBODY
from simulator.compiled import compiled
from simulator.scene import ANSWERS, DESKS, PERSONS


@compiled
def _position(scene, kind, subject):
    if kind == PERSONS:
        return scene.people[subject].position
    if kind == ANSWERS:
        return scene.people[subject].answer_position
    if kind == DESKS:
        return scene.desks[subject].position
    return scene.returns[subject].position


@compiled
def _note(scene, kind, subject, position):
    if kind == PERSONS:
        scene.people[subject].position = position
    elif kind == ANSWERS:
        scene.people[subject].answer_position = position
    elif kind == DESKS:
        scene.desks[subject].position = position
    else:
        scene.returns[subject].position = position


@compiled
def _put(scene, position, at, order, subject, kind):
    entry = scene.agenda[position]
    entry.at = at
    entry.order = order
    entry.subject = subject
    entry.kind = kind
    _note(scene, kind, subject, position)


@compiled
def _rise(scene, position, at, order, subject, kind):
    while position > 0:
        parent = (position - 1) >> 1
        above = scene.agenda[parent]
        if above.at < at or (above.at == at and above.order < order):
            break
        _put(scene, position, above.at, above.order, above.subject, above.kind)
        position = parent
    _put(scene, position, at, order, subject, kind)


@compiled
def _sink(scene, position, at, order, subject, kind):
    size = scene.clock[0].agenda
    while True:
        child = 2 * position + 1
        if child >= size:
            break
        below = scene.agenda[child]
        if child + 1 < size:
            other = scene.agenda[child + 1]
            if other.at < below.at or (
                other.at == below.at and other.order < below.order
            ):
                child += 1
                below = other
        if below.at > at or (below.at == at and below.order > order):
            break
        _put(scene, position, below.at, below.order, below.subject, below.kind)
        position = child
    _put(scene, position, at, order, subject, kind)


@compiled
def schedule(scene, kind, subject, at):
    """Enter the subject at an instant, or move it there."""
    clock = scene.clock[0]
    clock.order += 1
    position = _position(scene, kind, subject)
    if position == NOBODY:
        clock.agenda += 1
        _rise(scene, clock.agenda - 1, at, clock.order, subject, kind)
    elif at < scene.agenda[position].at:
        _rise(scene, position, at, clock.order, subject, kind)
    else:
        _sink(scene, position, at, clock.order, subject, kind)


@compiled
def strike(scene, kind, subject):
    """Strike the subject out, if it is there."""
    position = _position(scene, kind, subject)
    if position == NOBODY:
        return
    clock = scene.clock[0]
    clock.agenda -= 1
    _note(scene, kind, subject, NOBODY)
    if position == clock.agenda:
        return
    last = scene.agenda[clock.agenda]
    at, order, moved, moved_kind = last.at, last.order, last.subject, last.kind
    parent = (position - 1) >> 1
    if position > 0 and (
        scene.agenda[parent].at > at
        or (scene.agenda[parent].at == at and scene.agenda[parent].order > order)
    ):
        _rise(scene, position, at, order, moved, moved_kind)
    else:
        _sink(scene, position, at, order, moved, moved_kind)
