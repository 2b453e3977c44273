"""A small day in which everything happens, and as many others as one likes, by chance.

For tests of what must hold whatever a scenario says. Run as a program it writes the
record and the events of the small day to a file. Holds no test.
"""

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np

from router.engine.tables import EVENT
from simulator.plan import Plan, plan_of
from simulator.scenario.load import load_scenario
from simulator.world import World

POLICY: dict[str, Any] = {
    "policy": "everything",
    "skills": ["a", "b"],
    "channels": {
        "voice": {"weight": 3, "limit": 1, "exclusive": True},
        "chat": {"weight": 1, "limit": 3},
        "email": {"weight": 1, "limit": 3, "interruptible": True},
    },
    "capacity": 3,
    "queues": {
        "Calls": {
            "needs": {"all_of": {"a": 2}},
            "relaxation": [{"after": "40s", "lower": {"a": 1}}],
            "service_level": {"target": 80, "within": "20s"},
            "wrap_up": "10s",
            "offer_timeout": "15s",
            "cool_down": "5s",
            "limit": 6,
            "overflow": "Help",
            "continuity_value": "20s",
        },
        "Help": {
            "needs": {"all_of": {"b": 1}},
            "wrap_up": "0s",
            "max_wait": "10m",
            "attempts_max": 3,
        },
        "Written": {"needs": {"all_of": {"a": 1}}, "wrap_up": "20s", "max_wait": "5d"},
    },
    "retention": {"ended": "10m"},
}
AROUND_NOON: dict[str, Any] = {"from": "10h", "until": "12h"}


def _stream(queue: str, channel: str, rate: float, **more: Any) -> dict[str, Any]:
    return {
        "queue": queue,
        "channel": channel,
        "arrivals": {"per_hour": rate, **AROUND_NOON},
        **more,
    }


SMALL_DAY: dict[str, Any] = {
    "scenario": "everything",
    "policy": "p.yaml",
    "every": "30m",
    "days": 2,
    "warm_up": "10h30m",
    "lines": 7,
    "demand": {
        "Retail": _stream(
            "Calls", "voice", 60,
            handle={"lognormal": {"mean": "90s", "cv": 1.2}},
            handle_by={"New": {"gamma": {"mean": "2m", "shape": 0.6}}},
            patience={"weibull": {"scale": "90s", "shape": 0.8}},
            wrap_up={"uniform": {"low": "0s", "high": "20s"}},
            balking={"when_all_busy": 0.1, "expected_wait": {"exponential": "4m"}},
            retry={"probability": 0.6, "delay": {"exponential": "3m"}, "attempts_max": 4},
            callback={"queue_at_least": 1, "accept": 0.3, "as": "Back", "delay": "10m"},
            then=[
                {"kind": "transfer", "to": "Second line", "probability": 0.2},
                {"kind": "repeat", "to": "Retail", "probability": 0.1, "delay": "15m"},
            ],
            customers=40,
        ),
        "Back": {"queue": "Calls", "channel": "voice", "priority": 60, "handle": "80s"},
        "Second line": {
            "queue": "Help", "channel": "voice",
            "handle": {"empirical": {"values": ["20s", "45s", "3m"]}},
            "patience": {"mixture": [
                {"share": 0.4, "time": "5s"}, {"share": 0.6, "time": {"exponential": "2m"}},
            ]},
        },
        "Chats": _stream(
            "Written", "chat", 40,
            handle={"sum": ["20s", {"exponential": "2m"}]},
            patience={"exponential": "3m"},
            then=[{"kind": "handoff", "to": "Second line", "probability": 0.5, "by": "Bot"}],
        ),
        "Mails": _stream(
            "Written", "email", 30, handle="3m",
            ownership={"share": 0.5, "hold": "30s", "by": "Old"},
        ),
    },
    "staff": {
        "Old": {
            "agents": 3, "skills": {"a": 3, "b": 2},
            "answer_delay": {"exponential": "2s"},
            "misses": {"share": 0.05, "back_after": {"uniform": {"low": "10s", "high": "90s"}}},
            "declines": 0.05,
            "shifts": [{"from": "9h", "until": "13h", "breaks": [
                {"after": "90m", "lasts": "10m", "spread": "20m"}]}],
        },
        "New": {
            "agents": 3, "skills": {"a": 2},
            "at_work": {"from": "10h", "every": "30m", "counts": [2, 3, 1, 2],
                        "stay_until_empty": True},
            "not_ready": {"probability": 0.1, "lasts": {"exponential": "1m"}},
            "learning": {"start": 1.5, "half_life_days": 3.0},
            "absent": 0.1,
        },
        "Bot": {"agents": 1, "skills": {"a": 1}, "kind": "bot", "limits": {"voice": 0, "email": 0}},
    },
    "slow_down": [{"channels": ["chat"], "factors": [1.0, 1.2, 1.5]}],
    "outages": [
        {"kind": "channel", "channel": "chat", "at": "11h", "lasts": "5m"},
        {"kind": "agents", "staff": "Old", "share": 0.34, "at": "10h40m", "lasts": "8m"},
        {"kind": "router", "at": "11h58m", "lasts": "4m", "days": [1]},
    ],
}  # fmt: skip


