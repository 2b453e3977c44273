"""Company: a customer's live interactions, who waits for one agent alone, and the person
behind merged customers.

While one interaction of a customer is with an agent, the others may go only to that
agent (their *companion*). The lists that keep this cheap are changed here; only `apply`
calls what changes them.
"""

from router.engine.compiled import compiled
from router.engine.facts.arming import arm
from router.engine.shift import refresh_freedom
from router.engine.tables import NOBODY
from router.model.conversation import Relation
from router.model.interaction import State

_CONSULT = int(Relation.CONSULT)
_CONFERENCE = int(Relation.CONFERENCE)


@compiled
def root_of(floor, c):
    """The customer that `c` was merged into, however often; itself if never."""
    while floor.customers[c].merged_into != NOBODY:
        c = floor.customers[c].merged_into
    return c


@compiled
def descends(floor, c, other):
    """Whether customer `c` is `other`, or was merged into it."""
    while c != NOBODY:
        if c == other:
            return True
        c = floor.customers[c].merged_into
    return False


@compiled
def is_aside(interaction):
    """Whether it brings in a colleague, so that the one agent of the customer is the
    last who should get it.
    """
    return interaction.relation == _CONSULT or interaction.relation == _CONFERENCE


@compiled
def keep_company(floor, i, at):
    """Something has happened to `i`: keep the list of its customer's live interactions
    and everybody's companion true.
    """
    interaction = floor.interactions[i]
    live = State.QUEUED <= interaction.state <= State.WRAPPING
    if live != (interaction.in_company != 0):
        interaction.in_company = 1 if live else 0
        step = 1 if live else -1
        if interaction.conversation != NOBODY:
            floor.conversations[interaction.conversation].live += step
        if interaction.customer != NOBODY:
            root = root_of(floor, interaction.customer)
            if live:
                join_company(floor, root, i)
            else:
                leave_company(floor, root, i)
    if interaction.customer != NOBODY:
        review(floor, root_of(floor, interaction.customer), at)
    if not live:
        interaction.companion = NOBODY
        interaction.opened = 0
    await_whom(floor, i)


@compiled
def join_company(floor, root, i):
    """The newest stands last."""
    customer = floor.customers[root]
    interaction = floor.interactions[i]
    interaction.previous_in_company = customer.last_live
    interaction.next_in_company = NOBODY
    if customer.last_live == NOBODY:
        customer.first_live = i
    else:
        floor.interactions[customer.last_live].next_in_company = i
    customer.last_live = i
    customer.live += 1


@compiled
def leave_company(floor, root, i):
    customer = floor.customers[root]
    interaction = floor.interactions[i]
    before = interaction.previous_in_company
    after = interaction.next_in_company
    if before == NOBODY:
        customer.first_live = after
    else:
        floor.interactions[before].next_in_company = after
    if after == NOBODY:
        customer.last_live = before
    else:
        floor.interactions[after].previous_in_company = before
    interaction.next_in_company = NOBODY
    interaction.previous_in_company = NOBODY
    customer.live -= 1


@compiled
def review(floor, root, at):
    """Name the companion of all who wait: the agent at the first live interaction of
    the customer, else the one whom the first open offer was made to.
    """
    companion = NOBODY
    rings = NOBODY
    i = floor.customers[root].first_live
    while i != NOBODY and companion == NOBODY:
        interaction = floor.interactions[i]
        if interaction.state == State.ACTIVE:
            companion = interaction.agent
        elif interaction.state == State.OFFERED and rings == NOBODY:
            rings = interaction.agent
        i = interaction.next_in_company
    if companion == NOBODY:
        companion = rings
    i = floor.customers[root].first_live
    while i != NOBODY:
        interaction = floor.interactions[i]
        waits = interaction.state == State.QUEUED
        now_with = companion if waits else NOBODY
        if now_with != interaction.companion:
            interaction.companion = now_with
            interaction.companion_since = at if now_with != NOBODY else 0
            if waits:
                if now_with == NOBODY and not is_aside(interaction):
                    interaction.opened = 0
                arm(floor, i)
        if waits:
            await_whom(floor, i)
        i = interaction.next_in_company


@compiled
def await_whom(floor, i):
    """Stand in the list of the one agent whom `i` waits for, if there is one."""
    interaction = floor.interactions[i]
    whom = NOBODY
    if interaction.state == State.QUEUED:
        if interaction.companion != NOBODY and interaction.opened == 0:
            whom = interaction.companion
        elif interaction.owner != NOBODY and interaction.hold_until > 0:
            whom = interaction.owner
    if whom == interaction.awaits:
        return
    before = interaction.awaits
    if before != NOBODY:
        if interaction.previous_awaited == NOBODY:
            floor.agents[before].first_awaited = interaction.next_awaited
        else:
            other = floor.interactions[interaction.previous_awaited]
            other.next_awaited = interaction.next_awaited
        if interaction.next_awaited != NOBODY:
            other = floor.interactions[interaction.next_awaited]
            other.previous_awaited = interaction.previous_awaited
        interaction.next_awaited = NOBODY
        interaction.previous_awaited = NOBODY
    interaction.awaits = whom
    if whom != NOBODY:
        agent = floor.agents[whom]
        interaction.next_awaited = agent.first_awaited
        if agent.first_awaited != NOBODY:
            floor.interactions[agent.first_awaited].previous_awaited = i
        agent.first_awaited = i
    if before != NOBODY:
        refresh_freedom(floor, before)
    if whom != NOBODY:
        refresh_freedom(floor, whom)
