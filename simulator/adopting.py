"""Adopting whoever is on a live floor: what nobody has said of them is drawn. Compiled.

The floor says how long somebody has waited or been served already, and never of which
stream they are nor how long it will still take. Both are drawn together, given that it
has taken so long: a stream by its share of the arrivals and a time of that stream, again
and again until the time is longer. That is the conditional distribution itself.
"""

import numba
import numpy as np

from router.engine.compiled_floor import floor_at
from router.engine.tables import NOBODY
from router.model.agent import Presence
from router.model.channel import Channel
from router.model.interaction import Flag, State
from simulator.agenda import schedule
from simulator.compiled import compiled
from simulator.distributions import NEVER_MS, NOTHING, drawn_ms
from simulator.people import become, come_later
from simulator.scene import (
    AFTER_ABANDONED,
    ANSWERS,
    DESKS,
    PERSONS,
    TALKS,
    WRAPS,
    scene_at,
)
from simulator.serving import drawn
from simulator.streams import Purpose, chance, draw_of, key_of

TRIES = 200
"""After so many draws that were all too short, what is left is one more draw, from now."""
AWAY_MS = 300_000
"""How long somebody is away for no reason that the scenario knows."""
UNKNOWN = -1
_ADOPTED = 1 << 20
"""In place of a stream: who was there already."""
_CHOICE = 1_000
"""Purpose of the draw that chooses a stream."""
_TRIAL = 1 << 24
"""Draws from here on are none that a stream ever makes."""
_VOICE = int(Channel.VOICE)
_INTERRUPTED = int(Flag.INTERRUPTED)


@compiled
def adopt(floor, scene, shares, lasts_ms, now):
    """Everybody on the floor becomes a person. `shares` are the streams' shares of all
    that arrives; `lasts_ms` how long each agent's absence is planned to last (`UNKNOWN`:
    not planned).
    """
    for a in range(floor.agents.shape[0]):
        if floor.agents[a].signed_in:
            _sit_down(floor, scene, a, lasts_ms[a], now)
    rows = floor.house[0].interactions
    for i in range(rows):
        interaction = floor.interactions[i]
        if interaction.state == State.ACTIVE:
            if interaction.marks & _INTERRUPTED == 0:
                group = _slowed(scene, interaction.channel)
                if group != NOTHING:
                    scene.desks[interaction.agent].slowed += 1
    for i in range(rows):
        state = floor.interactions[i].state
        if state == State.QUEUED or state == State.OFFERED:
            _wait_on(floor, scene, shares, i, now)
        elif state == State.ACTIVE or state == State.WRAPPING:
            _work_on(floor, scene, shares, i, now)
        elif state == State.ABANDONED:
            _perhaps_return(floor, scene, shares, i, now)


@compiled
def _slowed(scene, channel):
    """The slow-down group of a channel."""
    for s in range(scene.streams.shape[0]):
        if scene.streams[s].channel == channel:
            return scene.streams[s].slowed
    return NOTHING


# ------------------------------------------------------------------ agents


@compiled
def _sit_down(floor, scene, a, lasts_ms, now):
    """Whoever is signed in is on duty; whoever is away will be back."""
    agent = floor.agents[a]
    desk = scene.desks[a]
    staff = scene.staff[desk.staff]
    desk.session = max(0, agent.session)
    desk.leaves = agent.requested == Presence.OFFLINE
    desk.on_duty = 1 - desk.leaves
    if staff.first_agent <= a < staff.first_agent + staff.agents:
        staff.present += desk.on_duty
    if desk.on_duty == 0:
        return
    if agent.presence == Presence.AWAY:
        left_ms = agent.presence_since + lasts_ms - now
        if lasts_ms == UNKNOWN:
            left_ms = _still_away(scene, a, staff, now - agent.presence_since)
        schedule(scene, DESKS, a, now + max(0, left_ms))
    elif agent.requested == Presence.AWAY:
        desk.away_ms = lasts_ms
        if lasts_ms == UNKNOWN:
            desk.away_ms = _still_away(scene, a, staff, 0)


