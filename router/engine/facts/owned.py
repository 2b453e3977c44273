"""Who owns what: each agent's list of conversations, and who knows a customer. Part of
`apply`.
"""

from router.engine.compiled import compiled
from router.engine.tables import NOBODY
from router.model.agent import AgentKind


@compiled
def own(floor, v, a, at):
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
