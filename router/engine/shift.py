"""An agent's shift on the floor: load, freedom, and what their skills are worth to the
rest.

Only `apply` calls what changes here.
"""

from router.engine.compiled import compiled
from router.engine.lists import join_work, leave_work
from router.engine.seating import reseat
from router.engine.tables import HELD_MAX, NOBODY
from router.model.agent import Presence
from router.model.interaction import Flag

_INTERRUPTED = int(Flag.INTERRUPTED)
SCARCE_UP_TO = 8
"""A skill that so many signed-in agents hold, or more, has no price."""


@compiled
def may_be_offered(floor, a):
    """Whether the agent could be offered anything at all just now. Room for a given
    interaction comes later.
    """
    agent = floor.agents[a]
    return (
        agent.signed_in != 0
        and floor.roster[a].defined != 0
        and agent.reachable != 0
        and agent.presence == Presence.AVAILABLE
        and (agent.requested < 0 or agent.requested == Presence.AVAILABLE)
        and agent.open_offers < floor.rules[0].open_per_agent
        and (
            agent.load - agent.interruptible_load < floor.roster[a].capacity
            # Beside another channel of the same customer one may weigh nothing.
            or agent.first_awaited != NOBODY
        )
    )


@compiled
def refresh_freedom(floor, a):
    """Keep true who is free, after anything about agent `a` changed."""
    agent = floor.agents[a]
    house = floor.house[0]
    free = may_be_offered(floor, a)
    if free and agent.free_position == NOBODY:
        agent.free_position = house.free_agents
        floor.free[house.free_agents] = a
        house.free_agents += 1
    elif not free and agent.free_position != NOBODY:
        house.free_agents -= 1
        moved = floor.free[house.free_agents]
        floor.free[house.free_agents] = 0
        if moved != a:
            floor.free[agent.free_position] = moved
            floor.agents[moved].free_position = agent.free_position
        agent.free_position = NOBODY
    if floor.seating[0].live:
        reseat(floor, a, free)


@compiled
def add_load(floor, a, weight, at):
    agent = floor.agents[a]
    if agent.load == 0:
        agent.busy_since = at
    agent.load += weight


@compiled
def drop_load(floor, a, weight, at):
    agent = floor.agents[a]
    agent.load -= weight
    if agent.load == 0:
        agent.busy_ms += at - agent.busy_since
        agent.idle_since = at


@compiled
def take_on(floor, a, i, at):
    """An offer is load from the moment it is made."""
    agent = floor.agents[a]
    interaction = floor.interactions[i]
    join_work(floor, a, i)
    interaction.agent = a
    agent.open_offers += 1
    agent.channel_load[interaction.channel] += 1
    if floor.channel_rules[interaction.channel].exclusive:
        agent.exclusive += 1
    add_load(floor, a, interaction.weight, at)


@compiled
def let_go(floor, a, i, at):
    """The interaction leaves the agent: as an offer that was not accepted, or as work
    that is over.
    """
    agent = floor.agents[a]
    interaction = floor.interactions[i]
    leave_work(floor, a, i)
    agent.channel_load[interaction.channel] -= 1
    if floor.channel_rules[interaction.channel].exclusive:
        agent.exclusive -= 1
    if interaction.marks & _INTERRUPTED:
        interaction.marks &= ~_INTERRUPTED
    else:
        drop_load(floor, a, interaction.weight, at)
    interaction.agent = NOBODY


@compiled
def count_holder(floor, a, sign):
    """Agent `a` joins (+1) or leaves (-1) those who hold the skills that queues ask
    for.
    """
    house = floor.house[0]
    roster = floor.roster[a]
    rules = floor.rules[0]
    for k in range(min(roster.held_count, HELD_MAX)):
        skill = roster.held[k]
        if rules.demanded[skill] > 0 and roster.level[skill] >= rules.demanded[skill]:
            house.holders[skill] += sign
            reprice(floor, skill)


@compiled
def reprice(floor, skill):
    """The price of spending a skill: 1000 for its only holder, half with two, nothing
    once it is common.
    """
    house = floor.house[0]
    if house.price[skill] > 0:
        house.any_price -= 1
    holders = house.holders[skill]
    house.price[skill] = 1000 // holders if 0 < holders <= SCARCE_UP_TO else 0
    if house.price[skill] > 0:
        house.any_price += 1


@compiled
def recount_holders(floor):
    """Count all holders anew, after the rules have changed what is demanded."""
    house = floor.house[0]
    for skill in range(house.holders.shape[0]):
        house.holders[skill] = 0
        reprice(floor, skill)
    for a in range(floor.agents.shape[0]):
        if floor.agents[a].signed_in:
            count_holder(floor, a, 1)
