"""Customers as persons: reaching out, giving up, coming back, going on elsewhere.
Compiled.
"""

import numpy as np

from router.engine.eligibility import agent_rule, line_rule, reachable_agents
from router.engine.expect import mean_handle, mean_wrap_up
from router.engine.kinds import Order, Refusal, Rule
from router.engine.room import room_rule
from router.engine.tables import NOBODY
from router.model.channel import Channel
from simulator.agenda import schedule, strike
from simulator.compiled import compiled
from simulator.counting import (
    add_area,
    count,
    count_abandonment,
    count_lost,
    interval_of,
    note_time,
)
from simulator.distributions import NEVER_MS, NOTHING
from simulator.giving import give, order
from simulator.records import Area, Column
from simulator.scene import (
    AFTER_ABANDONED,
    AFTER_BALKED,
    AFTER_REFUSED,
    GONE,
    PERSONS,
    RETURNS,
    WAITS,
)
from simulator.serving import drawn
from simulator.streams import Purpose, chance, mixed

_VOICE = int(Channel.VOICE)
_FIRST, _RETRIED, _FOLLOWED = 0, 1, 2


@compiled
def counted_at(scene, at):
    return 1 if at >= scene.clock[0].counted_from else 0


@compiled
def _note_end(scene, interval, counted, stream, column, now):
    if counted:
        count(scene, interval, stream, column, 1.0)
    note_time(scene, now)


@compiled
def channel_down(scene, channel, now):
    """Whether the channel is out of order."""
    for k in range(scene.outages.shape[0]):
        outage = scene.outages[k]
        if (
            outage.channel == channel
            and outage.begins <= now < outage.until
            and channel > 0
        ):
            return True
    return False


@compiled
def anybody_free(floor, line, now):
    """Whether some agent could take one of this line at once."""
    row = floor.lines[line]
    step_row = floor.ladders[row.ladder].first_step
    weight = floor.channel_rules[row.channel].weight
    for position in range(floor.house[0].free_agents):
        a = floor.free[position]
        if (
            agent_rule(floor, a) == Rule.NONE
            and line_rule(floor, step_row, row.channel, a) == Rule.NONE
            and room_rule(floor, row.channel, weight, a) == Rule.NONE
        ):
            return True
    return False


@compiled
def announced_wait(floor, line, now):
    """The wait that would be announced: the queue before one, served at the mean pace."""
    able, free = reachable_agents(floor, line, now)
    if free > 0:
        return np.int64(0)
    queue = floor.lines[line].queue
    each_ms = mean_handle(floor, queue) + mean_wrap_up(floor, queue)
    return each_ms * (floor.queues[queue].waiting + 1) // max(1, able)


