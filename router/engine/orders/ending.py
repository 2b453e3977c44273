"""Endings that every order shares: an interaction ends, an offer is taken back, an
agent has let go.

Compiled; emits only.
"""

from router.engine.compiled import compiled
from router.engine.emit import draft, emit, outbox_full
from router.engine.kinds import Kind, Reason
from router.engine.orders.holding import end_hold, weigh
from router.engine.settle import resume_work
from router.engine.tables import NOBODY
from router.model.agent import Presence
from router.model.interaction import State


@compiled
def end(floor, kind, now, i, reason, rang):
    """End an interaction; whoever held it is free for the next."""
    interaction = floor.interactions[i]
    a = interaction.agent
    event = draft(floor, kind, now, i, a)
    event.reason = reason
    event.since = interaction.queued_at
    if interaction.state == State.ACTIVE:
        event.since = interaction.answered_at
    elif interaction.state == State.WRAPPING:
        event.since = interaction.wrap_up_started_at
    event.mode = 1 if rang else 0
    event.weight = 1 if interaction.attempts > 0 else 0
    emit(floor, event)
    if a != NOBODY:
        after_work(floor, a, now)


@compiled
def after_work(floor, a, now):
    """An agent has let go of work: interrupted work goes on, and a presence that waited
    for this takes effect.
    """
    resume_work(floor, a, now)
    agent = floor.agents[a]
    if agent.requested >= 0 and agent.live == 0 and agent.open_offers == 0:
        event = draft(floor, Kind.AGENT_PRESENCE_CHANGED, now, NOBODY, a)
        event.presence = agent.requested
        event.reason = agent.requested_reason
        event.since = agent.presence_since
        event.mode = Reason.REQUESTED
        emit(floor, event)
        if agent.presence == Presence.OFFLINE:
            release_owned(floor, a, now)


@compiled
def revoke(floor, now, i, reason, until):
    """Take an open offer back; the interaction is in its line again, with its age."""
    a = floor.interactions[i].agent
    event = draft(floor, Kind.OFFER_REVOKED, now, i, a)
    event.reason = reason
    event.until = until
    event.since = floor.interactions[i].state_at
    emit(floor, event)
    back_in_line(floor, i, now)
    after_work(floor, a, now)


@compiled
def back_in_line(floor, i, now):
    """Nobody is held back for an owner who has gone home while it rang elsewhere; what
    was weighed is weighed again.
    """
    interaction = floor.interactions[i]
    owner = interaction.owner
    if (
        owner != NOBODY
        and interaction.hold_until > now
        and not floor.agents[owner].signed_in
    ):
        if interaction.weighed_until == 0 or floor.rules[0].lapse_on_sign_out:
            end_hold(floor, i, Reason.OWNER_GONE, now)
    weigh(floor, i, now)


@compiled
def dead_letter_if_used_up(floor, i, now):
    """So many failed attempts are no accident; a person has to look, and no loop goes
    on in silence.
    """
    interaction = floor.interactions[i]
    if interaction.state != State.QUEUED:
        return
    if interaction.attempts >= floor.queue_rules[interaction.queue].attempts_max:
        end(
            floor,
            Kind.INTERACTION_DEAD_LETTERED,
            now,
            i,
            Reason.ATTEMPTS_USED_UP,
            False,
        )


@compiled
def release_owned(floor, a, now):
    """Nobody is held back for an owner who has gone home, and what they owned is free,
    unless the policy lets it wait for their return.
    """
    lapses = floor.rules[0].lapse_on_sign_out != 0 or floor.roster[a].defined == 0
    if lapses and floor.agents[a].owned > 0:
        event = draft(floor, Kind.OWNERSHIP_LAPSED, now, NOBODY, a)
        event.count = floor.agents[a].owned
        event.reason = Reason.SIGNED_OUT
        emit(floor, event)
    for position in range(floor.house[0].open_lines):
        i = floor.heads[floor.open_lines[position]].first
        while i != NOBODY and not outbox_full(floor):
            interaction = floor.interactions[i]
            if (
                interaction.owner == a
                and interaction.hold_until > now
                and (lapses or interaction.weighed_until == 0)
            ):
                end_hold(floor, i, Reason.OWNER_GONE, now)
            i = interaction.next
