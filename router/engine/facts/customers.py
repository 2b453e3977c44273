"""What facts about conversations and customers do to the floor. Part of `apply`; nothing
else calls it.

A row is taken by the first fact that names it and given back by a fact too
(`CONVERSATION_FORGOTTEN`, `CUSTOMER_FORGOTTEN`), once nothing refers to it: until then
it stands in a list of idle rows, in the order in which they became idle.
"""

from router.engine.company import (
    descends,
    is_aside,
    join_company,
    leave_company,
    review,
    root_of,
)  # fmt: skip
from router.engine.compiled import compiled
from router.engine.kinds import Kind
from router.engine.tables import NOBODY
from router.model.agent import AgentKind
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
        _forget_conversation(floor, v, at)
        return
    if kind == Kind.CUSTOMER_FORGOTTEN:
        _forget_customer(floor, c)
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
        _own(floor, v, event.agent, at)
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


# ------------------------------------------------------------------ rows


@compiled
def next_conversation(floor):
    """The row that the next conversation will take."""
    house = floor.house[0]
    if house.spare_conversations > 0:
        return floor.spare_conversations[house.spare_conversations - 1]
    return house.conversations


@compiled
def next_customer(floor):
    """The row that the next customer will take."""
    house = floor.house[0]
    if house.spare_customers > 0:
        return floor.spare_customers[house.spare_customers - 1]
    return house.customers


@compiled
def take_conversation(floor, v, c, version):
    """Use row `v`; a free one is blanked first and begins at `version`."""
    conversation = floor.conversations[v]
    if conversation.used:
        if conversation.customer == NOBODY and c != NOBODY:
            conversation.customer = c
            floor.customers[c].references += 1
        return
    house = floor.house[0]
    if house.spare_conversations > 0:
        house.spare_conversations -= 1
        floor.spare_conversations[house.spare_conversations] = 0
    else:
        house.conversations += 1
    conversation.used = 1
    conversation.customer = c
    conversation.owner = NOBODY
    conversation.next_owned = NOBODY
    conversation.previous_owned = NOBODY
    conversation.next_idle = NOBODY
    conversation.previous_idle = NOBODY
    conversation.version = version
    if c != NOBODY:
        floor.customers[c].references += 1


@compiled
def take_customer(floor, c):
    customer = floor.customers[c]
    if customer.used:
        return
    house = floor.house[0]
    if house.spare_customers > 0:
        house.spare_customers -= 1
        floor.spare_customers[house.spare_customers] = 0
    else:
        house.customers += 1
    customer.used = 1
    customer.team = NOBODY
    customer.merged_into = NOBODY
    customer.first_live = NOBODY
    customer.last_live = NOBODY
    customer.last_agent = NOBODY
    customer.account_owner = NOBODY
    customer.next_idle = NOBODY
    customer.previous_idle = NOBODY


@compiled
def belong(floor, i, event):
    """An interaction arrives that names its conversation, its customer, or both."""
    interaction = floor.interactions[i]
    c = event.customer
    v = event.conversation
    interaction.conversation = v
    interaction.customer = c
    interaction.context = event.context
    if c != NOBODY:
        take_customer(floor, c)
        floor.customers[c].references += 1
        above = c
        while above != NOBODY and interaction.team == NOBODY:
            interaction.team = floor.customers[above].team
            above = floor.customers[above].merged_into
    if v != NOBODY:
        take_conversation(floor, v, c, event.count)
        floor.conversations[v].interactions += 1
        settle_conversation(floor, v, event.at, False)
    if c != NOBODY:
        settle_customer(floor, c, event.at)


@compiled
def let_belong(floor, i, at):
    """The interaction is forgotten: nothing is held up by it any more."""
    interaction = floor.interactions[i]
    v = interaction.conversation
    c = interaction.customer
    if v != NOBODY:
        floor.conversations[v].interactions -= 1
        settle_conversation(floor, v, at, False)
    if c != NOBODY:
        floor.customers[c].references -= 1
        settle_customer(floor, c, at)


@compiled
def settle_conversation(floor, v, at, afresh):
    """In or out of the list of idle ones; `afresh`: to its end."""
    conversation = floor.conversations[v]
    house = floor.house[0]
    idle = conversation.interactions == 0
    if conversation.idle and (afresh or not idle):
        before = conversation.previous_idle
        after = conversation.next_idle
        if before == NOBODY:
            house.first_idle_conversation = after
        else:
            floor.conversations[before].next_idle = after
        if after == NOBODY:
            house.last_idle_conversation = before
        else:
            floor.conversations[after].previous_idle = before
        conversation.previous_idle = NOBODY
        conversation.next_idle = NOBODY
        conversation.idle = 0
        conversation.idle_since = 0
        house.idle_conversations -= 1
    if idle and not conversation.idle:
        before = house.last_idle_conversation
        conversation.previous_idle = before
        if before == NOBODY:
            house.first_idle_conversation = v
        else:
            floor.conversations[before].next_idle = v
        house.last_idle_conversation = v
        conversation.idle = 1
        conversation.idle_since = at
        house.idle_conversations += 1


