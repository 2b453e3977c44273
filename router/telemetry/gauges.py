"""What stands on the floor at this moment, as plain dicts for the gauges: who waits,
how long, what agents do.

Read at scrape time, possibly in another thread than the engine's: each figure is right
by itself, and two of them may be a batch apart. Reads the tables and never writes to
them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from router.engine.floor import interactions_used
from router.engine.tables import Floor, Record
from router.measures import AgentState
from router.model.agent import Presence
from router.model.interaction import State

Pair = tuple[int, int]
"""Queue row and channel."""


@dataclass(slots=True)
class Gauges:
    """Where a scrape finds what is true at that moment."""

    waiting: Callable[[], Mapping[Pair, int]] = dict
    oldest_waiting_ms: Callable[[], Mapping[Pair, int]] = dict
    agents: Callable[[], Mapping[AgentState, int]] = dict
    inbox_depth: Callable[[], int] | None = None
    shed: Callable[[], int] | None = None
    """How many commands have been refused so far because the inbox was full."""
    streams_cut: Callable[[], int] | None = None
    """How many streams have been ended so far because their reader was too slow."""
    policy: Callable[[], tuple[int, str]] | None = None
    """Version and digest of the policy in force."""

    @classmethod
    def of(cls, floor: Callable[[], Floor], now_ms: Callable[[], int]) -> "Gauges":
        """Read them from the floor there is at the scrape, at that engine time."""
        return cls(
            waiting=lambda: waiting(floor()),
            oldest_waiting_ms=lambda: oldest_waiting_ms(floor(), now_ms()),
            agents=lambda: agents_by_state(floor()),
        )


def waiting(floor: Floor) -> dict[Pair, int]:
    """How many are queued or offered, by queue and channel."""
    pairs, _ = _waiting_rows(floor)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    return {
        (int(queue), int(channel)): int(count)
        for (queue, channel), count in zip(found.tolist(), counts.tolist(), strict=True)
    }


def oldest_waiting_ms(floor: Floor, now_ms: int) -> dict[Pair, int]:
    """The age of the oldest that is queued or offered, by queue and channel: what it
    has waited in all.
    """
    pairs, since = _waiting_rows(floor)
    found, which = np.unique(pairs, axis=0, return_inverse=True)
    oldest = np.full(len(found), np.iinfo(np.int64).max)
    np.minimum.at(oldest, which.reshape(-1), since)
    return {
        (int(queue), int(channel)): max(0, now_ms - int(at))
        for (queue, channel), at in zip(found.tolist(), oldest.tolist(), strict=True)
    }


def agents_by_state(floor: Floor) -> dict[AgentState, int]:
    """How many of the agents on the roster are in which state; every state is there,
    with 0 if need be.
    """
    on_roster = np.asarray(floor.roster)["defined"] != 0
    agents = np.asarray(floor.agents)[: len(on_roster)]
    interactions = interactions_used(floor)
    holders = interactions["agent"][interactions["state"] == State.ACTIVE]
    active = (
        np.bincount(holders[holders >= 0], minlength=len(agents))[: len(agents)] > 0
    )
    reachable = (agents["presence"] == Presence.AVAILABLE) & (agents["reachable"] != 0)
    present = on_roster | (agents["signed_in"] != 0)
    states = np.select(
        [
            active,
            agents["live"] > 0,
            agents["open_offers"] > 0,
            agents["presence"] == Presence.OFFLINE,
            reachable,
        ],
        [
            int(AgentState.BUSY),
            int(AgentState.WRAP_UP),
            int(AgentState.OFFERED),
            int(AgentState.OFFLINE),
            int(AgentState.AVAILABLE),
        ],
        int(AgentState.AWAY),
    )
    counts = np.bincount(states[present], minlength=len(AgentState)).tolist()
    return {state: counts[state] for state in AgentState}


def _waiting_rows(floor: Floor) -> tuple[Record, Record]:
    rows = interactions_used(floor)
    rows = rows[(rows["state"] == State.QUEUED) | (rows["state"] == State.OFFERED)]
    return np.stack((rows["queue"], rows["channel"]), axis=1), rows["enqueued_at"]
