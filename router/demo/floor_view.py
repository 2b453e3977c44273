"""The floor as the event feed tells it: who waits, who works, what has been done.

A fold over `RoutingEvent`s, in the router's own time. It is the second side of the
day's account (the first is what the clients saw), and what the picture in the terminal
shows. Counts only interactions of this run; agents' work counts whatever it is for.
"""

from collections import Counter
from dataclasses import dataclass, field

from router.demo.account import Account, QueueTally
from router.v1.agent_pb2 import (
    PRESENCE_AVAILABLE,
    PRESENCE_AWAY,
    PRESENCE_OFFLINE,
    Presence,
)
from router.v1.event_pb2 import RoutingEvent


@dataclass(slots=True)
class AgentView:
    """One agent: presence, work in hand, and where the time went."""

    presence: Presence.ValueType = PRESENCE_OFFLINE
    working: set[str] = field(default_factory=set)
    wrapping: set[str] = field(default_factory=set)
    since_ms: int = 0
    busy_ms: int = 0
    idle_ms: int = 0

    def until(self, at_ms: int) -> None:
        """Book the time since the last change under what the agent was doing."""
        span_ms = max(0, at_ms - self.since_ms)
        self.since_ms = at_ms
        if self.working:
            self.busy_ms += span_ms
        elif self.presence == PRESENCE_AVAILABLE:
            self.idle_ms += span_ms

    @property
    def doing(self) -> str:
        """What the agent does now, in a word for the picture."""
        if self.working:
            return "wrap-up" if self.working <= self.wrapping else "busy"
        if self.presence == PRESENCE_AVAILABLE:
            return "free"
        return "away" if self.presence == PRESENCE_AWAY else "offline"


class FloorView:
    """What has happened so far, by the router's own telling."""

    def __init__(self, tallies: dict[str, QueueTally], prefix: str) -> None:
        """`prefix` is what the ids of this run's interactions begin with."""
        self.account = Account(tallies)
        self.waiting: dict[str, dict[str, int]] = {name: {} for name in tallies}
        """By queue: since when, by the router's clock, each interaction waits."""
        self.agents: dict[str, AgentView] = {}
        self.happened: Counter[str] = Counter()
        """Offers that were missed, declined and revoked, and the like."""
        self.last_ms = 0
        self.waited_for_owner_ms = 0
        """How long interactions were held back for the agent who knows the customer."""
        self._held_since: dict[str, int] = {}
        self._prefix = prefix
        self._ended: set[str] = set()
        self._answered: set[str] = set()
        self._agent_of: dict[str, str] = {}

    def hear(self, event: RoutingEvent) -> None:
        self.last_ms = max(self.last_ms, event.time.ToMilliseconds())
        if event.agent_id and not event.interaction_id:
            self._presence(event)
            return
        kind = event.kind
        if kind in _HAPPENED:
            self.happened[_HAPPENED[kind]] += 1
        if kind == RoutingEvent.KIND_OFFER_ACCEPTED:
            self._work_begins(event)
        elif kind == RoutingEvent.KIND_WRAP_UP_STARTED:
            agent = self._agent_of.get(event.interaction_id, event.agent_id)
            self._agent(agent).wrapping.add(event.interaction_id)
        elif kind in _WORK_ENDS:
            self._work_ends(event)
        if event.interaction_id:
            self._hold(event)
        if event.interaction_id.startswith(self._prefix):
            self._count(event)

    def longest_wait_ms(self, queue: str, router_now_ms: int) -> int:
        """How long the one who waits longest has waited; 0 if nobody does."""
        waiting = self.waiting[queue]
        return max(0, router_now_ms - min(waiting.values())) if waiting else 0

    @property
    def occupancy_percent(self) -> float | None:
        """Time at work, of the time agents were at work or free for it."""
        busy = sum(agent.busy_ms for agent in self.agents.values())
        idle = sum(agent.idle_ms for agent in self.agents.values())
        return 100 * busy / (busy + idle) if busy + idle else None

    def close(self) -> None:
        """Book the time until now, and count who still waits."""
        for agent in self.agents.values():
            agent.until(self.last_ms)
        self.account.waiting = sum(len(waiting) for waiting in self.waiting.values())

    def _hold(self, event: RoutingEvent) -> None:
        name, at = event.interaction_id, event.time.ToMilliseconds()
        if event.kind == RoutingEvent.KIND_HOLD_BACK_WEIGHED:
            if event.HasField("deadline"):
                self._held_since.setdefault(name, at)
                return
        elif event.kind not in _HOLD_ENDS:
            return
        self.waited_for_owner_ms += at - self._held_since.pop(name, at)

    # ------------------------------------------------------------------ agents

    def _agent(self, agent_id: str) -> AgentView:
        return self.agents.setdefault(agent_id, AgentView(since_ms=self.last_ms))

    def _presence(self, event: RoutingEvent) -> None:
        if event.kind in (
            RoutingEvent.KIND_AGENT_SIGNED_IN,
            RoutingEvent.KIND_AGENT_PRESENCE_CHANGED,
        ):
            agent = self._agent(event.agent_id)
            agent.until(event.time.ToMilliseconds())
            agent.presence = event.presence
        elif (
            event.kind == RoutingEvent.KIND_AGENT_LOST
            # Whoever has signed out and closes the stream is not missed.
            and self._agent(event.agent_id).presence != PRESENCE_OFFLINE
        ):
            self.happened["agents lost"] += 1

    def _work_begins(self, event: RoutingEvent) -> None:
        agent = self._agent(event.agent_id)
        agent.until(event.time.ToMilliseconds())
        agent.working.add(event.interaction_id)
        self._agent_of[event.interaction_id] = event.agent_id

    def _work_ends(self, event: RoutingEvent) -> None:
        agent_id = self._agent_of.pop(event.interaction_id, None)
        if agent_id is not None:
            agent = self._agent(agent_id)
            agent.until(event.time.ToMilliseconds())
            agent.working.discard(event.interaction_id)
            agent.wrapping.discard(event.interaction_id)

    # ------------------------------------------------------------------ interactions

    def _count(self, event: RoutingEvent) -> None:
        name, kind = event.interaction_id, event.kind
        if kind == RoutingEvent.KIND_INTERACTION_ENQUEUED:
            self.account.queues[event.queue].offered += 1
            self.waiting[event.queue][name] = event.time.ToMilliseconds()
            return
        queue = self.account.queues.get(event.queue)
        if queue is None or name in self._answered or name in self._ended:
            return
        if kind == RoutingEvent.KIND_OFFER_ACCEPTED:
            self._answered.add(name)
            queue.answer(event.wait.ToMilliseconds())
        elif kind == RoutingEvent.KIND_INTERACTION_ABANDONED:
            self._ended.add(name)
            queue.abandoned += 1
        elif kind == RoutingEvent.KIND_INTERACTION_DEAD_LETTERED:
            self._ended.add(name)
            queue.dead_lettered += 1
        else:
            return
        self.waiting[event.queue].pop(name, None)


