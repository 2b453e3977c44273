"""What comes after service: the end, a transfer, a handoff, another visit. Compiled."""

import numpy as np

from router.engine.kinds import Order, Refusal
from router.engine.tables import NOBODY
from router.model.channel import Channel
from router.model.conversation import Relation
from router.model.interaction import State
from simulator.agenda import schedule
from simulator.compiled import compiled
from simulator.counting import count, count_talk, interval_of
from simulator.distributions import NOTHING
from simulator.giving import give, much_to_tell, order
from simulator.people import (
    be_patient,
    become,
    come_later,
    counted_at,
    gone,
    leave_house,
    lost,
)
from simulator.records import Column
from simulator.scene import HANDOFF, PERSONS, REPEAT, TRANSFER, WAITS
from simulator.serving import before_the_end, drawn, end_service
from simulator.streams import Purpose, chance, mixed

_VOICE = int(Channel.VOICE)
_CONTINUATION = int(Relation.CONTINUATION)


@compiled
def _follows(scene, i):
    """What comes after this service: a row of `follows`, or `NOTHING`."""
    person = scene.people[i]
    stream = scene.streams[person.stream]
    if stream.follows == 0:
        return NOTHING
    u = chance(person.key, Purpose.FOLLOW, (person.leg << 16) + person.stream)
    total = 0.0
    for k in range(stream.first_follow, stream.first_follow + stream.follows):
        follow = scene.follows[k]
        if follow.staff == NOBODY or follow.staff == person.staff:
            total += follow.share
            if u < total:
                return k
    return NOTHING


@compiled
def finish(floor, scene, i, now):
    """The service is over: the conversation ends, or goes on elsewhere."""
    person = scene.people[i]
    a = floor.interactions[i].agent
    before_the_end(floor, scene, i, a, now)
    if floor.scratch[0].round_due:
        # That has brought others together; the end comes after them.
        schedule(scene, PERSONS, i, now)
        return
    k = _follows(scene, i)
    s = person.stream
    if k != NOTHING and scene.follows[k].kind == TRANSFER:
        if _transfer(floor, scene, i, a, scene.follows[k], now):
            return
    if k != NOTHING and scene.follows[k].kind == HANDOFF:
        if _hand_off(floor, scene, i, a, scene.follows[k], now):
            return
    end_service(floor, scene, i, a, now)
    command = order(floor, Order.COMPLETE, now)
    command.interaction = i
    command.until = -1
    if scene.streams[s].wrap_up != NOTHING:
        command.until = drawn(
            scene, scene.streams[s].wrap_up, person.key, Purpose.WRAP_UP, person.leg
        )
    give(floor, scene)
    count_talk(scene, i, now)
    leave_house(scene, i)
    person.since = now
    if k != NOTHING and scene.follows[k].kind == REPEAT:
        follow = scene.follows[k]
        delay_ms = np.int64(0)
        if follow.delay != NOTHING:
            delay_ms = drawn(
                scene, follow.delay, person.key, Purpose.FOLLOW_DELAY, person.leg
            )
        come_later(scene, _successor_key(person), follow.stream, s, 0, person.customer, 0, 0, 0,
                   np.int64(-1), np.int64(-1), now, now + delay_ms)  # fmt: skip
    elif k == NOTHING and scene.staff[person.staff].bot and person.counted:
        count(scene, person.interval, s, Column.DEFLECTED, 1.0)


@compiled
def _successor_key(person):
    return mixed(person.key + np.uint64(Purpose.SUCCESSOR) + np.uint64(person.leg))


@compiled
def _transfer(floor, scene, i, a, follow, now):
    """The same interaction waits in another queue. False where that has no room."""
    person = scene.people[i]
    command = order(floor, Order.TRANSFER, now)
    command.interaction = i
    command.line = follow.line
    if give(floor, scene) != Refusal.OK:
        return False
    # The engine has let go of it already; the others of its group go faster.
    end_service(floor, scene, i, a, now)
    count_talk(scene, i, now)
    if person.counted:
        count(scene, person.interval, person.stream, Column.TRANSFERRED, 1.0)
    person.leg += 1
    person.asked = 0
    person.stream = follow.stream
    person.waits_since = now
    person.phase = WAITS
    be_patient(scene, i, now)
    return True


@compiled
def _same_priority(floor, line, priority):
    """The line like this one for interactions of that priority."""
    wanted = floor.lines[line]
    for k in range(floor.lines.shape[0]):
        row = floor.lines[k]
        if (
            row.priority == priority
            and row.queue == wanted.queue
            and row.channel == wanted.channel
            and row.ladder == wanted.ladder
            and row.defined
        ):
            return k
    return line


@compiled
def _hand_off(floor, scene, i, a, follow, now):
    """The conversation goes on as an interaction of another stream."""
    person = scene.people[i]
    priority = floor.lines[floor.interactions[i].line].priority
    line = _same_priority(floor, follow.line, priority)
    command = order(floor, Order.HAND_OFF, now)
    command.interaction = i
    command.line = line
    command.link = 1
    command.reason = _CONTINUATION
    command.value = np.int64(person.key >> np.uint64(1))
    refusal = give(floor, scene)
    to = follow.stream
    interval = interval_of(scene, now)
    counted = counted_at(scene, now)
    if counted:
        count(scene, interval, to, Column.ARRIVED, 1.0)
        count(scene, interval, to, Column.FOLLOWED, 1.0)
    if refusal != Refusal.OK:
        if counted:
            count(scene, interval, to, Column.REFUSED, 1.0)
        return False
    successor = floor.scratch[0].row
    end_service(floor, scene, i, a, now)
    count_talk(scene, i, now)
    if person.counted:
        count(scene, person.interval, person.stream, Column.HANDED_OFF, 1.0)
    become(
        scene,
        successor,
        _successor_key(person),
        to,
        0,
        person.customer,
        interval,
        counted,
        now,
    )
    gone(scene, i)
    if scene.streams[to].channel == _VOICE:
        scene.people[successor].in_house = 1
        scene.clock[0].in_house += 1
    be_patient(scene, successor, now)
    return True


@compiled
def send_away(floor, scene, now):
    """Nobody works any more: whoever waits is sent away. Stops when there is much to tell
    of it; the loop comes back to this.
    """
    for i in range(floor.house[0].interactions):
        if much_to_tell(floor):
            return
        if floor.interactions[i].used and floor.interactions[i].state == State.QUEUED:
            command = order(floor, Order.CANCEL, now)
            command.interaction = i
            if give(floor, scene) == Refusal.OK:
                lost(scene, i, now)