@compiled
def reach_out(
    floor, scene, key, s, attempt, customer, how, handle_draw, patience_draw, handle_ms,
    patience_ms, content, now,
):  # fmt: skip
    """Somebody reaches out: refused, called back, balking, or in line."""
    clock = scene.clock[0]
    stream = scene.streams[s]
    interval = interval_of(scene, now)
    counted = counted_at(scene, now)
    if counted:
        count(scene, interval, s, Column.ARRIVED, 1.0)
        if how == _RETRIED:
            count(scene, interval, s, Column.RETRIED, 1.0)
        elif how == _FOLLOWED:
            count(scene, interval, s, Column.FOLLOWED, 1.0)
    voice = stream.channel == _VOICE
    if (voice and clock.lines >= 0 and clock.in_house >= clock.lines) or channel_down(
        scene, stream.channel, now
    ):
        _note_end(scene, interval, counted, s, Column.REFUSED, now)
        try_again(scene, key, s, attempt, customer, AFTER_REFUSED, handle_draw, patience_draw,
                  handle_ms, patience_ms, now)  # fmt: skip
        return
    if stream.callback_at >= 0 or stream.balk_busy > 0.0:
        busy = not anybody_free(floor, stream.line, now)
        if (
            busy
            and 0 <= stream.callback_at <= floor.queues[stream.queue].waiting
            and chance(key, Purpose.CALLBACK, attempt) < stream.callback_share
        ):
            _note_end(scene, interval, counted, s, Column.CALLED_BACK, now)
            delay_ms = np.int64(0)
            if stream.callback_delay != NOTHING:
                delay_ms = drawn(
                    scene, stream.callback_delay, key, Purpose.CALLBACK_DELAY, attempt
                )
            come_later(scene, mixed(key + np.uint64(Purpose.CALLBACK)), stream.callback_stream, s, 0,
                       customer, 0, 0, 0, handle_ms, np.int64(-1), now, now + delay_ms)  # fmt: skip
            return
        if busy and chance(key, Purpose.BALKING, attempt) < stream.balk_busy:
            _note_end(scene, interval, counted, s, Column.BALKED, now)
            try_again(scene, key, s, attempt, customer, AFTER_BALKED, handle_draw, patience_draw,
                      handle_ms, patience_ms, now)  # fmt: skip
            return
    if stream.expected_wait != NOTHING:
        most_ms = drawn(
            scene, stream.expected_wait, key, Purpose.EXPECTED_WAIT, attempt
        )
        if announced_wait(floor, stream.line, now) > most_ms:
            _note_end(scene, interval, counted, s, Column.BALKED, now)
            try_again(scene, key, s, attempt, customer, AFTER_BALKED, handle_draw, patience_draw,
                      handle_ms, patience_ms, now)  # fmt: skip
            return
    command = order(floor, Order.ENQUEUE, now)
    command.line = stream.line
    command.since = stream.waited_ms
    command.value = content
    if stream.owners > 0 and chance(key, Purpose.OWNED, 0) < stream.owned_share:
        place = np.int64(chance(key, Purpose.OWNER, 0) * stream.owners)
        command.other = scene.owners[
            stream.owners_first + min(place, stream.owners - 1)
        ]
        command.until = stream.hold_ms
    if customer != NOBODY:
        command.link = 1
        command.customer = scene.customer_rows[customer]
    refusal = give(floor, scene)
    if refusal != Refusal.OK:
        _note_end(scene, interval, counted, s, Column.REFUSED, now)
        try_again(scene, key, s, attempt, customer, AFTER_REFUSED, handle_draw, patience_draw,
                  handle_ms, patience_ms, now)  # fmt: skip
        return
    i = floor.scratch[0].row
    if customer != NOBODY:
        row = floor.interactions[i].customer
        scene.customer_rows[customer] = row
        scene.customers_of_rows[row] = customer
    become(scene, i, key, s, attempt, customer, interval, counted, now)
    person = scene.people[i]
    person.handle_draw = handle_draw
    person.patience_draw = patience_draw
    person.recorded_handle = handle_ms
    person.recorded_patience = patience_ms
    if voice:
        person.in_house = 1
        clock.in_house += 1
    be_patient(scene, i, now)


@compiled
def become(scene, i, key, s, attempt, customer, interval, counted, now):
    """The row stands for this person from here on."""
    person = scene.people[i]
    person.key = key
    person.arrived_at = now
    person.waits_since = now
    person.answered_at = 0
    person.since = now
    person.left_ms = 0.0
    person.factor = 1.0
    person.recorded_handle = -1
    person.recorded_patience = -1
    person.offer = 0
    person.stream = s
    person.interval = interval
    person.attempt = attempt
    person.handle_draw = 0
    person.patience_draw = 0
    person.leg = 0
    person.customer = customer
    person.staff = NOBODY
    person.phase = WAITS
    person.counted = counted
    person.paused = 0
    person.in_house = 0
    person.asked = 0


@compiled
def be_patient(scene, i, now):
    """From here on the customer waits for as long as they are ready to."""
    person = scene.people[i]
    stream = scene.streams[person.stream]
    if person.recorded_patience >= 0 and person.leg == 0:
        schedule(scene, PERSONS, i, now + person.recorded_patience)
    elif stream.patience != NOTHING:
        which = (person.leg << 16) + person.patience_draw
        patience_ms = drawn(scene, stream.patience, person.key, Purpose.PATIENCE, which)
        if patience_ms < NEVER_MS:
            schedule(scene, PERSONS, i, now + patience_ms)
    else:
        strike(scene, PERSONS, i)


