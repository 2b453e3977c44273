"""An interaction changes its line: transfer, return, other needs; or who may have it:
exclusion, owner.
"""

from router.engine.compiled import compiled
from router.engine.emit import draft, emit
from router.engine.kinds import Kind, Reason, Refusal
from router.engine.orders.arriving import routable, step_at
from router.engine.orders.ending import after_work, revoke
from router.engine.orders.handing import move_ownership
from router.engine.tables import EXCLUDED_MAX, NOBODY
from router.model.conversation import Source
from router.model.interaction import State


@compiled
def transfer(floor, command, now):
    """To another line, or (with an owner) to one agent first."""
    i = command.interaction
    interaction = floor.interactions[i]
    if interaction.state == State.NONE or interaction.state >= State.WRAPPING:
        return Refusal.WRONG_STATE
    if not routable(floor, command.line, now):
        return Refusal.UNROUTABLE
    queue = floor.lines[command.line].queue
    full = floor.queues[queue].waiting >= floor.queue_rules[queue].limit
    # Whoever waits in that queue already is counted there.
    if full and (queue != interaction.queue or interaction.state == State.ACTIVE):
        return Refusal.QUEUE_FULL
    if interaction.state == State.OFFERED:
        revoke(floor, now, i, Reason.REQUESTED, now)
    if interaction.state == State.QUEUED:
        _move_waiting(floor, i, command, now)
    else:
        requeue(floor, Kind.INTERACTION_TRANSFERRED, i, command.line, command.other, command.until, now,
                 Reason.TRANSFERRED)  # fmt: skip
    if command.other != NOBODY:
        move_ownership(floor, i, command.other, now)
    return Refusal.OK


@compiled
def _move_waiting(floor, i, command, now):
    """Whoever has not been answered yet takes the whole wait along to the other line."""
    interaction = floor.interactions[i]
    event = draft(floor, Kind.INTERACTION_OVERFLOWED, now, i, NOBODY)
    event.line = command.line
    event.other = interaction.queue
    event.queue = floor.lines[command.line].queue
    event.step = step_at(floor, command.line, now - interaction.enqueued_at)
    event.reason = Reason.TRANSFERRED
    emit(floor, event)
    if command.other != NOBODY:
        event = draft(floor, Kind.OWNER_SET, now, i, NOBODY)
        event.other = command.other
        event.mode = Source.CALLER
        event.until = now + command.until
        emit(floor, event)


@compiled
def requeue(floor, kind, i, line, owner, hold_ms, now, reason):
    """Back to a line with the age it has: the time it waited, less the time it was
    talked with.
    """
    interaction = floor.interactions[i]
    a = interaction.agent
    waited_ms = max(0, interaction.answered_at - interaction.enqueued_at)
    event = draft(floor, kind, now, i, a)
    event.line = line
    event.queue = floor.lines[line].queue
    event.other = owner
    event.mode = Source.NONE if owner == NOBODY else Source.CALLER
    if owner != NOBODY and hold_ms > 0:
        event.until = now + hold_ms
    event.since = now - waited_ms
    event.value = interaction.answered_at
    # The position on a ladder follows from age, and so survives every return.
    event.step = step_at(floor, line, waited_ms)
    event.reason = reason
    emit(floor, event)
    after_work(floor, a, now)


@compiled
def update(floor, command, now):
    """Other needs or another priority: another line, at the place its age gives."""
    i = command.interaction
    interaction = floor.interactions[i]
    if interaction.state != State.QUEUED and interaction.state != State.OFFERED:
        return Refusal.WRONG_STATE
    if not routable(floor, command.line, now):
        return Refusal.UNROUTABLE
    if interaction.state == State.OFFERED:
        revoke(floor, now, i, Reason.REQUESTED, now)
    event = draft(floor, Kind.INTERACTION_UPDATED, now, i, NOBODY)
    event.line = command.line
    event.step = step_at(floor, command.line, now - interaction.enqueued_at)
    event.score = floor.lines[command.line].priority
    emit(floor, event)
    return Refusal.OK


@compiled
def exclude(floor, command, now):
    """Exclude an agent, or (with nobody) lift all exclusions."""
    interaction = floor.interactions[command.interaction]
    if interaction.state != State.QUEUED and interaction.state != State.OFFERED:
        return Refusal.WRONG_STATE
    if command.other != NOBODY and interaction.excluded_count >= EXCLUDED_MAX:
        return Refusal.LIMIT_REACHED
    event = draft(floor, Kind.AGENT_EXCLUDED, now, command.interaction, NOBODY)
    event.other = command.other
    emit(floor, event)
    if interaction.state == State.OFFERED and interaction.agent == command.other:
        revoke(floor, now, command.interaction, Reason.REQUESTED, now)
    return Refusal.OK


@compiled
def set_owner(floor, command, now):
    interaction = floor.interactions[command.interaction]
    if interaction.state != State.QUEUED and interaction.state != State.OFFERED:
        return Refusal.WRONG_STATE
    event = draft(floor, Kind.OWNER_SET, now, command.interaction, NOBODY)
    event.other = command.other
    owner = command.other
    event.mode = Source.NONE if owner == NOBODY else Source.CALLER
    if owner != NOBODY and floor.agents[owner].signed_in and command.until > 0:
        event.until = now + min(
            command.until, floor.queue_rules[interaction.queue].hold_back_max_ms
        )
    emit(floor, event)
    return Refusal.OK


@compiled
def force_requeue(floor, command, now):
    """An administrator puts it back in line from wherever it is stuck."""
    i = command.interaction
    interaction = floor.interactions[i]
    if interaction.state == State.OFFERED:
        revoke(floor, now, i, Reason.ADMINISTRATOR, now)
        return Refusal.OK
    if interaction.state == State.QUEUED:
        return Refusal.OK
    if interaction.state == State.DEAD_LETTERED:
        event = draft(floor, Kind.INTERACTION_REQUEUED, now, i, NOBODY)
        event.since = now - max(0, interaction.state_at - interaction.enqueued_at)
        event.reason = Reason.ADMINISTRATOR
        emit(floor, event)
        return Refusal.OK
    if interaction.state != State.ACTIVE:
        return Refusal.WRONG_STATE
    requeue(
        floor,
        Kind.INTERACTION_REQUEUED,
        i,
        interaction.line,
        NOBODY,
        0,
        now,
        Reason.ADMINISTRATOR,
    )
    return Refusal.OK
