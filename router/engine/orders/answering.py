"""An offer is answered, or nobody answers it."""

from router.engine.compiled import compiled
from router.engine.emit import draft, emit
from router.engine.kinds import Kind, Reason, Refusal
from router.engine.orders.attending import change_presence
from router.engine.orders.ending import after_work, back_in_line, dead_letter_if_used_up
from router.engine.orders.handing import take_ownership
from router.engine.orders.holding import turned_down
from router.engine.tables import NOBODY
from router.model.agent import Presence
from router.model.interaction import State


@compiled
def find_offer(floor, command):
    """The interaction that this offer put before this agent, while it is the agent's;
    else `NOBODY`.
    """
    work = floor.agents[command.agent].first_work
    while work != NOBODY:
        if floor.interactions[work].offer == command.offer:
            return work
        work = floor.interactions[work].next_work
    return NOBODY


@compiled
def accept(floor, command, now):
    """At its very deadline an offer is gone; accepting twice is accepting once."""
    i = find_offer(floor, command)
    floor.scratch[0].row = i
    if i == NOBODY:
        return Refusal.OFFER_GONE
    interaction = floor.interactions[i]
    if interaction.state != State.OFFERED:
        return Refusal.OK
    if now >= interaction.deadline:
        return Refusal.OFFER_GONE
    event = draft(floor, Kind.OFFER_ACCEPTED, now, i, command.agent)
    event.since = interaction.queued_at
    event.value = interaction.state_at
    event.until = now + floor.queue_rules[interaction.queue].max_handling_ms
    event.weight = interaction.attempts
    event.other = interaction.owner
    moved = interaction.moved != 0
    emit(floor, event)
    take_ownership(floor, i, moved, now)
    return Refusal.OK


@compiled
def decline(floor, command, now):
    i = find_offer(floor, command)
    floor.scratch[0].row = i
    if i == NOBODY:
        return Refusal.OFFER_GONE
    interaction = floor.interactions[i]
    if interaction.state != State.OFFERED or now >= interaction.deadline:
        return Refusal.OFFER_GONE
    event = draft(floor, Kind.OFFER_DECLINED, now, i, command.agent)
    event.since = interaction.state_at
    event.until = now + floor.queue_rules[interaction.queue].cool_down_ms
    event.reason = command.reason
    emit(floor, event)
    turned_down(floor, i, command.agent, Reason.DECLINED, now)
    back_in_line(floor, i, now)
    after_work(floor, command.agent, now)
    dead_letter_if_used_up(floor, i, now)
    return Refusal.OK


@compiled
def expire(floor, i, now):
    """Nobody answered: the offer goes back to the line, and the agent is set away where
    the policy says so.
    """
    interaction = floor.interactions[i]
    a = interaction.agent
    rules = floor.queue_rules[interaction.queue]
    event = draft(floor, Kind.OFFER_EXPIRED, now, i, a)
    event.since = interaction.state_at
    event.until = now + rules.cool_down_ms
    emit(floor, event)
    turned_down(floor, i, a, Reason.MISSED_OFFER, now)
    back_in_line(floor, i, now)
    agent = floor.agents[a]
    # A presence that was asked for takes effect instead: whoever wants to go home is
    # not kept here as away.
    if (
        rules.missed_away
        and agent.presence == Presence.AVAILABLE
        and agent.requested < 0
    ):
        change_presence(
            floor, a, Presence.AWAY, rules.missed_reason, Reason.MISSED_OFFER, now
        )
    after_work(floor, a, now)
    dead_letter_if_used_up(floor, i, now)
