"""Agents come, go, turn away and are lost."""

from router.engine.compiled import compiled
from router.engine.emit import draft, emit, state
from router.engine.kinds import Kind, Reason, Refusal
from router.engine.orders.ending import dead_letter_if_used_up, release_owned, revoke
from router.engine.orders.holding import look_again, part_company
from router.engine.tables import NEVER, NOBODY
from router.model.agent import Link, Presence
from router.model.interaction import State


@compiled
def sign_in(floor, command, now):
    a = command.agent
    if floor.roster[a].defined == 0:
        return Refusal.UNKNOWN_AGENT
    if command.presence != Presence.AVAILABLE:
        revoke_offers(floor, a, Reason.AGENT_AWAY, now)
    event = draft(floor, Kind.AGENT_SIGNED_IN, now, NOBODY, a)
    event.mode = command.link
    event.count = floor.roster[a].kind
    event.presence = command.presence
    event.reason = command.reason
    emit(floor, event)
    return Refusal.OK


@compiled
def set_presence(floor, command, now):
    a = command.agent
    agent = floor.agents[a]
    if agent.signed_in == 0:
        if command.presence == Presence.OFFLINE:
            return Refusal.OK
        return Refusal.NOT_SIGNED_IN
    if floor.roster[a].defined == 0 and command.presence != Presence.OFFLINE:
        # Off the roster: what is asked of them is to finish and go.
        return Refusal.UNKNOWN_AGENT
    if command.count == 1 and agent.live + agent.open_offers > 0:
        event = draft(floor, Kind.AGENT_PRESENCE_REQUESTED, now, NOBODY, a)
        event.presence = command.presence
        event.reason = command.reason
        emit(floor, event)
        look_again(floor, a, now)
        return Refusal.OK
    if command.presence == Presence.OFFLINE and agent.live > 0:
        return Refusal.AGENT_BUSY
    if (
        command.presence == agent.presence
        and command.reason == agent.reason
        and agent.requested < 0
    ):
        return Refusal.OK
    change_presence(floor, a, command.presence, command.reason, Reason.REQUESTED, now)
    return Refusal.OK


@compiled
def change_presence(floor, a, presence, reason, cause, now):
    """Whoever is not available any more has no open offers either."""
    if presence != Presence.AVAILABLE:
        revoke_offers(floor, a, Reason.AGENT_AWAY, now)
    agent = floor.agents[a]
    event = draft(floor, Kind.AGENT_PRESENCE_CHANGED, now, NOBODY, a)
    event.presence = presence
    event.reason = reason
    event.since = agent.presence_since
    event.mode = cause
    emit(floor, event)
    if presence == Presence.OFFLINE:
        release_owned(floor, a, now)
    elif presence != Presence.AVAILABLE:
        look_again(floor, a, now)


@compiled
def revoke_offers(floor, a, reason, now):
    work = floor.agents[a].first_work
    while work != NOBODY:
        interaction = floor.interactions[work]
        following = interaction.next_work
        if interaction.state == State.OFFERED:
            # It rests with this agent for a moment: whoever has just turned away is not
            # asked again at once.
            revoke(
                floor,
                now,
                work,
                reason,
                now + floor.queue_rules[interaction.queue].cool_down_ms,
            )
            dead_letter_if_used_up(floor, work, now)
        work = following


@compiled
def connect(floor, command, now):
    a = command.agent
    event = draft(floor, Kind.AGENT_RECONNECTED, now, NOBODY, a)
    event.count = command.session
    emit(floor, event)
    return Refusal.OK


@compiled
def disconnect(floor, command, now):
    """The agent's stream has gone: open offers return at once, live work is flagged."""
    a = command.agent
    agent = floor.agents[a]
    if agent.session != command.session or agent.link == Link.GATEWAY:
        return Refusal.OK
    lose(floor, a, now)
    return Refusal.OK


@compiled
def lose(floor, a, now):
    event = draft(floor, Kind.AGENT_LOST, now, NOBODY, a)
    event.until = NEVER
    event.reason = Reason.SIGNED_OUT
    if floor.agents[a].signed_in:
        event.reason = Reason.NONE
        event.until = now + floor.rules[0].sign_out_after_ms
    event.count = floor.agents[a].live
    emit(floor, event)
    revoke_offers(floor, a, Reason.AGENT_LOST, now)
    part_company(floor, a, Reason.AGENT_LOST, now)
    look_again(floor, a, now)


@compiled
def remove_agent(floor, command, now):
    """Off the roster: no new work; the work at hand ends as usual."""
    a = command.agent
    revoke_offers(floor, a, Reason.AGENT_REMOVED, now)
    state(floor, Kind.AGENT_REMOVED, now, NOBODY, a)
    agent = floor.agents[a]
    if not agent.signed_in:
        release_owned(floor, a, now)
    else:
        if agent.live == 0:
            change_presence(floor, a, Presence.OFFLINE, 0, Reason.AGENT_REMOVED, now)
        else:
            event = draft(floor, Kind.AGENT_PRESENCE_REQUESTED, now, NOBODY, a)
            event.presence = Presence.OFFLINE
            emit(floor, event)
    return Refusal.OK
