"""Results without a simulation: plausible days drawn at random, and repeatably.

What reports and comparisons are tried on. The counts add up as those of a run do:
whoever arrived was answered or abandoned, and nobody twice. The waits are drawn, not
queued for, so the figures prove nothing about any model.
"""

from dataclasses import replace

import numpy as np

from router.measures.shapes import COUNT_NAMES, AgentState, Entry
from router.model.service_level import Definition
from simulator.records import (
    CLASSES,
    Area,
    Column,
    Layout,
    RunRecord,
    class_bounds_ms,
)
from simulator.result import Result
from simulator.sheets import Ledger, sheet_of

PAIRS = (
    ("Bireysel bankacılık", "voice"),
    ("Κάρτες", "voice"),
    ("Κάρτες", "chat"),
)
STAFF = ("Ön büro", "Κάρτες Αθήνα", "Gece ekibi")
OPENS, CLOSES = 8, 20
AHT_MS = 240_000
PATIENCE_MS = 150_000
HOUR_MS = 3_600_000


def made_layout(
    pairs=PAIRS, staff=STAFF, *, days=1, every_ms=1_800_000, target_ms=20_000
):
    """One stream for each queue and channel."""
    return Layout(
        streams=tuple(f"{queue}, {channel}" for queue, channel in pairs),
        stream_queues=tuple(queue for queue, _ in pairs),
        stream_channels=tuple(channel for _, channel in pairs),
        staff=tuple(staff),
        staff_cost_per_hour=tuple(30.0 + 2 * at for at in range(len(staff))),
        pairs=tuple(pairs),
        target_ms=(target_ms,) * len(pairs),
        pair_target_ms=(target_ms,) * len(pairs),
        pair_target_percent=(80,) * len(pairs),
        pair_definition=(Definition.WITHIN_OF_ANSWERED_AND_ABANDONED.value,)
        * len(pairs),
        every_ms=every_ms,
        days=days,
    )


def made_record(layout, *, seed=1, replication=0, per_hour=75.0, agents=6):
    """One replication; more `agents` in each entry of the staff make shorter waits."""
    rng = np.random.default_rng([seed, replication])
    a_day = 24 * HOUR_MS // layout.every_ms
    times = layout.days * a_day + 1
    pairs, staff = len(layout.pairs), len(layout.staff)
    streams = np.zeros((times, pairs, len(Column)))
    areas = np.zeros((times, pairs, len(Area)))
    queues = np.zeros((times, pairs, len(Entry), len(COUNT_NAMES)), np.int64)
    spent = np.zeros((times, staff, len(AgentState)), np.int64)
    waits = np.zeros((pairs, 2, CLASSES), np.int64)
    for day in range(layout.days):
        busy_day = rng.gamma(60, 1 / 60)
        for interval in range(a_day):
            time = day * a_day + interval
            hour = interval * layout.every_ms / HOUR_MS
            if not OPENS <= hour < CLOSES:
                spent[time, :, AgentState.OFFLINE] = agents * layout.every_ms
                continue
            shape = 0.6 + 0.7 * np.exp(-(((hour - 11) / 2) ** 2)) + 0.02 * day
            rate = per_hour * shape * busy_day
            load = rate * pairs * AHT_MS / HOUR_MS / max(1, agents * staff)
            for pair in range(pairs):
                count = rng.poisson(rate * layout.every_ms / HOUR_MS)
                _serve(
                    rng, layout, time, pair, count, load, streams, areas, queues, waits
                )
            _work(rng, layout, time, agents, load, spent)
            busy_ms = spent[time, :, AgentState.BUSY].sum()
            areas[time, :, Area.SERVING] = busy_ms / pairs
    return RunRecord(
        replication=replication,
        seed=seed,
        every_ms=layout.every_ms,
        days=layout.days,
        streams=streams,
        areas=areas,
        queues=queues,
        staff=spent,
        waits=waits,
        events=int(streams[..., Column.ARRIVED].sum()) * 6,
        rounds=0,
        ended_ms=layout.days * 24 * HOUR_MS,
        took_s=0.1,
    )


