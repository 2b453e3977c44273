"""Logs made for tests, with known truth."""

import os
from pathlib import Path

import numpy as np

from simulator.fit.log import UNKNOWN, LeftOut, Log, Outcome

SHIPPED = Path(__file__).resolve().parents[4] / "shared" / "data"
BANK = "bank-calls-1999-08-01-to-22.csv"


def bank_log():
    """The real log, or None where it is not at hand."""
    folder = Path(os.environ.get("SANTRAL_DATA", SHIPPED))
    path = folder / BANK
    return path if path.exists() else None


def made_log(queued_s, wait_s, answered, service_s, **columns):
    """A log of one type; instants are seconds since Monday, 1970-01-05."""
    count = len(queued_s)
    order = np.argsort(queued_s, kind="stable")
    queued_ms = 4 * 86_400_000 + np.round(np.asarray(queued_s) * 1000).astype(np.int64)
    outcome = np.where(answered, int(Outcome.ANSWERED), int(Outcome.ABANDONED))
    whole = {
        "type": np.zeros(count, np.int64),
        "priority": np.zeros(count, np.int64),
        "customer": np.full(count, UNKNOWN, np.int64),
        "agent": np.full(count, UNKNOWN, np.int64),
        **columns,
    }
    whole = {name: np.asarray(value) for name, value in whole.items()}
    agents = int(whole["agent"].max()) + 1
    return Log(
        file="made.csv",
        types=tuple(f"kind {k}" for k in range(int(whole["type"].max()) + 1)),
        agents=tuple(f"agent {k}" for k in range(agents)),
        left_out=LeftOut(count),
        line=np.arange(2, count + 2),
        arrived_ms=queued_ms[order],
        queued_ms=queued_ms[order],
        wait_s=np.asarray(wait_s, dtype=float)[order],
        outcome=outcome.astype(np.int64)[order],
        service_s=np.where(answered, service_s, np.nan).astype(float)[order],
        **{name: np.asarray(value)[order] for name, value in whole.items()},
    )


def served_in_line(seed, arrivals_s, service_s, agents, head_start_s=None):
    """First come, first served, by a few agents: waits, and who answered.

    Whoever has a head start counts as having come so much earlier.
    """
    chance = np.random.default_rng(seed)
    count = len(arrivals_s)
    due = arrivals_s - (np.zeros(count) if head_start_s is None else head_start_s)
    free = np.zeros(agents)
    wait, who = np.zeros(count), np.zeros(count, np.int64)
    waiting = list(range(count))
    while waiting:
        best = free.min()
        agent = int(chance.choice(np.flatnonzero(free == best)))
        there = [k for k in waiting[:400] if arrivals_s[k] <= best]
        if not there:
            free[agent] = arrivals_s[waiting[0]]
            there = [waiting[0]]
        one = min(there, key=lambda k: due[k])
        start = max(free[agent], arrivals_s[one])
        wait[one], who[one] = start - arrivals_s[one], agent
        free[agent] = start + service_s[one]
        waiting.remove(one)
    return wait, who