@compiled
def _still_away(scene, a, staff, elapsed_ms):
    """How much longer, given so long: a rest after work, or after a missed offer."""
    row, purpose = staff.not_ready_time, Purpose.NOT_READY_TIME
    if row == NOTHING:
        row, purpose = staff.back_after, Purpose.BACK_AFTER
    if row == NOTHING:
        return np.int64(AWAY_MS)
    key = key_of(scene.clock[0].run, _ADOPTED, -1 - a)
    time_ms = 0.0
    for trial in range(TRIES):
        draw = draw_of(key, purpose, _TRIAL + trial)
        time_ms = drawn_ms(scene.times, scene.samples, row, draw)
        if time_ms > elapsed_ms:
            return np.int64(time_ms - elapsed_ms + 0.5)
    return np.int64(time_ms + 0.5)


# ------------------------------------------------------------------ of which stream


@compiled
def _likeness(scene, interaction, s):
    """How well a stream fits: its very line, its queue, its channel, or not at all."""
    stream = scene.streams[s]
    if stream.line == interaction.line:
        return 3
    if stream.channel != interaction.channel:
        return 0
    return 2 if stream.queue == interaction.queue else 1


@compiled
def _stream_of(scene, shares, interaction, likeness, key, trial):
    """One of the streams that fit so well, by their shares."""
    total = 0.0
    for s in range(shares.shape[0]):
        if _likeness(scene, interaction, s) == likeness:
            total += shares[s]
    left = total * chance(key, _CHOICE, trial)
    last = 0
    for s in range(shares.shape[0]):
        if _likeness(scene, interaction, s) == likeness:
            last = s
            left -= shares[s]
            if left < 0.0:
                break
    return last


@compiled
def _best_likeness(scene, interaction):
    best = 0
    for s in range(scene.streams.shape[0]):
        best = max(best, _likeness(scene, interaction, s))
    return best


# ------------------------------------------------------------------ customers


@compiled
def _appear(floor, scene, i, key, s, since):
    """The row stands for a person of the stream, who is not counted."""
    become(scene, i, key, s, 0, NOBODY, scene.clock[0].intervals, 0, since)
    if (
        scene.streams[s].channel == _VOICE
        and floor.interactions[i].state != State.WRAPPING
    ):
        scene.people[i].in_house = 1
        scene.clock[0].in_house += 1


@compiled
def _wait_on(floor, scene, shares, i, now):
    """They have been patient for so long, and go on."""
    interaction = floor.interactions[i]
    key = key_of(scene.clock[0].run, _ADOPTED, i)
    again = interaction.answered_at > 0
    since = interaction.queued_at if again else interaction.arrived_at
    elapsed_ms = now - since
    likeness = _best_likeness(scene, interaction)
    s = 0
    left_ms = NEVER_MS
    for trial in range(TRIES):
        s = _stream_of(scene, shares, interaction, likeness, key, trial)
        row = scene.streams[s].patience
        if row == NOTHING:
            left_ms = NEVER_MS
            break
        draw = draw_of(key, Purpose.PATIENCE, _TRIAL + trial)
        patience_ms = drawn_ms(scene.times, scene.samples, row, draw)
        left_ms = patience_ms
        if patience_ms > elapsed_ms:
            left_ms = patience_ms - elapsed_ms
            break
    _appear(floor, scene, i, key, s, since)
    scene.people[i].leg = 1 if again else 0
    if left_ms < NEVER_MS:
        schedule(scene, PERSONS, i, now + np.int64(left_ms + 0.5))
    if interaction.state == State.OFFERED:
        _consider(floor, scene, i, now)


@compiled
def _consider(floor, scene, i, now):
    """An agent has been asked already, and has not answered yet, or never will."""
    interaction = floor.interactions[i]
    person = scene.people[i]
    person.offer = interaction.offer
    staff = scene.staff[scene.desks[interaction.agent].staff]
    elapsed_ms = now - interaction.state_at
    left_ms = np.int64(0)
    for trial in range(TRIES):
        which = _TRIAL + trial
        if (
            staff.misses > 0.0
            and chance(person.key, Purpose.MISSED, which) < staff.misses
        ):
            return
        if staff.answer_delay == NOTHING:
            break
        draw = draw_of(person.key, Purpose.ANSWER_DELAY, which)
        delay_ms = drawn_ms(scene.times, scene.samples, staff.answer_delay, draw)
        if delay_ms > elapsed_ms:
            left_ms = np.int64(delay_ms - elapsed_ms + 0.5)
            break
    schedule(scene, ANSWERS, i, now + left_ms)


