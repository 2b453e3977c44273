"""`decide`: a command in, events out. It looks, emits, and lets `settle` bring people
together.

Every order is one function; each answers with a `Refusal`, and an order that is refused
has changed nothing. Time alone causes things only through `TICK`, which drivers submit
before anything else at an instant.
"""

from router.engine.compiled import compiled
from router.engine.compiled_floor import floor_at
from router.engine.emit import draft, emit, state
from router.engine.floor import OUTBOX_MAX
from router.engine.kinds import Kind, Order, Refusal
from router.engine.linking import linked
from router.engine.orders.answering import accept, decline
from router.engine.orders.arriving import enqueue
from router.engine.orders.attending import (
    connect,
    disconnect,
    remove_agent,
    set_presence,
    sign_in,
)
from router.engine.orders.handing import (
    acknowledge,
    hand_off,
    hand_over,
    state_of_customer,
)
from router.engine.orders.leaving import (
    abandon,
    cancel,
    complete,
    end_wrap_up,
    extend_wrap_up,
    force_end,
)
from router.engine.orders.moving import (
    exclude,
    force_requeue,
    set_owner,
    transfer,
    update,
)
from router.engine.orders.passing import fire_timers
from router.engine.settle import settle
from router.engine.tables import NOBODY
from router.engine.timers import next_timer

MORE_FOLLOWS = -1
"""`count` of an order that is one part of several: nobody is paired before the last
part."""


@compiled
def decide(floor, command):
    """Say what the command causes, and make it true. Answers with a `Refusal`; `OK` is
    0.
    """
    order = command.order
    now = max(command.at, floor.house[0].now)
    refusal = Refusal.OK
    if order == Order.DEFINE:
        # Rows come in numbers and mean nothing before the last of them: nobody is
        # paired in between.
        _define(floor, command, now)
        return refusal
    if order == Order.TICK:
        fire_timers(floor, now)
    elif order == Order.ENQUEUE:
        refusal = enqueue(floor, command, now)
    elif order == Order.ACCEPT_OFFER:
        refusal = accept(floor, command, now)
    elif order == Order.DECLINE_OFFER:
        refusal = decline(floor, command, now)
    elif order == Order.COMPLETE:
        refusal = complete(floor, command, now)
    elif order == Order.ABANDON:
        refusal = abandon(floor, command, now)
    elif order == Order.CANCEL:
        refusal = cancel(floor, command, now)
    elif order == Order.END_WRAP_UP:
        refusal = end_wrap_up(floor, command, now)
    elif order == Order.EXTEND_WRAP_UP:
        refusal = extend_wrap_up(floor, command, now)
    elif order == Order.TRANSFER:
        refusal = transfer(floor, command, now)
    elif order == Order.UPDATE:
        refusal = update(floor, command, now)
    elif order == Order.EXCLUDE:
        refusal = exclude(floor, command, now)
    elif order == Order.SET_OWNER:
        refusal = set_owner(floor, command, now)
    elif order == Order.FORCE_REQUEUE:
        refusal = force_requeue(floor, command, now)
    elif order == Order.FORCE_END:
        refusal = force_end(floor, command, now)
    elif order == Order.HAND_OFF:
        refusal = hand_off(floor, command, now)
    elif order == Order.HAND_OVER:
        refusal = hand_over(floor, command, now)
    elif order == Order.ACKNOWLEDGE_CONTEXT:
        refusal = acknowledge(floor, command, now)
    elif order == Order.STATE_OF_CUSTOMER:
        refusal = state_of_customer(floor, command, now)
    else:
        refusal = _decide_for_agent(floor, command, now)
    if command.count != MORE_FOLLOWS:
        settle(floor, now)
    return refusal


@compiled
def _decide_for_agent(floor, command, now):
    order = command.order
    if order == Order.SIGN_IN:
        return sign_in(floor, command, now)
    if order == Order.SET_PRESENCE:
        return set_presence(floor, command, now)
    if order == Order.CONNECT:
        return connect(floor, command, now)
    if order == Order.DISCONNECT:
        return disconnect(floor, command, now)
    if order == Order.REMOVE_AGENT:
        return remove_agent(floor, command, now)
    if order == Order.ROSTER_CHANGED:
        state(floor, Kind.AGENT_DEFINED, now, NOBODY, command.agent)
        return Refusal.OK
    if order == Order.START:
        event = draft(floor, Kind.ROUTER_STARTED, now, NOBODY, NOBODY)
        event.until = now + floor.rules[0].restart_grace_ms
        emit(floor, event)
        return Refusal.OK
    kind = Kind.REQUEST_ANSWERED
    if order == Order.PUBLISH:
        kind = Kind.POLICY_PUBLISHED
    event = draft(floor, kind, now, NOBODY, NOBODY)
    event.value = command.value
    emit(floor, event)
    return Refusal.OK


@compiled
def _define(floor, command, now):
    """Write a row of a definition table: `reason` is the table, `line` the row, `value`
    where its bytes are.
    """
    event = draft(floor, Kind.ROW_DEFINED, now, NOBODY, NOBODY)
    event.mode = command.reason
    event.line = command.line
    event.value = command.value
    emit(floor, event)


@compiled
def carry_out_orders(floor):
    """Decide on the orders of the inbox from `next_order` on, and leave in each what
    came of it. Stops early where a joint round is due or the outbox is half full.
    """
    scratch = floor.scratch[0]
    while scratch.next_order < scratch.orders:
        command = floor.inbox[scratch.next_order]
        scratch.next_order += 1
        scratch.row = command.interaction
        refusal = decide(floor, command)
        command.interaction = scratch.row
        command.reason = refusal
        command.value = floor.house[0].sequence
        if scratch.round_due or scratch.events > OUTBOX_MAX // 2:
            return


def _carry_out_orders_at(address: int) -> None:
    carry_out_orders(floor_at(address))


# Both doors of `entry` lead here; linked, so that it is compiled once.
carry_out = linked("santral_carry_out", carry_out_orders, _carry_out_orders_at)


@compiled
def next_wakeup(floor):
    """The next instant at which time alone would cause something, or `NEVER`."""
    return min(next_timer(floor), floor.scratch[0].round_due_at)
