"""Room: what an agent has left, by channel limits, exclusive work and capacity."""

from router.engine.compiled import compiled
from router.engine.kinds import Rule
from router.engine.tables import Floor


@compiled
def room_rule(floor: Floor, channel: int, weight: int, a: int) -> Rule:
    """Whether the agent has room: the channel's limit, exclusive work, capacity."""
    return room_beside(floor, channel, weight, a, 0)


@compiled
def room_beside(
    floor: Floor, channel: int, weight: int, a: int, overlooked: int
) -> Rule:
    """The same, with so many exclusive works of other channels overlooked."""
    agent = floor.agents[a]
    roster = floor.roster[a]
    if agent.channel_load[channel] >= roster.limit[channel]:
        return Rule.CHANNEL_LIMIT
    rules = floor.channel_rules[channel]
    own_exclusive = agent.channel_load[channel] if rules.exclusive else 0
    if agent.exclusive > own_exclusive + overlooked:
        return Rule.EXCLUSIVE_CHANNEL
    taken = agent.load
    if rules.interruptible == 0:
        # Interruptible work gives way to work that is not.
        taken -= agent.interruptible_load
    if taken + weight > roster.capacity:
        return Rule.CAPACITY
    return Rule.NONE