def plan_for(scenario: dict[str, Any], policy: dict[str, Any] = POLICY) -> Plan:
    """The plan of a scenario in Python's own words."""
    return plan_of(load_scenario(json.dumps(scenario), json.dumps(policy)))


def any_day(seed: int, *, whole: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """A scenario and a policy by chance: parts of the small day, and other numbers. A
    whole one is counted from the first midnight to the last customer.
    """
    chance = np.random.default_rng(seed)
    day = json.loads(json.dumps(SMALL_DAY))
    policy = json.loads(json.dumps(POLICY))

    def maybe(share: float = 0.5) -> bool:
        return bool(chance.random() < share)

    for stream in day["demand"].values():
        for key in (
            "balking",
            "retry",
            "callback",
            "ownership",
            "customers",
            "patience",
        ):
            if key in stream and maybe(0.4):
                del stream[key]
        if "then" in stream:
            stream["then"] = [one for one in stream["then"] if maybe(0.7)]
        if "arrivals" in stream:
            stream["arrivals"]["per_hour"] = float(chance.integers(5, 150))
            if maybe():
                stream["arrivals"]["day_factor"] = {"gamma_shape": 10.0}
    if "retry" in day["demand"]["Retail"] and maybe():
        day["demand"]["Retail"]["retry"].update(patience="keep", handle="redraw")
    for staff in day["staff"].values():
        for key in ("answer_delay", "misses", "declines", "not_ready", "absent"):
            if key in staff and maybe(0.4):
                del staff[key]
    for key in ("warm_up", "lines", "slow_down", "outages"):
        if maybe(0.4):
            del day[key]
    if "outages" in day:
        day["outages"] = [one for one in day["outages"] if maybe(0.7)]
    day["sent_away_at_close"] = maybe(0.3)
    day["ends"] = "at_midnight" if maybe(0.3) else "when_empty"
    if whole:
        day.pop("warm_up", None)
        day["ends"] = "when_empty"
    if maybe(0.3):
        policy["rounds"] = {"window": "2s"}
    if maybe(0.3):
        policy["queues"]["Calls"]["missed_offer"] = "keep"
    return day, policy


def what_happened(plan: Plan, seed: int) -> tuple[Any, bytes]:
    """The record of one run, and its events byte for byte."""
    facts: list[Any] = []
    world = World(plan, seed, 0, on_events=lambda events: facts.append(events.copy()))
    record = world.run()
    return record, np.concatenate([np.asarray(one, EVENT) for one in facts]).tobytes()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(pickle.dumps(what_happened(plan_for(SMALL_DAY), 3)))
