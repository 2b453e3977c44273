"""The journal checker's judgement of offers: who may be offered what, in which order,
and how an offer ends.

Part of `checker`. What the agent may take is judged from definitions and from what is
in their hands at that moment, counted anew each time. It must never ask the engine.
"""

from router.engine.kinds import Kind, Table
from router.engine.tables import NOBODY
from router.journal.checker_customers import note_last_agent
from router.journal.second_floor import Fact, SecondFloor, SecondInteraction
from router.model.agent import Presence
from router.model.interaction import State

JOINT = 3
"""The `mode` of an offer that a joint round has chosen."""


def judge_offer(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """Judge and believe an offer's beginning or its one end."""
    if event.kind == Kind.OFFER_ISSUED:
        _issued(floor, x, event)
        return
    # A fact that meets another state is told as impossible already.
    if x.state == State.OFFERED:
        if event.offer != x.offer:
            floor.say("I1", f"offer {event.offer} ends, {x} rings with {x.offer}")
        if event.agent != x.agent:
            floor.say("I1", f"{event.agent} answers for {x}, offered to {x.agent}")
    if event.kind == Kind.OFFER_ACCEPTED:
        _accepted(floor, x, event)
    else:
        _returned(floor, x, event)


# ------------------------------------------------------------------ beginnings


def _issued(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if event.offer <= floor.last_offer:
        floor.say("I8", f"offer {event.offer} comes after offer {floor.last_offer}")
    floor.last_offer = max(floor.last_offer, event.offer)
    if event.weight != x.attempts + 1:
        floor.say("I8", f"{x} has attempt {event.weight} after {x.attempts}")
    if event.since != x.queued_at:
        floor.say("I4", f"{x} waits since {x.queued_at}, the offer says {event.since}")
    if floor.policy_pending:
        floor.say("I17", f"{x} is offered while half of a policy is written")
    queue = floor.rules.queue(x.queue)
    timeout_ms = queue["offer_timeout_ms"] if queue else 0
    if event.until - event.at != timeout_ms:
        rings_ms = event.until - event.at
        what = f"{x} rings for {rings_ms} ms, the policy in force says {timeout_ms}"
        floor.say("I17", what)

    exclude_decliner = bool(queue and queue["exclude_decliner"])
    why_not = x.shuns(event.agent, event.at, exclude_decliner)
    if why_not:
        floor.say("I7", f"{x} is offered to {event.agent}, {why_not}")
    _judge_order(floor, x, event, exclude_decliner)
    _judge_presence(floor, event)
    floor.leave(x)
    x.attempts = event.weight
    x.agent = event.agent
    x.offer = event.offer
    if x.held_for == event.agent:
        # Beside another channel of the same customer it weighs less.
        x.weight = floor.rules.get(Table.CHANNEL_RULES, x.channel, "companion_weight")
    x.enter(State.OFFERED, event.at)
    floor.agent(event.agent).work[x.row] = x
    floor.arm(x, event.until)
    judge_room(floor, x, event.agent)


def _judge_presence(floor: SecondFloor, event: Fact) -> None:
    agent = floor.agent(event.agent)
    said = f"agent {event.agent} is offered work and"
    if floor.rules.roster(event.agent) is None:
        floor.say("I7", f"{said} is not on the roster")
    if not agent.signed_in:
        floor.say("I7", f"{said} is not signed in")
    elif not agent.reachable:
        floor.say("I7", f"{said} cannot be reached")
    elif agent.presence != Presence.AVAILABLE:
        floor.say("I7", f"{said} is not available")
    elif agent.requested not in (NOBODY, Presence.AVAILABLE):
        floor.say("I7", f"{said} has asked to leave")
    most = floor.rules.get(Table.RULES, 0, "open_per_agent")
    if agent.open_offers() >= most:
        floor.say("I1", f"{said} looks at {agent.open_offers()} offers of {most}")


def judge_room(floor: SecondFloor, x: SecondInteraction, row: int) -> None:
    """Whether the agent, now that they have it in their hands, could take it."""
    roster = floor.rules.roster(row)
    if roster is None:
        return
    agent = floor.agent(row)
    if agent.load() > roster["capacity"]:
        what = f"agent {row} carries {agent.load()} of {roster['capacity']} with {x}"
        floor.say("I3", what)
    limit = roster["limit"][x.channel]
    if agent.on_channel(x.channel) > limit:
        much = agent.on_channel(x.channel)
        floor.say("I3", f"agent {row} has {much} of {limit} on channel {x.channel}")
    for other in agent.work.values():
        own = x.root != NOBODY and other.root == x.root
        if (
            other.channel != x.channel
            and not own
            and floor.rules.get(Table.CHANNEL_RULES, other.channel, "exclusive")
        ):
            floor.say("I3", f"agent {row} is offered {x} beside the exclusive {other}")
            break


def _judge_order(
    floor: SecondFloor, x: SecondInteraction, event: Fact, exclude_decliner: bool
) -> None:
    """No equal who is older, and could have had this agent, may be left waiting."""
    if event.mode == JOINT and not _round_is_complete(floor):
        return
    for since, serial, row in floor.lines.get(x.line, ()):
        if (since, serial) >= (x.since, x.serial):
            return
        y = floor.interactions[row]
        equal = y.step == x.step and y.weight == x.weight
        alone = (x.held_for, y.held_for) != (NOBODY, NOBODY)
        for_owner = alone or event.agent in (x.owner, y.owner)
        if not equal or for_owner or y.shuns(event.agent, event.at, exclude_decliner):
            continue
        if event.mode == JOINT:
            # Who is offered first within a round means nothing; who is left does. And
            # the older may have been paired elsewhere if more agents were open to them.
            claims = (x.owner, x.team) != (y.owner, y.team)
            if claims or x.bars(event.at) != y.bars(event.at):
                continue
            floor.overtaken.append((floor.sequence, row, x.row))
        else:
            floor.say(
                "I4", f"{x} is offered before {y}, its elder by {x.since - since}"
            )
        return


def _round_is_complete(floor: SecondFloor) -> bool:
    """Whether the round at hand looked at everybody, and at things as they are now."""
    joint = floor.round
    if joint is None:
        return False
    most = floor.rules.get(Table.RULES, 0, "inline_pairs_max")
    is_fresh = joint.offer == floor.round_sequence - 1
    return is_fresh and joint.count * joint.eligible <= most


def settle_round(floor: SecondFloor) -> None:
    """The offers of a joint round are made: is an older equal left in line?"""
    for sequence, older, younger in floor.overtaken:
        y = floor.interactions.get(older)
        if y is not None and y.state == State.QUEUED:
            what = f"a round offers interaction {younger} and leaves the older {y}"
            floor.say("I4", f"{what} (event {sequence})")
    floor.overtaken.clear()
    floor.round = None


# ------------------------------------------------------------------ ends


def _accepted(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if x.state == State.OFFERED:
        if event.at >= x.deadline:
            late_ms = event.at - x.deadline
            floor.say("I9", f"{x} is accepted {late_ms} ms after the offer has lapsed")
        if event.value != x.state_at:
            what = f"{x} was offered at {x.state_at}, the acceptance says {event.value}"
            floor.say("I8", what)
    if event.since != x.queued_at:
        floor.say("I4", f"{x} waits since {x.queued_at}, it says {event.since}")
    queue = floor.rules.queue(x.queue)
    if queue is not None and event.until - event.at != queue["max_handling_ms"]:
        floor.say("I17", f"{x} is due at {event.until}, not as its queue says")
    if x.agent != event.agent:
        # Believed like all else: from here on they are the holder.
        floor.leave(x)
        x.agent = event.agent
        floor.agent(event.agent).work[x.row] = x
    x.answered_at = event.at
    note_last_agent(floor, x, event)
    x.enter(State.ACTIVE, event.at)
    floor.arm(x, event.until)


def _returned(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if x.state == State.OFFERED:
        if event.kind == Kind.OFFER_EXPIRED and event.at < x.deadline:
            floor.say("I9", f"{x} expires {x.deadline - event.at} ms early")
        if event.kind == Kind.OFFER_DECLINED and event.at >= x.deadline:
            floor.say("I9", f"{x} is declined after the offer has lapsed")
        if event.since != x.state_at:
            floor.say("I8", f"{x} was offered at {x.state_at}, not {event.since}")
    if event.until > event.at:
        x.cooling.append((event.agent, event.until))
    if event.kind == Kind.OFFER_DECLINED:
        x.declined.add(event.agent)
    floor.leave(x)
    x.enter(State.QUEUED, event.at)
    floor.join_line(x)
