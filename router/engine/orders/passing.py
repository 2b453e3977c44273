"""Time passes: what is due is caused, deadline by deadline, before anybody is paired
again.
"""

from router.engine.compiled import compiled
from router.engine.emit import draft, emit, outbox_full, state
from router.engine.facts.agents import LOST
from router.engine.kinds import Kind, Reason
from router.engine.orders.answering import expire
from router.engine.orders.arriving import step_at
from router.engine.orders.attending import change_presence, lose
from router.engine.orders.ending import end
from router.engine.orders.holding import end_hold, open_to_others, weigh
from router.engine.tables import NOBODY
from router.engine.timers import next_timer
from router.model.agent import Presence
from router.model.interaction import Flag, State

_OVERDUE = int(Flag.OVERDUE)


@compiled
def fire_timers(floor, now):
    """Let time cause what is due, deadline by deadline; expiries come before anybody is
    paired again.
    """
    while next_timer(floor) <= now and not outbox_full(floor):
        subject = floor.timers[0]
        if subject >= 0:
            due(floor, subject, now)
        else:
            agent_due(floor, -2 - subject, now)


@compiled
def due(floor, i, now):
    interaction = floor.interactions[i]
    if interaction.state == State.OFFERED:
        expire(floor, i, now)
    elif interaction.state == State.WRAPPING:
        end(floor, Kind.WRAP_UP_ENDED, now, i, Reason.TIMER, False)
    elif interaction.state == State.ACTIVE:
        event = draft(floor, Kind.INTERACTION_FLAGGED, now, i, interaction.agent)
        event.mode = _OVERDUE
        event.until = now + floor.queue_rules[interaction.queue].max_handling_ms
        emit(floor, event)
    else:
        waiting_due(floor, i, now)


@compiled
def waiting_due(floor, i, now):
    """Whatever is due for one that waits: the longest wait, then the rung, the owner's
    claim, a pair's rest.
    """
    interaction = floor.interactions[i]
    if interaction.not_before > 0:
        # Its hour has come: whatever was held back till then is decided now.
        state(floor, Kind.INTERACTION_DUE, now, i, NOBODY)
        weigh(floor, i, now)
        return
    if now >= interaction.queued_at + floor.queue_rules[interaction.queue].max_wait_ms:
        line = floor.lines[interaction.line].wait_line
        if line == NOBODY:
            end(
                floor,
                Kind.INTERACTION_DEAD_LETTERED,
                now,
                i,
                Reason.WAITED_TOO_LONG,
                False,
            )
            return
        event = draft(floor, Kind.INTERACTION_OVERFLOWED, now, i, NOBODY)
        event.line = line
        event.other = interaction.queue
        event.queue = floor.lines[line].queue
        event.step = step_at(floor, line, now - interaction.enqueued_at)
        event.reason = Reason.WAITED_TOO_LONG
        emit(floor, event)
        return
    step = step_at(floor, interaction.line, now - interaction.enqueued_at)
    if step > interaction.step:
        event = draft(floor, Kind.RELAXATION_STEPPED, now, i, NOBODY)
        event.step = step
        emit(floor, event)
    company = interaction.companion != NOBODY and interaction.opened == 0
    if company:
        # Whoever else might be waited for does not count meanwhile.
        if (
            now
            >= interaction.companion_since
            + floor.queue_rules[interaction.queue].companion_wait_max_ms
        ):
            open_to_others(floor, i, Reason.LIMIT, now)
    elif interaction.hold_until > 0 and now >= interaction.hold_until:
        weighed = interaction.weighed_until > 0
        end_hold(floor, i, Reason.LIMIT if weighed else Reason.NONE, now)
    elif 0 < interaction.weighed_until <= now:
        weigh(floor, i, now)
    rested = False
    for k in range(interaction.cooling_count):
        if now >= interaction.cooling_until[k]:
            rested = True
    if rested:
        state(floor, Kind.COOL_DOWN_ENDED, now, i, NOBODY)


@compiled
def agent_due(floor, a, now):
    """An agent has been out of reach for long: after a restart they are lost, later
    they are signed out.
    """
    agent = floor.agents[a]
    if agent.session != LOST:
        lose(floor, a, now)
        return
    if agent.live > 0:
        # Work that is still going on keeps them signed in, but flagged; look again
        # later.
        event = draft(floor, Kind.AGENT_LOST, now, NOBODY, a)
        event.until = now + floor.rules[0].sign_out_after_ms
        event.count = agent.live
        emit(floor, event)
        return
    change_presence(floor, a, Presence.OFFLINE, 0, Reason.AGENT_LOST, now)