def _serve(rng, layout, time, pair, count, load, streams, areas, queues, waits):
    waited = rng.random(count) < min(0.95, load**6)
    offer_ms = np.where(waited, rng.exponential(45_000 * load, count), 0)
    patience_ms = rng.exponential(PATIENCE_MS, count)
    answered = offer_ms <= patience_ms
    wait_ms = np.floor(np.minimum(offer_ms, patience_ms))
    in_time = wait_ms <= layout.pair_target_ms[pair]
    talk_ms = np.floor(rng.exponential(AHT_MS - 30_000, int(answered.sum())))
    facts = {
        Column.ARRIVED: count,
        Column.ANSWERED: answered.sum(),
        Column.ABANDONED: (~answered).sum(),
        Column.WAITED: waited.sum(),
        Column.IN_TARGET: (answered & in_time).sum(),
        Column.ABANDONED_IN_TARGET: (~answered & in_time).sum(),
        Column.SHORT_ABANDONED: (~answered & (wait_ms < 5_000)).sum(),
        Column.ANSWERED_WAIT_MS: wait_ms[answered].sum(),
        Column.ABANDONED_WAIT_MS: wait_ms[~answered].sum(),
        Column.FINISHED: answered.sum(),
        Column.TALK_MS: talk_ms.sum(),
        Column.WRAP_UP_MS: 30_000 * answered.sum(),
    }
    for column, value in facts.items():
        streams[time, pair, column] = value
    named = {
        "offered": Column.ARRIVED,
        "answered": Column.ANSWERED,
        "within_target": Column.IN_TARGET,
        "abandoned_queued": Column.ABANDONED,
        "abandoned_within": Column.ABANDONED_IN_TARGET,
        "short_abandoned": Column.SHORT_ABANDONED,
        "answered_wait_ms": Column.ANSWERED_WAIT_MS,
        "abandoned_wait_ms": Column.ABANDONED_WAIT_MS,
        "handled": Column.FINISHED,
        "talk_ms": Column.TALK_MS,
        "wrap_up_ms": Column.WRAP_UP_MS,
    }
    for name, column in named.items():
        queues[time, pair, Entry.ARRIVAL, COUNT_NAMES.index(name)] = int(facts[column])
    areas[time, pair, Area.WAITING] = wait_ms.sum()
    classes = np.searchsorted(class_bounds_ms(), wait_ms).clip(max=CLASSES - 1)
    np.add.at(waits, (pair, np.where(answered, 0, 1), classes), 1)


def _work(rng, layout, time, agents, load, spent):
    for entry in range(len(layout.staff)):
        ready_ms = agents * layout.every_ms
        share = min(0.98, load * rng.uniform(0.8, 1.05) * (1 - 0.15 * entry))
        work_ms = int(ready_ms * share)
        wrap_up_ms = work_ms // 8
        spent[time, entry, AgentState.BUSY] = work_ms - wrap_up_ms
        spent[time, entry, AgentState.WRAP_UP] = wrap_up_ms
        spent[time, entry, AgentState.AVAILABLE] = ready_ms - work_ms


def made_result(
    pairs=PAIRS,
    staff=STAFF,
    *,
    scenario="Sıradan bir pazartesi",
    replications=8,
    days=1,
    every_ms=1_800_000,
    seed=1,
    per_hour=75.0,
    agents=6,
    **changes,
):
    """A result of so many replications; `changes` are fields of `Result`."""
    layout = made_layout(pairs, staff, days=days, every_ms=every_ms)
    ledger = Ledger(layout)
    for replication in range(replications):
        record = made_record(
            layout,
            seed=seed,
            replication=replication,
            per_hour=per_hour,
            agents=agents,
        )
        ledger.add(sheet_of(record, layout))
    result = Result(
        scenario=scenario,
        layout=layout,
        totals=ledger.totals(),
        seed=seed,
        asked=replications,
        confidence=0.95,
        engine="0123456789abcdef",
        digests={"scenario": "89abcdef01234567", "policy": "fedcba9876543210"},
    )
    return replace(result, **changes)
