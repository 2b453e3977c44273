"""The journal checker's judgement of conversations, customers, ownership and handoffs.

Part of `checker`. I10 (versions go up by one), I11 (nothing is added after an erasure
was asked for), one successor that carries everything, companions that never part in
silence, ownership that has a beginning and an end. It must never ask the engine.
"""

from collections.abc import Callable
from typing import Final

from router.engine.kinds import Kind, Reason, Table
from router.engine.tables import NOBODY
from router.journal.second_customers import BLOCKED
from router.journal.second_floor import Fact, SecondFloor, SecondInteraction
from router.model.conversation import ASIDE, Mark, Purpose, Source
from router.model.interaction import State

# ------------------------------------------------------------------ arrivals


def arrived(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """Judge and believe what an arrival says of conversation, customer and owner."""
    book = floor.book
    x.source, x.owned_since = event.mode, event.offer
    x.conversation, x.customer = event.conversation, event.customer
    x.not_before, x.context = event.not_before, event.context
    if event.not_before and event.not_before <= event.at:
        floor.say("I9", f"{x} is scheduled for {event.not_before}, which has passed")
    if event.customer != NOBODY:
        book.customer(event.customer).interactions.add(x.row)
        x.team = book.team(event.customer)
    if event.conversation != NOBODY:
        _joins(floor, x, event)
    elif event.context:
        floor.say("I10", f"{x} carries context and has no conversation")
    if event.context and not book.may_carry(event.customer):
        floor.say("I11", f"{x} carries context, which the customer does not allow")
    _judge_claim(floor, x, event)
    book.keep_company(x, event.at)


def _joins(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """It belongs to a conversation, and carries its context or nothing."""
    book = floor.book
    known = book.conversations.get(event.conversation)
    here = book.conversation(event.conversation, event.customer, event.count)
    here.interactions.add(x.row)
    theirs = known.customer if known else NOBODY
    told = NOBODY not in (theirs, event.customer)
    if told and book.root(theirs) != book.root(event.customer):
        floor.say("I16", f"{x} joins a conversation of another customer")
    if event.context not in (0, here.version):
        what = f"{x} carries version {event.context} of {here.version}"
        floor.say("I10", what)


def _judge_claim(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """Whoever is told to own it has a claim that is worth something."""
    if (event.other == NOBODY) != (event.mode == Source.NONE):
        floor.say("I8", f"{x} has owner {event.other} by source {event.mode}")
    if event.mode == Source.CONVERSATION:
        here = floor.book.conversation(event.conversation, event.customer, 0)
        if (here.owner, here.owned_since) != (event.other, event.offer):
            what = f"{here.owner} since {here.owned_since}"
            floor.say("I8", f"{x} is not told to be owned by {what}")
    claim = floor.book.strength(event.mode, event.offer, event.at)
    if event.mode not in (Source.NONE, Source.CALLER) and claim <= 0:
        floor.say("I8", f"{x} has an owner whose claim is worth nothing")


def forgotten(floor: SecondFloor, x: SecondInteraction) -> None:
    """What an interaction held up, it does not any more."""
    if x.conversation in floor.book.conversations:
        floor.book.conversations[x.conversation].interactions.discard(x.row)
    if x.customer in floor.book.customers:
        floor.book.customers[x.customer].interactions.discard(x.row)
        company = floor.book.customers[floor.book.root(x.customer)].company
        if x.row in company:
            company.remove(x.row)
    for row in x.successors:
        if row in floor.interactions:
            floor.interactions[row].predecessor = NOBODY
    before = floor.interactions.get(x.predecessor)
    if before is not None and x.row in before.successors:
        before.successors.remove(x.row)


# ------------------------------------------------------------------ handoffs


def handed_off(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """One successor, of the same conversation and age, enqueued by the same decision."""
    y = floor.interactions.get(event.other)
    if y is None or y.state != State.QUEUED or y.state_at != event.at:
        floor.say("I5", f"{x} is handed off to {event.other}, which has not just come")
        return
    if y.predecessor != NOBODY or y is x:
        floor.say("I5", f"{y} has a predecessor already, and is given {x}")
    if (y.conversation, y.customer) != (x.conversation, x.customer):
        floor.say("I16", f"{y} continues {x} in another conversation")
    until = event.at if x.state != State.ACTIVE else x.answered_at
    if x.state == State.QUEUED:
        until = max(until, x.not_before)
    waited_ms = max(0, until - x.since)
    told_ms = max(event.at, y.not_before) - y.since
    if told_ms != waited_ms:
        floor.say("I4", f"{x} had waited {waited_ms} ms, its successor has {told_ms}")
    if event.context != y.context:
        floor.say("I10", f"{y} carries version {y.context}, not {event.context}")
    y.predecessor, y.relation = x.row, event.mode
    y.opened = y.opened or event.mode in ASIDE
    x.successors.append(y.row)


# ------------------------------------------------------------------ hold-back


def claimed(x: SecondInteraction, event: Fact) -> None:
    """A new claim: what was weighed for the last owner counts no more."""
    x.owner, x.hold_until = event.other, event.until
    x.source, x.owned_since = event.mode, event.at
    x.weighed_until = 0
    x.hold_over = False


def weighed(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    _judge_sum(floor, x, event, event.until > 0)
    queue = floor.rules.queue(x.queue)
    most = queue["hold_back_max_ms"] if queue else 0
    if x.weighed_until:
        # A policy with a lower limit may have come in between.
        if event.until != min(x.hold_until, event.at + most):
            floor.say("I17", f"{x} is not held back as long as was said")
    elif event.until and event.until - event.at != most:
        floor.say("I17", f"{x} is held back until {event.until}, not for {most} ms")
    if x.hold_over:
        floor.say("I17", f"{x} is weighed again after its hold-back was over")
    if event.until and not event.at < event.not_before <= event.until:
        floor.say("I6", f"{x} is held back, and never weighed again")
    x.hold_until, x.weighed_until = event.until, event.not_before
    x.hold_over = event.until == 0


def _judge_sum(
    floor: SecondFloor, x: SecondInteraction, event: Fact, held: bool
) -> None:
    if event.other != x.owner:
        floor.say("I8", f"{x} is weighed for {event.other}, {x.owner} owns it")
    queue = floor.rules.queue(x.queue)
    if queue and event.value != queue["continuity_value_ms"]:
        floor.say("I17", f"{x} is weighed at {event.value}, not as its queue says")
    claim = floor.book.strength(x.source, x.owned_since, event.at)
    if event.count != claim:
        floor.say("I8", f"a claim on {x} is told as {event.count}, it is {claim}")
    pays = event.value * event.count // 1000 > event.score - event.since
    cap_is_none = bool(queue and not queue["hold_back_max_ms"])
    if (held and not pays) or (pays and not held and not cap_is_none):
        floor.say("I8", f"{x} is held back against the sum")


def hold_back_ended(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if x.hold_until <= 0:
        floor.say("I9", f"{x} is not held back for anybody")
    elif event.reason in (Reason.NONE, Reason.LIMIT) and event.at < x.hold_until:
        early_ms = x.hold_until - event.at
        floor.say("I9", f"{x} is free for others {early_ms} ms early")
    if event.reason == Reason.NOT_WORTH_IT:
        _judge_sum(floor, x, event, False)
    x.hold_until = 0
    x.weighed_until = 0
    x.hold_over = True


# ------------------------------------------------------------------ company


def opened(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if x.companion == NOBODY or x.opened:
        floor.say("I5", f"{x} is opened to others, and waits for nobody alone")
    elif event.other != x.companion:
        floor.say("I5", f"{x} waits for {x.companion}, it is told for {event.other}")
    if event.since != x.companion_since:
        floor.say("I8", f"{x} waits for its companion since {x.companion_since}")
    if event.reason == Reason.NONE:
        floor.say("I7", f"{x} parts from its company without a reason")
    queue = floor.rules.queue(x.queue)
    most_ms = queue["companion_wait_max_ms"] if queue else 0
    if event.reason == Reason.LIMIT and event.at < x.companion_since + most_ms:
        floor.say("I9", f"{x} is opened to others too early")
    x.opened = True


def due(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    if not x.not_before:
        floor.say("I9", f"{x} was not scheduled")
    elif event.at < x.not_before:
        floor.say("I9", f"{x} is due {x.not_before - event.at} ms early")
    x.not_before = 0
    x.queued_at = event.at


def acknowledged(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    here = floor.book.conversations.get(x.conversation)
    if event.agent != x.agent:
        floor.say(
            "I1", f"{event.agent} has seen the context of {x}, {x.agent} holds it"
        )
    if here is None or not x.acknowledged < event.context <= here.version:
        floor.say("I10", f"version {event.context} of {x} is seen, and is not there")
    x.acknowledged = event.context


# ------------------------------------------------------------------ customers


def _appended(floor: SecondFloor, event: Fact) -> None:
    book = floor.book
    book.customer(event.customer)
    version = event.context - 1
    here = book.conversation(event.conversation, event.customer, version)
    if version != here.version:
        what = f"conversation {event.conversation} goes from {here.version} to"
        floor.say("I10", f"{what} {event.context}")
    if book.marks(event.customer) & (BLOCKED | Mark.RESTRICTED):
        floor.say("I11", f"something is added to blocked customer {event.customer}")
    here.version = event.context


def _taken(floor: SecondFloor, event: Fact) -> None:
    here = floor.book.conversations.get(event.conversation)
    if here is None:
        floor.say("I5", f"conversation {event.conversation} is owned, and is not here")
        return
    if event.other != here.owner:
        what = f"conversation {event.conversation} was owned by {here.owner}, not by"
        floor.say("I8", f"{what} {event.other}")
    here.owner, here.owned_since = event.agent, event.at


def _lapsed(floor: SecondFloor, event: Fact) -> None:
    here = floor.book.conversations.get(event.conversation)
    if here is None or here.owner != event.agent:
        what = f"agent {event.agent} loses conversation {event.conversation}"
        floor.say("I8", f"{what}, which they do not own")
    if here is not None:
        here.owner, here.owned_since = NOBODY, 0


def all_lapsed(floor: SecondFloor, event: Fact) -> None:
    owned = floor.book.owned_by(event.agent)
    if event.count != len(owned):
        what = f"agent {event.agent} owns {len(owned)}, they lose {event.count}"
        floor.say("I8", what)
    for here in owned:
        here.owner, here.owned_since = NOBODY, 0


def _merged(floor: SecondFloor, event: Fact) -> None:
    floor.book.customer(event.customer)
    other = floor.book.customer(event.other)
    if other.merged_into != NOBODY or event.other in floor.book.chain(event.customer):
        floor.say("I5", f"customer {event.other} is merged in a circle, or twice")
        return
    floor.book.merge(event.customer, event.other, event.at)


def _unmerged(floor: SecondFloor, event: Fact) -> None:
    floor.book.customer(event.customer)
    if floor.book.customer(event.other).merged_into != event.customer:
        floor.say("I5", f"customer {event.other} is unmerged and was not merged")
        return
    floor.book.unmerge(event.customer, event.other, event.at)


def _erasure_requested(floor: SecondFloor, event: Fact) -> None:
    floor.book.customer(event.customer).marks |= Mark.ERASURE_REQUESTED
    _drop_context(floor, event.customer)


def _erased(floor: SecondFloor, event: Fact) -> None:
    customer = floor.book.customer(event.customer)
    if not floor.book.marks(event.customer) & BLOCKED:
        floor.say("I11", f"customer {event.customer} is erased without being asked for")
    customer.marks |= BLOCKED
    customer.granted.clear()
    customer.last_agent = customer.account_owner = customer.team = NOBODY
    customer.last_agent_at = customer.account_since = 0
    _drop_context(floor, event.customer)


def _restricted(floor: SecondFloor, event: Fact) -> None:
    customer = floor.book.customer(event.customer)
    if event.mode:
        customer.marks |= Mark.RESTRICTED
    else:
        customer.marks &= ~Mark.RESTRICTED


def _consented(floor: SecondFloor, event: Fact) -> None:
    customer = floor.book.customer(event.customer)
    given, taken = customer.granted, customer.withdrawn
    if not event.count:
        given, taken = taken, given
    given.add(event.mode)
    taken.discard(event.mode)
    if not event.count and event.mode == Purpose.CARRY_OVER:
        _drop_context(floor, event.customer)


def _drop_context(floor: SecondFloor, customer: int) -> None:
    for row in floor.book.customers[floor.book.root(customer)].company:
        x = floor.interactions[row]
        if customer in floor.book.chain(x.customer):
            x.context = 0


def _account_owner(floor: SecondFloor, event: Fact) -> None:
    customer = floor.book.customer(event.customer)
    customer.account_owner, customer.account_since = event.agent, event.at
    customer.team = event.other


def _forget_conversation(floor: SecondFloor, event: Fact) -> None:
    here = floor.book.conversations.pop(event.conversation, None)
    if here is None:
        floor.say("I5", f"conversation {event.conversation} is forgotten, is not here")
    elif here.interactions:
        floor.say("I5", f"conversation {event.conversation} is forgotten too early")


def _forget_customer(floor: SecondFloor, event: Fact) -> None:
    if event.customer not in floor.book.customers:
        floor.say("I5", f"customer {event.customer} is forgotten, and is not here")
        return
    if floor.book.refers(event.customer) or floor.book.is_kept(event.customer):
        floor.say("I5", f"customer {event.customer} is forgotten too early")
    del floor.book.customers[event.customer]


def note_last_agent(floor: SecondFloor, x: SecondInteraction, event: Fact) -> None:
    """Whoever answers knows the customer, unless it is a program."""
    if x.relation in ASIDE or floor.rules.get(Table.ROSTER, event.agent, "kind"):
        return
    for row in floor.book.chain(x.customer):
        floor.book.customers[row].last_agent = event.agent
        floor.book.customers[row].last_agent_at = event.at


ON_CUSTOMERS: Final[dict[int, Callable[[SecondFloor, Fact], None]]] = {
    Kind.CONTEXT_APPENDED: _appended,
    Kind.OWNERSHIP_TAKEN: _taken,
    Kind.OWNERSHIP_LAPSED: lambda floor, event: (
        all_lapsed if event.conversation == NOBODY else _lapsed
    )(floor, event),
    Kind.CONVERSATION_FORGOTTEN: _forget_conversation,
    Kind.CUSTOMER_FORGOTTEN: _forget_customer,
    Kind.CUSTOMERS_MERGED: _merged,
    Kind.CUSTOMERS_UNMERGED: _unmerged,
    Kind.ERASURE_REQUESTED: _erasure_requested,
    Kind.CUSTOMER_ERASED: _erased,
    Kind.CUSTOMER_RESTRICTED: _restricted,
    Kind.CONSENT_SET: _consented,
    Kind.ACCOUNT_OWNER_SET: _account_owner,
}
