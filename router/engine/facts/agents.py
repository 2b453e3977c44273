"""What facts about agents do to the floor. Part of `apply`; nothing else calls it."""

from router.engine.compiled import compiled
from router.engine.facts.owned import disown_all
from router.engine.kinds import Kind
from router.engine.shift import count_holder, refresh_freedom
from router.engine.tables import NEVER, NOBODY
from router.engine.timers import agent_subject, set_timer
from router.model.agent import Link, Presence
from router.model.interaction import Flag, State

_AGENT_LOST = int(Flag.AGENT_LOST)
LOST = -1
"""The session of an agent whose stream is known to have gone; 0 is one who has not
opened one yet."""


@compiled
def apply_to_agent(floor, event):
    kind = event.kind
    a = event.agent
    at = event.at
    agent = floor.agents[a]
    if kind == Kind.AGENT_SIGNED_IN:
        if agent.signed_in == 0:
            agent.signed_in = 1
            floor.house[0].signed_in += 1
            count_holder(floor, a, 1)
            agent.signed_in_at = at
            agent.busy_ms = 0
            agent.busy_since = at
            agent.idle_since = at
        agent.link = event.mode
        if event.mode == Link.GATEWAY and agent.session == LOST:
            agent.session = 0
            _flag_work(floor, a, False)
        agent.reachable = 1 if event.mode == Link.GATEWAY or agent.session > 0 else 0
        if agent.reachable:
            set_timer(floor, agent_subject(a), NEVER)
        agent.presence = event.presence
        agent.presence_since = at
        agent.reason = event.reason
        agent.requested = NOBODY
    elif kind == Kind.AGENT_PRESENCE_CHANGED:
        if agent.presence != event.presence:
            agent.presence_since = at
        agent.presence = event.presence
        agent.reason = event.reason
        agent.requested = NOBODY
        agent.requested_reason = 0
        if event.presence == Presence.OFFLINE:
            if agent.signed_in:
                agent.signed_in = 0
                floor.house[0].signed_in -= 1
                count_holder(floor, a, -1)
            set_timer(floor, agent_subject(a), NEVER)
        elif event.presence == Presence.AVAILABLE and agent.load == 0:
            agent.idle_since = at
    elif kind == Kind.AGENT_PRESENCE_REQUESTED:
        agent.requested = event.presence
        agent.requested_reason = event.reason
    elif kind == Kind.AGENT_LOST:
        agent.reachable = 0
        agent.session = LOST
        _flag_work(floor, a, True)
        set_timer(floor, agent_subject(a), event.until)
    elif kind == Kind.AGENT_RECONNECTED:
        agent.reachable = 1
        agent.session = event.count
        _flag_work(floor, a, False)
        set_timer(floor, agent_subject(a), NEVER)
    elif kind == Kind.AGENT_DEFINED:
        floor.house[0].roster_version += 1
    elif kind == Kind.OWNERSHIP_LAPSED:
        disown_all(floor, a)
    elif kind == Kind.AGENT_REMOVED:
        floor.roster[a].defined = 0
        floor.house[0].roster_version += 1
    refresh_freedom(floor, a)


@compiled
def _flag_work(floor, a, lost):
    """Live work of an agent who cannot be reached is flagged, never dropped."""
    i = floor.agents[a].first_work
    while i != NOBODY:
        interaction = floor.interactions[i]
        if interaction.state != State.OFFERED:
            if lost:
                interaction.marks |= _AGENT_LOST
            else:
                interaction.marks &= ~_AGENT_LOST
        i = interaction.next_work