@compiled
def leave_house(scene, i):
    """The trunk is free again."""
    person = scene.people[i]
    if person.in_house:
        person.in_house = 0
        scene.clock[0].in_house -= 1


@compiled
def give_up(floor, scene, i, now):
    """Patience has run out."""
    person = scene.people[i]
    command = order(floor, Order.ABANDON, now)
    command.interaction = i
    give(floor, scene)
    count_abandonment(floor, scene, i, now)
    gone(scene, i)
    if person.leg == 0:
        try_again(scene, person.key, person.stream, person.attempt, person.customer, AFTER_ABANDONED,
                  person.handle_draw, person.patience_draw, person.recorded_handle,
                  person.recorded_patience, now)  # fmt: skip


@compiled
def gone(scene, i):
    """Nobody stands behind the row any more."""
    person = scene.people[i]
    leave_house(scene, i)
    person.phase = GONE
    strike(scene, PERSONS, i)


@compiled
def lost(scene, i, now):
    """The engine has given it up, or sent it away."""
    count_lost(scene, i, Column.DEAD_LETTERED, now)
    gone(scene, i)


# ------------------------------------------------------------------ coming back


@compiled
def try_again(
    scene, key, s, attempt, customer, after, handle_draw, patience_draw, handle_ms, patience_ms, now
):  # fmt: skip
    """After a failed attempt: perhaps another one, later. What is drawn anew is not what
    was recorded.
    """
    stream = scene.streams[s]
    if stream.retry_after & after == 0 or attempt + 1 >= stream.attempts_max:
        return
    if chance(key, Purpose.RETRY, attempt) >= stream.retry_share:
        return
    delay_ms = drawn(scene, stream.retry_delay, key, Purpose.RETRY_DELAY, attempt)
    if stream.retry_handle:
        handle_draw = attempt + 1
        handle_ms = np.int64(-1)
    if stream.retry_patience:
        patience_draw = attempt + 1
        if scene.streams[stream.retry_stream].patience != NOTHING:
            patience_ms = np.int64(-1)
    come_later(scene, key, stream.retry_stream, s, attempt + 1, customer, 1, handle_draw,
               patience_draw, handle_ms, patience_ms, now, now + delay_ms)  # fmt: skip


@compiled
def come_later(
    scene,
    key,
    s,
    from_stream,
    attempt,
    customer,
    retried,
    handle_draw,
    patience_draw,
    handle_ms,
    patience_ms,
    now,
    at,
):
    """Enter somebody who will reach out again. The loop sees to it that there is room."""
    clock = scene.clock[0]
    row = clock.spare_return
    if row != NOBODY:
        clock.spare_return = scene.returns[row].next_spare
    else:
        row = clock.returns
        clock.returns += 1
    later = scene.returns[row]
    later.key = key
    later.left_at = now
    later.recorded_handle = handle_ms
    later.recorded_patience = patience_ms
    later.stream = s
    later.from_stream = from_stream
    later.attempt = attempt
    later.handle_draw = handle_draw
    later.patience_draw = patience_draw
    later.customer = customer
    later.retried = retried
    later.position = NOBODY
    schedule(scene, RETURNS, row, at)


@compiled
def come_again(floor, scene, row, now):
    """Somebody reaches out again."""
    clock = scene.clock[0]
    later = scene.returns[row]
    key = later.key
    stream = later.stream
    attempt = later.attempt
    customer = later.customer
    retried = later.retried
    handle_draw = later.handle_draw
    patience_draw = later.patience_draw
    handle_ms = later.recorded_handle
    patience_ms = later.recorded_patience
    if retried:
        add_area(scene, later.from_stream, Area.AWAY, later.left_at, now)
    later.next_spare = clock.spare_return
    clock.spare_return = row
    how = _RETRIED if retried else _FOLLOWED
    reach_out(floor, scene, key, stream, attempt, customer, how, handle_draw, patience_draw,
              handle_ms, patience_ms, np.int64(key >> np.uint64(1)), now)  # fmt: skip
