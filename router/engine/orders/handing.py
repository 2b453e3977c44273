"""Handing on: a conversation goes on over another channel, owned conversations go to
another agent, and what is stated of customers.
"""

from router.engine.company import is_aside, root_of
from router.engine.compiled import compiled
from router.engine.emit import draft, emit, outbox_full
from router.engine.kinds import Kind, Reason, Refusal
from router.engine.orders.arriving import NO_OWNER, arrive, forget_idle, line_for
from router.engine.orders.ending import after_work, revoke
from router.engine.orders.holding import weigh
from router.engine.ownership import counts, strength
from router.engine.tables import EXCLUDED_MAX, MOVES, NOBODY, STAYS
from router.model.agent import AgentKind
from router.model.conversation import Relation, Source
from router.model.interaction import State


@compiled
def hand_off(floor, command, now):
    """One decision: the successor is in line with the age, and the old interaction has
    ended as handed off, or (`presence` 1) goes on beside it. `reason` is the relation.
    """
    i = command.interaction
    interaction = floor.interactions[i]
    waits = interaction.state == State.QUEUED or interaction.state == State.OFFERED
    if not waits and interaction.state != State.ACTIVE:
        return Refusal.WRONG_STATE
    stays = command.presence == 1
    leaving = NOBODY
    if interaction.state == State.QUEUED and not stays:
        leaving = interaction.queue
    command.conversation = interaction.conversation
    command.customer = interaction.customer
    command.context = 0
    command.agent = NOBODY
    if interaction.state == State.ACTIVE:
        # Its age is what it has waited, not what it has talked.
        until = interaction.answered_at
        if floor.roster[interaction.agent].kind == AgentKind.HUMAN:
            command.agent = interaction.agent
    else:
        until = max(now, interaction.not_before)
    command.since = max(0, until - interaction.enqueued_at)
    command.count = min(interaction.excluded_count, EXCLUDED_MAX)
    for k in range(command.count):
        command.excluded[k] = interaction.excluded[k]
    command.offer = 0
    if command.reason == Relation.CONSULT or command.reason == Relation.CONFERENCE:
        # A colleague is wanted: not the owner, and not whoever asks.
        command.offer = NO_OWNER
        command.agent = NOBODY
        if interaction.agent != NOBODY and command.count < EXCLUDED_MAX:
            command.excluded[command.count] = interaction.agent
            command.count += 1
    line, alarm, refusal = line_for(floor, command, leaving, now)
    if refusal != Refusal.OK:
        return refusal
    if interaction.state == State.OFFERED and not stays:
        revoke(floor, now, i, Reason.REQUESTED, now)
    arrive(floor, command, line, alarm, now)
    successor = floor.scratch[0].row
    a = interaction.agent
    kind = Kind.INTERACTION_LINKED if stays else Kind.INTERACTION_HANDED_OFF
    event = draft(floor, kind, now, i, a)
    event.other = successor
    event.mode = command.reason
    event.context = floor.interactions[successor].context
    event.since = interaction.queued_at
    if interaction.state == State.ACTIVE:
        event.since = interaction.answered_at
    emit(floor, event)
    if a != NOBODY and not stays:
        after_work(floor, a, now)
    weigh(floor, successor, now)
    return Refusal.OK


@compiled
def take_ownership(floor, i, moved, now):
    """Who accepts a conversation's interaction owns the conversation, unless it was
    transferred to them and the policy says that ownership stays.
    """
    interaction = floor.interactions[i]
    v = interaction.conversation
    a = interaction.agent
    if v == NOBODY or floor.roster[a].kind != AgentKind.HUMAN or is_aside(interaction):
        return
    owner = floor.conversations[v].owner
    since = floor.conversations[v].owned_since
    if (
        moved
        and floor.rules[0].moves_on_transfer == STAYS
        and owner != NOBODY
        and counts(floor, owner)
        and strength(floor, Source.CONVERSATION, since, now) > 0
    ):
        return
    own(floor, v, a, Reason.NONE, now)


@compiled
def move_ownership(floor, i, a, now):
    """A transfer to one agent: the policy may want ownership to go at once."""
    v = floor.interactions[i].conversation
    if (
        v != NOBODY
        and floor.rules[0].moves_on_transfer == MOVES
        and floor.roster[a].kind == AgentKind.HUMAN
        and not is_aside(floor.interactions[i])
    ):
        own(floor, v, a, Reason.TRANSFERRED, now)


@compiled
def own(floor, v, a, reason, now):
    event = draft(floor, Kind.OWNERSHIP_TAKEN, now, NOBODY, a)
    event.conversation = v
    event.other = floor.conversations[v].owner
    event.reason = reason
    emit(floor, event)


@compiled
def hand_over(floor, command, now):
    """An owned conversation goes to another agent, or to nobody; and so does whatever
    of it waits for its owner, as far as there is room.
    """
    v = command.conversation
    owner = floor.conversations[v].owner
    to = command.other
    if to == NOBODY:
        event = draft(floor, Kind.OWNERSHIP_LAPSED, now, NOBODY, owner)
        event.conversation = v
        event.reason = Reason.HANDED_OVER
        emit(floor, event)
    else:
        own(floor, v, to, Reason.HANDED_OVER, now)
    c = floor.conversations[v].customer
    if c == NOBODY:
        return Refusal.OK
    i = floor.customers[root_of(floor, c)].first_live
    while i != NOBODY and not outbox_full(floor):
        interaction = floor.interactions[i]
        if (
            interaction.conversation == v
            and interaction.owner == owner
            and interaction.source == Source.CONVERSATION
            and interaction.state == State.QUEUED
        ):
            event = draft(floor, Kind.OWNER_SET, now, i, NOBODY)
            event.other = to
            event.mode = Source.CONVERSATION if to != NOBODY else Source.NONE
            emit(floor, event)
            weigh(floor, i, now)
        i = interaction.next_in_company
    return Refusal.OK


@compiled
def acknowledge(floor, command, now):
    """The agent who has it in their hands has seen the context up to this version."""
    i = command.interaction
    interaction = floor.interactions[i]
    if not State.OFFERED <= interaction.state <= State.WRAPPING:
        return Refusal.WRONG_STATE
    if interaction.agent != command.agent:
        return Refusal.NOT_HOLDER
    if command.context > interaction.acknowledged:
        event = draft(floor, Kind.CONTEXT_ACKNOWLEDGED, now, i, command.agent)
        event.context = command.context
        emit(floor, event)
    return Refusal.OK


@compiled
def state_of_customer(floor, command, now):
    """A fact about a customer or a conversation; whether it may be, was asked before."""
    event = draft(floor, command.reason, now, NOBODY, command.agent)
    event.conversation = command.conversation
    event.customer = command.customer
    event.other = command.other
    event.mode = command.presence
    event.count = command.session
    event.value = command.value
    event.context = command.context
    emit(floor, event)
    forget_idle(floor, now)
    return Refusal.OK
