"""The simulator compiled and the simulator in plain Python are one simulator.

A small day in which everything happens is run twice from one seed: here, compiled, and in
a child process with `NUMBA_DISABLE_JIT=1`. Every event and every count must be the same.
"""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from router.engine.kinds import Kind
from router.engine.tables import EVENT
from simulator.records import Column
from tests.simulator.everything import SMALL_DAY, plan_for, what_happened

ROOT = Path(__file__).parent.parent.parent
RARE = (
    "OFFER_EXPIRED OFFER_DECLINED OFFER_REVOKED RELAXATION_STEPPED HOLD_BACK_ENDED "
    "HOLD_BACK_WEIGHED INTERACTION_ABANDONED INTERACTION_TRANSFERRED "
    "INTERACTION_HANDED_OFF INTERACTION_INTERRUPTED INTERACTION_RESUMED AGENT_LOST "
    "AGENT_RECONNECTED AGENT_PRESENCE_REQUESTED WRAP_UP_ENDED INTERACTION_FORGOTTEN"
).split()
EVENTUALLY = (
    Column.RETRIED, Column.FOLLOWED, Column.REFUSED, Column.BALKED, Column.CALLED_BACK,
    Column.TRANSFERRED, Column.HANDED_OFF, Column.DEFLECTED, Column.WAITS_ENDED,
    Column.OWNED,
)  # fmt: skip


@pytest.fixture(scope="module")
def here():
    return what_happened(plan_for(SMALL_DAY), 3)


@pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="this is the plain one already"
)
def test_plain_python_runs_to_the_same_record(here, tmp_path):
    target = tmp_path / "there"
    subprocess.run(
        [sys.executable, "-m", "tests.simulator.everything", str(target)],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        check=True,
        timeout=110,
    )
    record, events = here
    theirs, their_events = pickle.loads(target.read_bytes())
    mine, others = np.frombuffer(events, EVENT), np.frombuffer(their_events, EVENT)
    for k, (one, other) in enumerate(zip(mine, others, strict=False)):
        assert other == one, f"event {k}: {Kind(int(one['kind'])).name}"

    assert len(mine) == len(others)
    for name in ("streams", "areas", "queues", "staff", "waits"):
        assert np.array_equal(getattr(record, name), getattr(theirs, name)), name
    assert (theirs.events, theirs.rounds, theirs.ended_ms, theirs.complete) == (
        record.events,
        record.rounds,
        record.ended_ms,
        record.complete,
    )


def test_the_small_day_has_seen_everything(here):
    record, events = here
    kinds = set(np.frombuffer(events, EVENT)["kind"].tolist())
    counts = record.streams.sum(axis=(0, 1))

    assert [] == [name for name in RARE if Kind[name] not in kinds]
    assert [] == [column.name for column in EVENTUALLY if counts[column] == 0]
