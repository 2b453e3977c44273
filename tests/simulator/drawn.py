"""Days that are drawn instead of simulated: records with known means, for whatever
reads records.

A plan here is a few rates; `drawn` stands in for `run_once`. A busy day (gamma factor)
has more arrivals and fewer of them answered in time. Wrong-doers stand beside it: runs
that fail, die, or take their time.
"""

import os
import signal
import time
from dataclasses import dataclass, replace

import numpy as np

from router.measures.shapes import COUNT_NAMES, AgentState, Entry
from simulator.records import (
    CLASSES,
    GROWTH,
    Area,
    Column,
    Layout,
    RunRecord,
)

HOUR_MS = 3_600_000
AT = {name: at for at, name in enumerate(COUNT_NAMES)}


@dataclass(frozen=True)
class DrawnPlan:
    """Two streams of one queue over voice and chat, and two entries of staff."""

    layout: Layout
    per_interval: float = 40.0
    day_shape: float = 30.0
    agents: float = 20.0


def a_plan(days=1, every_ms=HOUR_MS, **parts) -> DrawnPlan:
    layout = Layout(
        streams=("Retail", "Chat"),
        stream_queues=("Banking", "Banking"),
        stream_channels=("voice", "chat"),
        staff=("Front", "Back"),
        staff_cost_per_hour=(30.0, 40.0),
        pairs=(("Banking", "voice"), ("Banking", "chat")),
        target_ms=(20_000, 60_000),
        pair_target_ms=(20_000, 60_000),
        pair_target_percent=(80, 90),
        pair_definition=(
            "within_of_answered_and_abandoned",
            "within_and_abandoned_within_of_offered",
        ),
        every_ms=every_ms,
        days=days,
    )
    return DrawnPlan(layout, **parts)


def drawn(plan, seed, replication, progress=None, stop=None) -> RunRecord:
    """One run of the plan: the same for the same numbers."""
    layout = plan.layout
    rng = np.random.default_rng([seed, replication])
    times = layout.days * (24 * HOUR_MS // layout.every_ms) + 1
    day = rng.gamma(plan.day_shape, 1 / plan.day_shape)
    things = (times, len(layout.streams))
    arrived = rng.poisson(plan.per_interval * day, things)
    arrived[-1] = 0
    late = 1 / (1 + np.exp((plan.agents / 20 - day) / 0.1))
    luck = rng.random(things)
    abandoned = np.floor(arrived * late * 0.3 * (0.5 + luck)).astype(int)
    answered = arrived - abandoned
    within = np.floor(answered * (1 - late) * (0.9 + 0.1 * luck)).astype(int)
    wait_ms = answered * (2_000 + (60_000 * late * (0.5 + luck)).astype(int))

    streams = np.zeros((*things, len(Column)))
    streams[..., Column.ARRIVED] = arrived
    streams[..., Column.ANSWERED] = answered
    streams[..., Column.ABANDONED] = abandoned
    streams[..., Column.IN_TARGET] = within
    streams[..., Column.WAITED] = arrived - within
    streams[..., Column.ANSWERED_WAIT_MS] = wait_ms
    streams[..., Column.ABANDONED_WAIT_MS] = abandoned * 30_000
    streams[..., Column.FINISHED] = answered
    streams[..., Column.TALK_MS] = answered * 180_000
    areas = np.zeros((*things, len(Area)))
    areas[..., Area.WAITING] = wait_ms + abandoned * 30_000
    areas[..., Area.SERVING] = answered * 180_000

    queues = np.zeros((*things, 2, len(COUNT_NAMES)), np.int64)
    entry = queues[:, :, Entry.ARRIVAL]
    for name, counts in (
        ("offered", arrived),
        ("answered", answered),
        ("within_target", within),
        ("abandoned_queued", abandoned),
        ("answered_wait_ms", wait_ms),
        ("abandoned_wait_ms", abandoned * 30_000),
        ("handled", answered),
        ("talk_ms", answered * 180_000),
    ):
        entry[..., AT[name]] = counts

    staff = np.zeros((times, 2, len(AgentState)), np.int64)
    staff[..., AgentState.BUSY] = answered * 180_000
    staff[:-1, :, AgentState.AVAILABLE] = int(plan.agents * layout.every_ms / 4)
    staff[..., AgentState.AWAY] = 60_000
    staff[..., AgentState.OFFLINE] = 1_000_000

    waits = np.zeros((things[1], 2, CLASSES), np.int64)
    for stream in range(things[1]):
        for side, counts in ((0, answered), (1, abandoned)):
            spent = rng.exponential(20_000 * (0.2 + late), counts[:, stream].sum())
            classes = np.ceil(np.log(np.maximum(spent, 1)) / np.log(GROWTH)) + 1
            np.add.at(waits[stream, side], classes.astype(int), 1)
    if progress is not None:
        progress(1.0)
    return RunRecord(
        replication=replication,
        seed=seed,
        every_ms=layout.every_ms,
        days=layout.days,
        streams=streams,
        areas=areas,
        queues=queues,
        staff=staff,
        waits=waits,
        events=int(arrived.sum()) * 5,
        rounds=0,
        ended_ms=layout.days * 24 * HOUR_MS,
        took_s=0.001,
    )


def failing(plan, seed, replication, progress=None, stop=None) -> RunRecord:
    """Cannot carry out the sixth replication."""
    if replication == 5:
        raise ValueError("the sixth is unlucky")
    return drawn(plan, seed, replication)


def dying(plan, seed, replication, progress=None, stop=None) -> RunRecord:
    """Its process is killed over the sixth replication."""
    if replication == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return drawn(plan, seed, replication)


def uneven(plan, seed, replication, progress=None, stop=None) -> RunRecord:
    """Later replications are ready sooner."""
    time.sleep(0.02 * ((7 - replication) % 4))
    return drawn(plan, seed, replication)


def patient(plan, seed, replication, progress=None, stop=None) -> RunRecord:
    """Goes on until it is stopped, from the fourth replication on."""
    record = drawn(plan, seed, replication)
    while replication >= 3:
        if stop is not None and stop():
            return replace(record, complete=False)
        time.sleep(0.01)
    return record
