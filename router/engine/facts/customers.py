"""What facts about conversations and customers do to the floor. Part of `apply`; nothing
else calls it.
"""

from router.engine.company import (
    descends,
    join_company,
    leave_company,
    review,
    root_of,
)
from router.engine.compiled import compiled
from router.engine.facts.kept import (
    forget_conversation,
    forget_customer,
    settle_conversation,
    settle_customer,
    take_conversation,
    take_customer,
)
from router.engine.facts.owned import disown, own
from router.engine.kinds import Kind
from router.engine.tables import NOBODY
from router.model.conversation import Mark, Purpose

_RESTRICTED = int(Mark.RESTRICTED)
_ERASURE_REQUESTED = int(Mark.ERASURE_REQUESTED)
_ERASED = int(Mark.ERASED)


@compiled
def apply_to_customer(floor, event):
    kind = event.kind
    at = event.at
    c = event.customer
    v = event.conversation
    if kind == Kind.CONVERSATION_FORGOTTEN:
        forget_conversation(floor, v, at)
        return
    if kind == Kind.CUSTOMER_FORGOTTEN:
        forget_customer(floor, c)
        return
    if c != NOBODY:
        take_customer(floor, c)
    if kind == Kind.CONTEXT_APPENDED:
        take_conversation(floor, v, c, event.context - 1)
        conversation = floor.conversations[v]
        conversation.version = event.context
        conversation.appended_at = at
    elif kind == Kind.OWNERSHIP_TAKEN:
        disown(floor, v)
        own(floor, v, event.agent, at)
    elif kind == Kind.OWNERSHIP_LAPSED:
        disown(floor, v)
    elif kind == Kind.CUSTOMERS_MERGED:
        take_customer(floor, event.other)
        _merge(floor, c, event.other, at)
    elif kind == Kind.CUSTOMERS_UNMERGED:
        _unmerge(floor, c, event.other, at)
    elif kind == Kind.ACCOUNT_OWNER_SET:
        customer = floor.customers[c]
        customer.account_owner = event.agent
        customer.account_since = at
        customer.team = event.other
    elif kind == Kind.CONSENT_SET:
        customer = floor.customers[c]
        bit = 1 << event.mode
        if event.count:
            customer.granted |= bit
            customer.withdrawn &= ~bit
        else:
            customer.granted &= ~bit
            customer.withdrawn |= bit
            if event.mode == Purpose.CARRY_OVER:
                _drop_context(floor, c)
    elif kind == Kind.CUSTOMER_RESTRICTED:
        if event.mode:
            floor.customers[c].marks |= _RESTRICTED
        else:
            floor.customers[c].marks &= ~_RESTRICTED
    elif kind == Kind.ERASURE_REQUESTED:
        floor.customers[c].marks |= _ERASURE_REQUESTED
        _drop_context(floor, c)
    elif kind == Kind.CUSTOMER_ERASED:
        _erase(floor, c)
    if v != NOBODY and kind != Kind.OWNERSHIP_TAKEN:
        # Used again just now: it goes to the end of the idle ones.
        settle_conversation(floor, v, at, True)
    if c != NOBODY:
        settle_customer(floor, c, at)


@compiled
def _merge(floor, c, other, at):
    floor.customers[other].merged_into = c
    floor.customers[c].merged += 1
    root = root_of(floor, c)
    while floor.customers[other].first_live != NOBODY:
        i = floor.customers[other].first_live
        leave_company(floor, other, i)
        join_company(floor, root, i)
    review(floor, root, at)
    settle_customer(floor, other, at)


@compiled
def _unmerge(floor, c, other, at):
    """Whoever came as `other`, or as one that was merged into it, is another person."""
    root = root_of(floor, c)
    i = floor.customers[root].first_live
    while i != NOBODY:
        following = floor.interactions[i].next_in_company
        if descends(floor, floor.interactions[i].customer, other):
            leave_company(floor, root, i)
            join_company(floor, other, i)
        i = following
    floor.customers[other].merged_into = NOBODY
    floor.customers[c].merged -= 1
    review(floor, root, at)
    review(floor, other, at)
    settle_customer(floor, other, at)


@compiled
def _erase(floor, c):
    """What is known of the person goes; the mark stays."""
    customer = floor.customers[c]
    customer.marks |= _ERASURE_REQUESTED | _ERASED
    customer.granted = 0
    customer.last_agent = NOBODY
    customer.last_agent_at = 0
    customer.account_owner = NOBODY
    customer.account_since = 0
    customer.team = NOBODY
    _drop_context(floor, c)


@compiled
def _drop_context(floor, c):
    """Live work goes on, and carries nothing any more of what was said before."""
    i = floor.customers[root_of(floor, c)].first_live
    while i != NOBODY:
        interaction = floor.interactions[i]
        if descends(floor, interaction.customer, c):
            interaction.context = 0
        i = interaction.next_in_company
