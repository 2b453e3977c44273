"""The journal checker's judgement of facts about interactions.

Each function judges one kind of fact against the second floor, then believes it. Part
of `checker`, which calls them through `JUDGES`; what every such fact has in common is
judged by `judge` first. It must never ask the engine.
"""

from collections.abc import Callable
from typing import Final

from router.engine.kinds import Kind, Reason, Table
from router.engine.tables import NOBODY
from router.journal.checker_customers import (
    acknowledged,
    arrived,
    claimed,
    due,
    forgotten,
    handed_off,
    hold_back_ended,
    opened,
    weighed,
)  # fmt: skip
from router.journal.checker_offers import judge_offer
from router.journal.second_floor import (
    HELD,
    PRESENT,
    Fact,
    SecondFloor,
    SecondInteraction,
)
from router.model.conversation import ASIDE
from router.model.interaction import Flag, State

Judge = Callable[[SecondFloor, SecondInteraction, Fact], None]

_WAITS = (State.QUEUED,)
_RINGS = (State.OFFERED,)
_LIVE = (State.ACTIVE,)
_ASKED_FOR = (State.QUEUED, State.OFFERED)

FROM: Final[dict[int, tuple[State, ...]]] = {
    Kind.INTERACTION_REQUEUED: (State.ACTIVE, State.DEAD_LETTERED),
    Kind.RELAXATION_STEPPED: _WAITS,
    Kind.HOLD_BACK_ENDED: _WAITS,
    Kind.COOL_DOWN_ENDED: _WAITS,
    Kind.OFFER_ISSUED: _WAITS,
    Kind.OFFER_ACCEPTED: _RINGS,
    Kind.OFFER_DECLINED: _RINGS,
    Kind.OFFER_EXPIRED: _RINGS,
    Kind.OFFER_REVOKED: _RINGS,
    Kind.INTERACTION_ABANDONED: _WAITS,
    Kind.INTERACTION_CANCELLED: _WAITS,
    Kind.INTERACTION_COMPLETED: _LIVE,
    Kind.WRAP_UP_STARTED: _LIVE,
    Kind.WRAP_UP_EXTENDED: (State.WRAPPING,),
    Kind.WRAP_UP_ENDED: (State.WRAPPING,),
    Kind.INTERACTION_TRANSFERRED: _LIVE,
    Kind.INTERACTION_OVERFLOWED: _WAITS,
    Kind.INTERACTION_DEAD_LETTERED: _WAITS,
    Kind.INTERACTION_UPDATED: _WAITS,
    Kind.AGENT_EXCLUDED: _ASKED_FOR,
    Kind.OWNER_SET: _ASKED_FOR,
    Kind.INTERACTION_FLAGGED: _LIVE,
    Kind.INTERACTION_INTERRUPTED: _LIVE,
    Kind.INTERACTION_RESUMED: _LIVE,
    Kind.INTERACTION_UNROUTABLE: _WAITS,
    Kind.INTERACTION_HANDED_OFF: (State.QUEUED, State.ACTIVE),
    Kind.INTERACTION_LINKED: (State.QUEUED, State.OFFERED, State.ACTIVE),
    Kind.INTERACTION_DUE: _WAITS,
    Kind.HOLD_BACK_WEIGHED: _WAITS,
    Kind.COMPANION_OPENED: _WAITS,
    Kind.CONTEXT_ACKNOWLEDGED: HELD,
}
"""Where an interaction must stand when a fact meets it."""

_TIMERS = (Kind.OFFER_EXPIRED, Kind.WRAP_UP_ENDED, Kind.INTERACTION_FLAGGED)
_MOVES = (
    Kind.INTERACTION_REQUEUED,
    Kind.INTERACTION_TRANSFERRED,
    Kind.INTERACTION_OVERFLOWED,
    Kind.INTERACTION_UPDATED,
    Kind.RELAXATION_STEPPED,
)