@compiled
def settle_customer(floor, c, at):
    """The same for customers. What was said of one for good keeps the row."""
    customer = floor.customers[c]
    house = floor.house[0]
    idle = (
        customer.references == 0
        and customer.marks == 0
        and customer.withdrawn == 0
        and customer.merged_into == NOBODY
        and customer.merged == 0
        and customer.account_owner == NOBODY
        and customer.team == NOBODY
    )
    if customer.idle and not idle:
        before = customer.previous_idle
        after = customer.next_idle
        if before == NOBODY:
            house.first_idle_customer = after
        else:
            floor.customers[before].next_idle = after
        if after == NOBODY:
            house.last_idle_customer = before
        else:
            floor.customers[after].previous_idle = before
        customer.previous_idle = NOBODY
        customer.next_idle = NOBODY
        customer.idle = 0
        customer.idle_since = 0
        house.idle_customers -= 1
    elif idle and not customer.idle:
        before = house.last_idle_customer
        customer.previous_idle = before
        if before == NOBODY:
            house.first_idle_customer = c
        else:
            floor.customers[before].next_idle = c
        house.last_idle_customer = c
        customer.idle = 1
        customer.idle_since = at
        house.idle_customers += 1


@compiled
def _forget_conversation(floor, v, at):
    """Blank the row, so that equal histories leave equal bytes."""
    conversation = floor.conversations[v]
    house = floor.house[0]
    disown(floor, v)
    conversation.interactions = 1
    settle_conversation(floor, v, at, False)
    c = conversation.customer
    if c != NOBODY:
        floor.customers[c].references -= 1
        settle_customer(floor, c, at)
    conversation.used = 0
    conversation.customer = NOBODY
    conversation.interactions = 0
    conversation.version = 0
    conversation.appended_at = 0
    floor.spare_conversations[house.spare_conversations] = v
    house.spare_conversations += 1


@compiled
def _forget_customer(floor, c):
    customer = floor.customers[c]
    house = floor.house[0]
    customer.references = 1
    settle_customer(floor, c, 0)
    customer.references = 0
    customer.used = 0
    customer.granted = 0
    customer.last_agent = NOBODY
    customer.last_agent_at = 0
    customer.account_since = 0
    floor.spare_customers[house.spare_customers] = c
    house.spare_customers += 1


# ------------------------------------------------------------------ ownership


@compiled
def _own(floor, v, a, at):
    conversation = floor.conversations[v]
    agent = floor.agents[a]
    conversation.owner = a
    conversation.owned_since = at
    conversation.previous_owned = NOBODY
    conversation.next_owned = agent.first_owned
    if agent.first_owned != NOBODY:
        floor.conversations[agent.first_owned].previous_owned = v
    agent.first_owned = v
    agent.owned += 1


@compiled
def disown(floor, v):
    conversation = floor.conversations[v]
    if conversation.owner == NOBODY:
        return
    agent = floor.agents[conversation.owner]
    before = conversation.previous_owned
    after = conversation.next_owned
    if before == NOBODY:
        agent.first_owned = after
    else:
        floor.conversations[before].next_owned = after
    if after != NOBODY:
        floor.conversations[after].previous_owned = before
    conversation.owner = NOBODY
    conversation.owned_since = 0
    conversation.next_owned = NOBODY
    conversation.previous_owned = NOBODY
    agent.owned -= 1


@compiled
def disown_all(floor, a):
    while floor.agents[a].first_owned != NOBODY:
        disown(floor, floor.agents[a].first_owned)


@compiled
def note_last_agent(floor, c, a, at):
    """A person has answered: they know the customer, under whatever name."""
    if floor.roster[a].kind != AgentKind.HUMAN:
        return
    while c != NOBODY:
        customer = floor.customers[c]
        customer.last_agent = a
        customer.last_agent_at = at
        c = customer.merged_into


# ------------------------------------------------------------------ customers


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


# ------------------------------------------------------------------ lineage


@compiled
def link(floor, i, successor, relation):
    """`successor` comes from `i`; the first of several stands in front."""
    follower = floor.interactions[successor]
    follower.predecessor = i
    follower.relation = relation
    if is_aside(follower):
        follower.opened = 1
    interaction = floor.interactions[i]
    if interaction.successor == NOBODY:
        interaction.successor = successor
        return
    last = interaction.successor
    while floor.interactions[last].sibling != NOBODY:
        last = floor.interactions[last].sibling
    floor.interactions[last].sibling = successor


@compiled
def unlink(floor, i):
    """A row that is taken again is nobody's predecessor and nobody's successor."""
    interaction = floor.interactions[i]
    follower = interaction.successor
    while follower != NOBODY:
        following = floor.interactions[follower].sibling
        floor.interactions[follower].predecessor = NOBODY
        floor.interactions[follower].sibling = NOBODY
        follower = following
    interaction.successor = NOBODY
    if interaction.predecessor != NOBODY:
        before = floor.interactions[interaction.predecessor]
        if before.successor == i:
            before.successor = interaction.sibling
        else:
            last = before.successor
            while floor.interactions[last].sibling != i:
                last = floor.interactions[last].sibling
            floor.interactions[last].sibling = interaction.sibling
    interaction.predecessor = NOBODY
    interaction.sibling = NOBODY
