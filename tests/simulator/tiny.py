"""Tiny scenarios whose right answer can be worked out by hand, and their story.

Arrivals are recorded instants (seconds after eight o'clock), times are constant, and
what happened is told in one line a fact: "60 takes 2 Desk.1" is the second, the fact,
the number of the interaction in order of arrival, and the agent. Holds no test.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from router.engine.kinds import Kind, Reason
from router.engine.tables import EVENT, NOBODY
from router.model.agent import Presence
from simulator.plan import Plan, plan_of
from simulator.records import Area, Column, RunRecord
from simulator.run import run_once
from simulator.scenario.load import load_scenario
from simulator.world import World

OPENS_S = 8 * 3_600
QUEUE = {
    "service_level": {"target": 80, "within": "20s"},
    "wrap_up": "0s",
    "cool_down": "30s",
}
POLICY: dict[str, Any] = {
    "policy": "tiny",
    "skills": ["a", "b"],
    "channels": {
        "voice": {"weight": 3, "limit": 1, "exclusive": True},
        "chat": {"weight": 1, "limit": 3},
        "email": {"weight": 1, "limit": 3, "interruptible": True},
    },
    "capacity": 3,
    "queues": {
        "First": {**QUEUE, "needs": {"all_of": {"a": 1}}},
        "Second": {**QUEUE, "needs": {"all_of": {"b": 1}}},
    },
}
DESK = {"agents": 1, "skills": {"a": 3}}
_FACTS = {
    Kind.INTERACTION_ENQUEUED: "comes",
    Kind.OFFER_ISSUED: "offered",
    Kind.OFFER_ACCEPTED: "takes",
    Kind.OFFER_EXPIRED: "missed",
    Kind.OFFER_DECLINED: "declined",
    Kind.OFFER_REVOKED: "revoked",
    Kind.INTERACTION_ABANDONED: "gives up",
    Kind.INTERACTION_COMPLETED: "ends",
    Kind.WRAP_UP_STARTED: "ends",
    Kind.WRAP_UP_ENDED: "wrapped up",
    Kind.INTERACTION_INTERRUPTED: "set aside",
    Kind.INTERACTION_RESUMED: "resumed",
    Kind.INTERACTION_TRANSFERRED: "transferred",
    Kind.INTERACTION_HANDED_OFF: "handed off",
    Kind.INTERACTION_DEAD_LETTERED: "dead letter",
    Kind.INTERACTION_CANCELLED: "sent away",
    Kind.INTERACTION_OVERFLOWED: "overflows",
    Kind.AGENT_SIGNED_IN: "at work",
    Kind.AGENT_LOST: "lost",
    Kind.AGENT_RECONNECTED: "connected",
}
_PRESENCES = {
    Presence.AVAILABLE: "back",
    Presence.AWAY: "away",
    Presence.OFFLINE: "home",
}


def policy(**changes: Any) -> dict[str, Any]:
    """The tiny policy; `First` and `Second` change its queues, other keys stand as they are."""
    queues = {
        name: {**rules, **changes.pop(name, {})}
        for name, rules in POLICY["queues"].items()
    }
    return {**POLICY, "queues": queues, **changes}


def calls(*at: Any, **changes: Any) -> dict[str, Any]:
    """A stream of calls to the first queue at these seconds after eight: a number, or
    (second, handle in seconds, patience in seconds).
    """
    return {
        "queue": "First",
        "channel": "voice",
        "handle": "60s",
        "at": list(at),
        **changes,
    }


def chats(*at: Any, **changes: Any) -> dict[str, Any]:
    """The same of chats."""
    return calls(*at, **{"channel": "chat", **changes})


def emails(*at: Any, **changes: Any) -> dict[str, Any]:
    """The same of e-mails."""
    return calls(*at, **{"channel": "email", **changes})


def follows(**changes: Any) -> dict[str, Any]:
    """A stream that nobody arrives in by themselves."""
    stream = calls(**changes)
    del stream["at"]
    return stream


def planned(
    folder: Path,
    demand: dict[str, Any],
    staff: dict[str, Any],
    *,
    by: dict[str, Any] = POLICY,
    **head: Any,
) -> Plan:
    """The plan of a scenario; recorded instants are written to a trace in `folder`."""
    rows = ["stream,at,handle_s,patience_s"]
    streams: dict[str, Any] = {}
    for name, stream in demand.items():
        streams[name] = dict(stream)
        if "at" in stream:
            for one in streams[name].pop("at"):
                second, handle, patience = (
                    one if isinstance(one, tuple) else (one, "", "")
                )
                instant = np.datetime64("2026-03-02", "ms") + round(
                    (OPENS_S + second) * 1000
                )
                rows.append(f"{name},{instant},{handle},{patience}")
            streams[name]["arrivals"] = {
                "trace": {
                    "file": "arrivals.csv",
                    "where": {"stream": name},
                    "handle_s": "handle_s",
                    "patience_s": "patience_s",
                }
            }
    (folder / "arrivals.csv").write_text("\n".join(rows) + "\n")
    scenario = {
        "scenario": "tiny",
        "policy": "p.yaml",
        "every": "1h",
        **head,
        "demand": streams,
        "staff": staff,
    }
    return plan_of(load_scenario(json.dumps(scenario), json.dumps(by), folder=folder))


@dataclass
class Ran:
    """What one run left behind, and what happened in it."""

    plan: Plan
    record: RunRecord
    facts: Any
    world: World

    def count(self, stream: str, column: Column) -> float:
        """What was counted of a stream in the whole run."""
        s = self.plan.layout.streams.index(stream)
        return float(self.record.streams[:, s, column].sum())

    def counts(self, stream: str, *columns: Column) -> list[float]:
        """The same of several columns."""
        return [self.count(stream, column) for column in columns]

    def area_s(self, stream: str, area: Area) -> float:
        """A time integral of a stream over the whole run, in seconds."""
        s = self.plan.layout.streams.index(stream)
        return float(self.record.areas[:, s, area].sum()) / 1000

    def story(self, *wanted: str) -> list[str]:
        """The facts of these kinds in order, one line each; all of them by default."""
        numbers: dict[int, int] = {}
        lines = []
        known = 0
        for event in self.facts:
            kind, row = Kind(int(event["kind"])), int(event["interaction"])
            if kind == Kind.INTERACTION_ENQUEUED:
                known += 1
                numbers[row] = known
            said = _FACTS.get(kind, "")
            if kind == Kind.AGENT_PRESENCE_CHANGED:
                said = _PRESENCES[Presence(int(event["presence"]))]
                if event["mode"] == Reason.MISSED_OFFER:
                    said = "away, missed"
            if not said or (wanted and said not in wanted):
                continue
            second = (int(event["at"]) - self.plan.origin_ms) / 1000 - OPENS_S
            parts = [f"{second:g}", said]
            if row != NOBODY:
                parts.append(str(numbers[row]))
            if event["agent"] != NOBODY and said not in ("gives up", "comes"):
                parts.append(self.plan.agent_ids[int(event["agent"])])
            lines.append(" ".join(parts))
        return lines


def ran(
    folder: Path,
    demand: dict[str, Any],
    staff: dict[str, Any] | None = None,
    *,
    seed: int = 1,
    replication: int = 0,
    **head: Any,
) -> Ran:
    """Run a scenario once; one desk is staffed by default."""
    plan = planned(folder, demand, staff or {"Desk": DESK}, **head)
    return told(plan, seed, replication)


def told(plan: Plan, seed: int = 1, replication: int = 0) -> Ran:
    """Run a plan once and keep its events."""
    facts: list[Any] = []
    world = World(
        plan, seed, replication, on_events=lambda events: facts.append(events.copy())
    )
    record = world.run()
    together = np.concatenate(facts) if facts else np.zeros(0, EVENT)
    return Ran(plan, record, together, world)


def recorded(plan: Plan, seed: int = 1, replication: int = 0) -> RunRecord:
    """Run a plan once."""
    return run_once(plan, seed, replication)
