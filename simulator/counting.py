"""Counting what becomes of people, as it happens. Compiled; `records` says what each
column means.
"""

import math

import numpy as np

from router.engine.tables import NEVER, NOBODY
from simulator.compiled import compiled
from simulator.records import CLASSES, GROWTH, Area, Column
from simulator.scene import GONE, RETURNS, TALKS, WAITS, WRAPS

COLUMNS = len(Column)
AREAS = len(Area)
_PER_LOG = 1.0 / math.log(GROWTH)
_ANSWERED, _ABANDONED = 0, 1


@compiled
def interval_of(scene, at):
    """The interval of the run in which an instant lies; the last row is what came after."""
    clock = scene.clock[0]
    if clock.interval_begins <= at < clock.interval_ends:
        return clock.interval
    return min(clock.intervals, (at - clock.origin) // clock.every_ms)


@compiled
def enter_interval(scene, now):
    """Time has come to another interval: nearly everything is counted in the one at hand,
    which need not be worked out again and again.
    """
    clock = scene.clock[0]
    interval = min(clock.intervals, (now - clock.origin) // clock.every_ms)
    clock.interval = interval
    clock.interval_begins = clock.origin + interval * clock.every_ms
    clock.interval_ends = NEVER
    if interval < clock.intervals:
        clock.interval_ends = clock.interval_begins + clock.every_ms


@compiled
def count(scene, interval, stream, column, value):
    scene.counts[(interval * scene.streams.shape[0] + stream) * COLUMNS + column] += (
        value
    )


@compiled
def add_area(scene, stream, area, begins, until):
    """Add the time between two instants to every interval that it touches."""
    clock = scene.clock[0]
    begins = max(begins, clock.counted_from)
    streams = scene.streams.shape[0]
    while begins < until:
        interval = interval_of(scene, begins)
        ends = until
        if interval < clock.intervals:
            ends = min(until, clock.origin + (interval + 1) * clock.every_ms)
        scene.areas[(interval * streams + stream) * AREAS + area] += np.float64(
            ends - begins
        )
        begins = ends


@compiled
def wait_class(wait_ms):
    """The class of a wait in the histograms."""
    if wait_ms <= 0:
        return 0
    return min(
        CLASSES - 1,
        1 + np.int64(math.ceil(math.log(np.float64(wait_ms)) * _PER_LOG - 1e-9)),
    )


@compiled
def _observe(scene, stream, outcome, wait_ms):
    scene.waits[(stream * 2 + outcome) * CLASSES + wait_class(wait_ms)] += 1


@compiled
def note_time(scene, now):
    """Something that counts has happened: the run has lasted so long at least."""
    clock = scene.clock[0]
    clock.last_counted = max(clock.last_counted, now)


@compiled
def count_answer(floor, scene, i, a, owner, now):
    """An agent has taken it."""
    person = scene.people[i]
    stream = person.stream
    wait_ms = now - person.waits_since
    add_area(scene, stream, Area.WAITING, person.waits_since, now)
    note_time(scene, now)
    if person.counted == 0:
        return
    k = person.interval
    target_ms = floor.queue_rules[floor.interactions[i].queue].target_ms
    if person.leg > 0:
        count(scene, k, stream, Column.WAITS_ENDED, 1.0)
        count(scene, k, stream, Column.FURTHER_WAIT_MS, np.float64(wait_ms))
        if wait_ms <= target_ms:
            count(scene, k, stream, Column.FURTHER_IN_TARGET, 1.0)
        if wait_ms > 0:
            count(scene, k, stream, Column.FURTHER_WAITED, 1.0)
        return
    seconds = wait_ms * 0.001
    count(scene, k, stream, Column.ANSWERED, 1.0)
    if wait_ms > 0:
        count(scene, k, stream, Column.WAITED, 1.0)
        count(scene, k, stream, Column.ANSWERED_WAIT_MS, np.float64(wait_ms))
        count(scene, k, stream, Column.ANSWERED_WAIT_SQUARES, seconds * seconds)
    if wait_ms <= target_ms:
        count(scene, k, stream, Column.IN_TARGET, 1.0)
    if owner != NOBODY:
        count(scene, k, stream, Column.OWNED, 1.0)
        if owner == a:
            count(scene, k, stream, Column.TO_OWNER, 1.0)
    _observe(scene, stream, _ANSWERED, wait_ms)


@compiled
def count_abandonment(floor, scene, i, now):
    """The customer has left before an answer."""
    person = scene.people[i]
    stream = person.stream
    wait_ms = now - person.waits_since
    add_area(scene, stream, Area.WAITING, person.waits_since, now)
    note_time(scene, now)
    if person.counted == 0:
        return
    k = person.interval
    if person.leg > 0:
        count(scene, k, stream, Column.FURTHER_ABANDONED, 1.0)
        count(scene, k, stream, Column.FURTHER_ABANDONED_WAIT_MS, np.float64(wait_ms))
        return
    seconds = wait_ms * 0.001
    rules = floor.queue_rules[floor.interactions[i].queue]
    count(scene, k, stream, Column.ABANDONED, 1.0)
    count(scene, k, stream, Column.WAITED, 1.0)
    count(scene, k, stream, Column.ABANDONED_WAIT_MS, np.float64(wait_ms))
    count(scene, k, stream, Column.ABANDONED_WAIT_SQUARES, seconds * seconds)
    if wait_ms <= rules.target_ms:
        count(scene, k, stream, Column.ABANDONED_IN_TARGET, 1.0)
    if wait_ms < rules.short_abandon_ms:
        count(scene, k, stream, Column.SHORT_ABANDONED, 1.0)
    _observe(scene, stream, _ABANDONED, wait_ms)


@compiled
def count_lost(scene, i, column, now):
    """Its wait has ended otherwise: dead-lettered, sent away."""
    person = scene.people[i]
    add_area(scene, person.stream, Area.WAITING, person.waits_since, now)
    note_time(scene, now)
    if person.counted:
        count(scene, person.interval, person.stream, column, 1.0)


@compiled
def count_talk(scene, i, now):
    """The conversation is over."""
    person = scene.people[i]
    add_area(scene, person.stream, Area.SERVING, person.answered_at, now)
    note_time(scene, now)
    if person.counted:
        count(scene, person.interval, person.stream, Column.FINISHED, 1.0)
        talk_ms = np.float64(now - person.answered_at)
        count(scene, person.interval, person.stream, Column.TALK_MS, talk_ms)


@compiled
def count_wrap_up(scene, i, now):
    """The wrap-up is over."""
    person = scene.people[i]
    add_area(scene, person.stream, Area.WRAPPING, person.since, now)
    note_time(scene, now)
    if person.counted:
        wrap_up_ms = np.float64(now - person.since)
        count(scene, person.interval, person.stream, Column.WRAP_UP_MS, wrap_up_ms)


@compiled
def count_what_goes_on(scene, now):
    """The run stops here: time that has passed counts, though nothing has ended."""
    for i in range(scene.people.shape[0]):
        person = scene.people[i]
        if person.phase == WAITS:
            add_area(scene, person.stream, Area.WAITING, person.waits_since, now)
        elif person.phase == TALKS:
            add_area(scene, person.stream, Area.SERVING, person.answered_at, now)
        elif person.phase == WRAPS:
            add_area(scene, person.stream, Area.WRAPPING, person.since, now)
        person.phase = GONE
    for k in range(scene.clock[0].agenda):
        entry = scene.agenda[k]
        if entry.kind == RETURNS:
            later = scene.returns[entry.subject]
            if later.retried:
                add_area(scene, later.from_stream, Area.AWAY, later.left_at, now)