HANDOFFS = "handoffs"
_HAPPENED = {
    RoutingEvent.KIND_INTERACTION_HANDED_OFF: HANDOFFS,
    RoutingEvent.KIND_OFFER_DECLINED: "offers declined",
    RoutingEvent.KIND_OFFER_EXPIRED: "offers missed",
    RoutingEvent.KIND_OFFER_REVOKED: "offers revoked",
    RoutingEvent.KIND_RELAXATION_STEPPED: "relaxation steps",
    RoutingEvent.KIND_MATCH_ROUND_SOLVED: "joint rounds",
    RoutingEvent.KIND_INTERACTION_INTERRUPTED: "interruptions",
}
_HOLD_ENDS = frozenset(
    {
        RoutingEvent.KIND_HOLD_BACK_ENDED,
        RoutingEvent.KIND_OFFER_ISSUED,
        RoutingEvent.KIND_INTERACTION_ABANDONED,
        RoutingEvent.KIND_INTERACTION_CANCELLED,
        RoutingEvent.KIND_INTERACTION_DEAD_LETTERED,
        RoutingEvent.KIND_INTERACTION_HANDED_OFF,
    }
)
_WORK_ENDS = frozenset(
    {
        RoutingEvent.KIND_INTERACTION_COMPLETED,
        RoutingEvent.KIND_INTERACTION_HANDED_OFF,
        RoutingEvent.KIND_WRAP_UP_ENDED,
        RoutingEvent.KIND_INTERACTION_REQUEUED,
        RoutingEvent.KIND_INTERACTION_TRANSFERRED,
        RoutingEvent.KIND_INTERACTION_CANCELLED,
        RoutingEvent.KIND_INTERACTION_ABANDONED,
    }
)