@compiled
def _perhaps_return(floor, scene, shares, i, now):
    """They have left and are not forgotten yet: some will be back, unless they have been
    already.
    """
    interaction = floor.interactions[i]
    if interaction.answered_at > 0:
        return
    key = key_of(scene.clock[0].run, _ADOPTED, i)
    likeness = _best_likeness(scene, interaction)
    s = _stream_of(scene, shares, interaction, likeness, key, 0)
    stream = scene.streams[s]
    if stream.retry_after & AFTER_ABANDONED == 0 or stream.attempts_max < 2:
        return
    if chance(key, Purpose.RETRY, 0) >= stream.retry_share:
        return
    left_at = interaction.state_at
    delay_ms = drawn(scene, stream.retry_delay, key, Purpose.RETRY_DELAY, 0)
    patience_ms = np.int64(-1)
    if stream.retry_patience == 0:
        patience_ms = left_at - interaction.arrived_at
    if left_at + delay_ms > now:
        come_later(scene, key, stream.retry_stream, s, 1, NOBODY, 1, 0, 0, np.int64(-1),
                   patience_ms, left_at, left_at + delay_ms)  # fmt: skip


@compiled
def _work_on(floor, scene, shares, i, now):
    """They are being served, or have been. The engine itself ends a wrap-up."""
    interaction = floor.interactions[i]
    desk = scene.desks[interaction.agent]
    staff = scene.staff[desk.staff]
    key = key_of(scene.clock[0].run, _ADOPTED, i)
    likeness = _best_likeness(scene, interaction)
    paused = interaction.marks & _INTERRUPTED != 0
    factor = 1.0
    group = _slowed(scene, interaction.channel)
    if group != NOTHING and not paused:
        slow = scene.slow[group]
        factor = slow.factor[max(0, min(desk.slowed, slow.factors) - 1)]
    ends = now
    if interaction.state == State.WRAPPING:
        ends = interaction.wrap_up_started_at
    done_ms = (ends - interaction.answered_at) / factor
    s = 0
    left_ms = 0.0
    for trial in range(TRIES):
        s = _stream_of(scene, shares, interaction, likeness, key, trial)
        row = scene.handles[s * scene.staff.shape[0] + desk.staff]
        draw = draw_of(key, Purpose.HANDLE, _TRIAL + trial)
        time_ms = drawn_ms(scene.times, scene.samples, row, draw) * staff.handle_factor
        left_ms = time_ms
        if time_ms > done_ms or interaction.state == State.WRAPPING:
            left_ms = time_ms - done_ms
            break
    _appear(floor, scene, i, key, s, interaction.answered_at)
    person = scene.people[i]
    person.answered_at = interaction.answered_at
    person.staff = desk.staff
    if interaction.state == State.WRAPPING:
        person.phase = WRAPS
        person.since = interaction.wrap_up_started_at
        return
    person.phase = TALKS
    person.since = now
    person.left_ms = left_ms
    person.factor = factor
    person.paused = paused
    if not paused:
        schedule(scene, PERSONS, i, now + np.int64(left_ms * factor + 0.5))


@compiled
def _adopt_at(floor_address, scene_address, shares, lasts_ms, now):
    adopt(floor_at(floor_address), scene_at(scene_address), shares, lasts_ms, now)


def _adopt_compiled(floor, scene, shares, lasts_ms, now):
    _adopt_at(floor.address, scene.address, shares, lasts_ms, now)


@np.errstate(over="ignore")
def _adopt_plain(floor, scene, shares, lasts_ms, now):
    adopt(floor, scene, shares, lasts_ms, now)


_PLAIN = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]
take_over = _adopt_plain if _PLAIN else _adopt_compiled
"""`adopt`, called from Python (see `entry`)."""
