"""The rows of conversations and customers: taken by the first fact that names them, idle
once nothing refers to them, and given back by a fact too. Part of `apply`.

Idle rows stand in a list, in the order in which they became idle.
"""

from router.engine.compiled import compiled
from router.engine.facts.owned import disown
from router.engine.tables import NOBODY


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
def forget_conversation(floor, v, at):
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
def forget_customer(floor, c):
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
