"""How busy an agent is, and has been since they signed in."""

from router.engine.compiled import compiled
from router.engine.tables import Floor

IDLE_FULL_MS = 600_000
"""After so long without work an agent is as idle as can be."""
IDLE_UNIT_MS = IDLE_FULL_MS // 1000


@compiled
def occupancy(floor: Floor, a: int, now: int) -> int:
    """Share of the time since sign-in with any load, in thousandths."""
    agent = floor.agents[a]
    busy_ms = agent.busy_ms
    if agent.load > 0:
        busy_ms += now - agent.busy_since
    signed_in_ms = now - agent.signed_in_at
    if busy_ms <= 0 or signed_in_ms <= 0:
        return 0
    return int(min(1000, 1000 * busy_ms // signed_in_ms))


@compiled
def idleness(since: int, now: int) -> int:
    """How long somebody without work has been idle, in thousandths of ten minutes."""
    return min(IDLE_FULL_MS, now - since) // IDLE_UNIT_MS


@compiled
def leisure(floor: Floor, a: int, now: int) -> int:
    """The mean of the share of the shift without load and of the room left now, in
    thousandths.
    """
    agent = floor.agents[a]
    room = 1000
    if agent.load > 0:
        capacity = floor.roster[a].capacity
        room = 1000 * (capacity - agent.load) // max(1, capacity)
    return (1000 - occupancy(floor, a, now) + room) // 2
