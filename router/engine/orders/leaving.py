"""The customer has gone, or the work is done: abandonment in any state, completion,
wrap-up.
"""

from router.engine.compiled import compiled
from router.engine.emit import draft, emit
from router.engine.kinds import Kind, Reason, Refusal
from router.engine.orders.ending import end, revoke
from router.engine.tables import NOBODY
from router.model.interaction import Flag, State

_INTERRUPTED = int(Flag.INTERRUPTED)


@compiled
def abandon(floor, command, now):
    i = command.interaction
    interaction = floor.interactions[i]
    if interaction.state == State.ACTIVE:
        return complete(floor, command, now)
    if interaction.state == State.OFFERED:
        revoke(floor, now, i, Reason.INTERACTION_LEFT, now)
        end(floor, Kind.INTERACTION_ABANDONED, now, i, command.reason, True)
    elif interaction.state == State.QUEUED:
        end(floor, Kind.INTERACTION_ABANDONED, now, i, command.reason, False)
    return Refusal.OK


@compiled
def cancel(floor, command, now):
    i = command.interaction
    interaction = floor.interactions[i]
    if interaction.state == State.CANCELLED:
        return Refusal.OK
    if interaction.state == State.OFFERED:
        revoke(floor, now, i, Reason.INTERACTION_LEFT, now)
    if interaction.state != State.QUEUED:
        return Refusal.WRONG_STATE
    end(floor, Kind.INTERACTION_CANCELLED, now, i, command.reason, False)
    return Refusal.OK


@compiled
def complete(floor, command, now):
    i = command.interaction
    interaction = floor.interactions[i]
    if interaction.state == State.WRAPPING or interaction.state == State.COMPLETED:
        return Refusal.OK
    if interaction.state != State.ACTIVE:
        return Refusal.WRONG_STATE
    if command.agent != NOBODY and interaction.agent != command.agent:
        return Refusal.NOT_HOLDER
    rules = floor.queue_rules[interaction.queue]
    wrap_up_ms = rules.wrap_up_ms
    if command.until >= 0:
        wrap_up_ms = min(command.until, rules.wrap_up_max_ms)
    if wrap_up_ms <= 0 or interaction.marks & _INTERRUPTED:
        end(floor, Kind.INTERACTION_COMPLETED, now, i, command.reason, False)
        return Refusal.OK
    event = draft(floor, Kind.WRAP_UP_STARTED, now, i, interaction.agent)
    event.until = now + wrap_up_ms
    event.since = interaction.answered_at
    event.reason = command.reason
    emit(floor, event)
    return Refusal.OK


@compiled
def end_wrap_up(floor, command, now):
    interaction = floor.interactions[command.interaction]
    if interaction.state == State.COMPLETED:
        return Refusal.OK
    if interaction.state != State.WRAPPING:
        return Refusal.WRONG_STATE
    end(floor, Kind.WRAP_UP_ENDED, now, command.interaction, Reason.ENDED_EARLY, False)
    return Refusal.OK


@compiled
def extend_wrap_up(floor, command, now):
    interaction = floor.interactions[command.interaction]
    if interaction.state != State.WRAPPING:
        return Refusal.WRONG_STATE
    latest = (
        interaction.wrap_up_started_at
        + floor.queue_rules[interaction.queue].wrap_up_max_ms
    )
    until = interaction.deadline + command.until
    if until > latest:
        return Refusal.LIMIT_REACHED
    event = draft(
        floor, Kind.WRAP_UP_EXTENDED, now, command.interaction, interaction.agent
    )
    event.until = until
    emit(floor, event)
    return Refusal.OK


@compiled
def force_end(floor, command, now):
    """An administrator ends it from wherever it is stuck."""
    i = command.interaction
    interaction = floor.interactions[i]
    if interaction.state == State.OFFERED:
        revoke(floor, now, i, Reason.ADMINISTRATOR, now)
    if interaction.state == State.QUEUED:
        end(floor, Kind.INTERACTION_CANCELLED, now, i, Reason.ADMINISTRATOR, False)
    elif interaction.state == State.ACTIVE:
        end(floor, Kind.INTERACTION_COMPLETED, now, i, Reason.ADMINISTRATOR, False)
    elif interaction.state == State.WRAPPING:
        end(floor, Kind.WRAP_UP_ENDED, now, i, Reason.ADMINISTRATOR, False)
    return Refusal.OK