def judge(floor: SecondFloor, event: Fact) -> None:
    """Judge any fact about an interaction but its arrival and its being forgotten."""
    x = floor.interactions.get(event.interaction)
    if x is None:
        name = Kind(event.kind).name
        floor.say("I5", f"{name} of interaction {event.interaction}, which is not here")
        return
    allowed = FROM[event.kind]
    if x.state not in allowed:
        _say_impossible(floor, x, event)
    if event.channel != x.channel:
        floor.say("I5", f"{x} changes its channel to {event.channel}")
    if event.kind not in _MOVES and (event.queue, event.line, event.step) != (
        x.queue,
        x.line,
        x.step,
    ):
        there = f"queue {event.queue}, line {event.line}, step {event.step}"
        here = f"queue {x.queue}, line {x.line}, step {x.step}"
        floor.say("I5", f"{x} is told of at {there}, and is at {here}")
    JUDGES[event.kind](floor, x, event)
    floor.book.keep_company(x, event.at)


def _say_impossible(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    name = Kind(event.kind).name
    invariant = "I5"
    if event.kind == Kind.OFFER_ACCEPTED and x.state in (State.ACTIVE, State.WRAPPING):
        invariant = "I1"
    elif event.kind in _TIMERS:
        invariant = "I9"
    floor.say(invariant, f"{name} cannot meet {x}")


def enqueued(floor: SecondFloor, event: Fact) -> None:
    row = event.interaction
    if row in floor.interactions:
        floor.say("I5", f"interaction {row} is enqueued and is here already")
        forget(floor, row)
    floor.created += 1
    x = SecondInteraction(row)
    floor.interactions[row] = x
    x.channel = event.channel
    x.serial = floor.created
    x.since = event.since
    x.owner = event.other
    x.hold_until = event.until
    x.weight = event.weight
    x.step = event.step
    if event.since > max(event.at, event.not_before):
        floor.say("I4", f"{x} is older than time: it began at {event.since}")
    weight = floor.rules.get(Table.CHANNEL_RULES, event.channel, "weight")
    if event.weight != weight:
        what = f"interaction {row} weighs {event.weight}, and its channel {weight}"
        floor.say("I17", what)
    _into_line(floor, x, event)
    arrived(floor, x, event)


def forget(floor: SecondFloor, row: int) -> None:
    """An interaction at its end is no longer kept."""
    x = floor.interactions.get(row)
    if x is None:
        floor.say("I5", f"interaction {row} is forgotten, and is not here")
        return
    if x.state in PRESENT:
        floor.say("I5", f"{x} is forgotten before its end")
        floor.leave(x)
    forgotten(floor, x)
    del floor.interactions[row]


def _into_line(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """Into the line that the event names; the age it has decides its place."""
    x.line = event.line
    x.queue = floor.rules.get(Table.LINE, event.line, "queue", NOBODY)
    x.queued_at = event.at
    x.enter(State.QUEUED, event.at)
    floor.join_line(x)
    if event.queue != x.queue:
        floor.say("I5", f"{x} is put in a line of another queue: {event.queue}")
    channel = floor.rules.get(Table.LINE, event.line, "channel")
    if channel != x.channel:
        floor.say("I5", f"{x} is put in a line of another channel: {channel}")
    # Its longest wait is the one deadline that every waiting interaction has.
    queue = floor.rules.queue(x.queue)
    if queue is None or queue["max_wait_ms"] <= 0:
        floor.say("I6", f"{x} waits in queue {x.queue}, which has no rules")


def _returned(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """Back in a line from an agent's hands, or revived: with what it has waited."""
    until = x.state_at if x.state == State.DEAD_LETTERED else x.answered_at
    waited_ms = max(0, until - x.since)
    if event.at - event.since != waited_ms:
        told_ms = event.at - event.since
        what = f"{x} had waited {waited_ms} ms and returns with {told_ms} ms"
        floor.say("I4", what)
    if event.line == x.line and event.step < x.step:
        what = f"{x} stood on step {x.step} and returns to step {event.step}"
        floor.say("I4", what)
    if x.state == State.DEAD_LETTERED:
        floor.ended[State.DEAD_LETTERED] -= 1
    elif x.state in HELD and event.agent != x.agent:
        floor.say("I1", f"{x} is taken from {event.agent}, {x.agent} holds it")
    floor.leave(x)
    x.since = event.since
    x.attempts = 0
    x.cooling.clear()
    x.opened = x.relation in ASIDE
    claimed(x, event)
    x.step = event.step
    _into_line(floor, x, event)


def _overflowed(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    # One that is moved while it waits overflows too, and has not waited too long.
    if event.reason == Reason.WAITED_TOO_LONG:
        _judge_wait(floor, x, event)
    _to_other_line(floor, x, event)


def _to_other_line(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if event.step >= max(1, floor.rules.steps(event.line)):
        floor.say("I17", f"{x} is put on step {event.step}, its ladder is lower")
    queued_at = x.queued_at
    floor.leave(x)
    x.step = event.step
    if event.kind == Kind.INTERACTION_UPDATED:
        queue = floor.rules.get(Table.LINE, event.line, "queue", NOBODY)
        _into_line(floor, x, event._replace(queue=queue))
        # Other needs are no new spell of waiting.
        x.queued_at = queued_at
    else:
        _into_line(floor, x, event)


def _judge_wait(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    queue = floor.rules.queue(x.queue)
    longest_ms = queue["max_wait_ms"] if queue else 0
    if event.at < x.queued_at + longest_ms:
        what = f"{x} has waited too long before its {longest_ms} ms are over"
        floor.say("I9", what)


def _stepped(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if event.step <= x.step:
        floor.say("I9", f"{x} steps from {x.step} to {event.step}")
    due = x.since + floor.rules.after_ms(x.line, event.step)
    if event.at < due:
        floor.say("I9", f"{x} is on step {event.step} {due - event.at} ms early")
    if event.step >= floor.rules.steps(x.line):
        floor.say("I17", f"{x} is on step {event.step}, its ladder is lower")
    x.step = event.step


def _cool_down_ended(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    resting = [(agent, until) for agent, until in x.cooling if until > event.at]
    if len(resting) == len(x.cooling):
        floor.say("I9", f"{x} has no pair whose rest is over")
    x.cooling = resting


def _wrap_up_started(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    _judge_holder(floor, x, event)
    x.wrap_up_at = event.at
    x.enter(State.WRAPPING, event.at)
    _judge_wrap_up(floor, x, event)


def _wrap_up_extended(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if event.until <= x.deadline:
        floor.say("I6", f"{x} is extended to an earlier time")
    _judge_holder(floor, x, event)
    _judge_wrap_up(floor, x, event)


def _judge_wrap_up(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    queue = floor.rules.queue(x.queue)
    if queue is not None and event.until > x.wrap_up_at + queue["wrap_up_max_ms"]:
        floor.say("I17", f"{x} wraps up for longer than its queue allows")
    floor.arm(x, event.until)


def _judge_holder(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if event.agent != x.agent:
        floor.say("I1", f"{x} is told of as {event.agent}'s, {x.agent} holds it")


def _flagged(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    _judge_holder(floor, x, event)
    if event.mode & Flag.OVERDUE:
        if event.at < x.deadline:
            floor.say("I9", f"{x} is overdue before its deadline {x.deadline}")
        floor.arm(x, event.until)


def _interrupted(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    _judge_holder(floor, x, event)
    if x.interrupted:
        floor.say("I5", f"{x} is set aside twice")
    if not floor.rules.get(Table.CHANNEL_RULES, x.channel, "interruptible"):
        floor.say("I17", f"{x} is set aside, its channel does not allow it")
    x.interrupted = True


def _resumed(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    _judge_holder(floor, x, event)
    if not x.interrupted:
        floor.say("I5", f"{x} is resumed and was not set aside")
    x.interrupted = False
    agent = floor.agent(x.agent)
    capacity = floor.rules.get(Table.ROSTER, x.agent, "capacity")
    if agent.load() > capacity:
        what = (
            f"agent {x.agent} carries {agent.load()} of {capacity} after a resumption"
        )
        floor.say("I3", what)


def _excluded(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if event.other == NOBODY:
        x.excluded.clear()
    else:
        x.excluded.add(event.other)


def _owner_set(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    claimed(x, event)


def _ended(state: State) -> Judge:
    def judge_end(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
        if event.kind == Kind.WRAP_UP_ENDED and event.reason == Reason.TIMER:
            if event.at < x.deadline:
                floor.say("I9", f"{x} is done {x.deadline - event.at} ms early")
        elif event.kind == Kind.INTERACTION_DEAD_LETTERED:
            _judge_dead_letter(floor, x, event)
        elif event.kind == Kind.INTERACTION_HANDED_OFF:
            handed_off(floor, x, event)
        if x.state in HELD:
            _judge_holder(floor, x, event)
        floor.leave(x)
        if x.state in PRESENT:
            floor.ended[state] = floor.ended.get(state, 0) + 1
        x.enter(state, event.at)

    return judge_end


def _judge_dead_letter(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if event.reason == Reason.WAITED_TOO_LONG:
        _judge_wait(floor, x, event)
    elif event.reason == Reason.ATTEMPTS_USED_UP:
        queue = floor.rules.queue(x.queue)
        most = queue["attempts_max"] if queue else 0
        if x.attempts < most:
            what = f"{x} is given up after {x.attempts} attempts of {most}"
            floor.say("I8", what)


def _nothing(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """A fact that leaves the second floor as it is."""


JUDGES: Final[dict[int, Judge]] = {
    Kind.INTERACTION_REQUEUED: _returned,
    Kind.INTERACTION_TRANSFERRED: _returned,
    Kind.RELAXATION_STEPPED: _stepped,
    Kind.HOLD_BACK_ENDED: hold_back_ended,
    Kind.HOLD_BACK_WEIGHED: weighed,
    Kind.COMPANION_OPENED: opened,
    Kind.INTERACTION_DUE: due,
    Kind.INTERACTION_LINKED: handed_off,
    Kind.INTERACTION_HANDED_OFF: _ended(State.HANDED_OFF),
    Kind.CONTEXT_ACKNOWLEDGED: acknowledged,
    Kind.COOL_DOWN_ENDED: _cool_down_ended,
    Kind.WRAP_UP_STARTED: _wrap_up_started,
    Kind.WRAP_UP_EXTENDED: _wrap_up_extended,
    Kind.INTERACTION_OVERFLOWED: _overflowed,
    Kind.INTERACTION_UPDATED: _to_other_line,
    Kind.AGENT_EXCLUDED: _excluded,
    Kind.OWNER_SET: _owner_set,
    Kind.INTERACTION_FLAGGED: _flagged,
    Kind.INTERACTION_INTERRUPTED: _interrupted,
    Kind.INTERACTION_RESUMED: _resumed,
    Kind.INTERACTION_UNROUTABLE: _nothing,
    Kind.INTERACTION_ABANDONED: _ended(State.ABANDONED),
    Kind.INTERACTION_CANCELLED: _ended(State.CANCELLED),
    Kind.INTERACTION_COMPLETED: _ended(State.COMPLETED),
    Kind.WRAP_UP_ENDED: _ended(State.COMPLETED),
    Kind.INTERACTION_DEAD_LETTERED: _ended(State.DEAD_LETTERED),
    **dict.fromkeys(
        (
            Kind.OFFER_ISSUED,
            Kind.OFFER_ACCEPTED,
            Kind.OFFER_DECLINED,
            Kind.OFFER_EXPIRED,
            Kind.OFFER_REVOKED,
        ),
        judge_offer,
    ),
}
