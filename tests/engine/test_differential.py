"""The machine compiled and the machine in plain Python are one machine.

A long shift is drawn twice from one seed: here, compiled, and in a child process with
`NUMBA_DISABLE_JIT=1`. Every event must be the same, byte for byte.
"""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from router.engine.kinds import Kind
from router.engine.tables import EVENT
from tests.engine.invariants import faults, faults_of_replay
from tests.engine.long_shift import Shift

ROOT = Path(__file__).parent.parent.parent
SEED, COMMANDS = 7, 6_000
RARE = (
    "RELAXATION_STEPPED HOLD_BACK_ENDED OFFER_EXPIRED OFFER_REVOKED WRAP_UP_EXTENDED "
    "INTERACTION_OVERFLOWED INTERACTION_DEAD_LETTERED INTERACTION_INTERRUPTED "
    "INTERACTION_RESUMED INTERACTION_FORGOTTEN INTERACTION_TRANSFERRED AGENT_LOST "
    "AGENT_PRESENCE_REQUESTED COOL_DOWN_ENDED MATCH_ROUND_SOLVED ROUTER_STARTED "
    "INTERACTION_UNROUTABLE INTERACTION_UPDATED OWNER_SET POLICY_PUBLISHED "
    "INTERACTION_HANDED_OFF INTERACTION_LINKED INTERACTION_DUE HOLD_BACK_WEIGHED "
    "COMPANION_OPENED CONTEXT_APPENDED OWNERSHIP_TAKEN OWNERSHIP_LAPSED "
    "CONVERSATION_FORGOTTEN CUSTOMERS_MERGED CUSTOMERS_UNMERGED CONSENT_SET "
    "ACCOUNT_OWNER_SET"
).split()


@pytest.fixture(scope="module")
def shift():
    return Shift(SEED).run(COMMANDS)


@pytest.mark.slow
@pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="this is the plain one already"
)
def test_plain_python_states_the_same_facts(shift, tmp_path):
    target = tmp_path / "events"
    command = [
        sys.executable,
        "-m",
        "tests.engine.long_shift",
        str(SEED),
        str(COMMANDS),
    ]
    subprocess.run(
        [*command, str(target)],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        check=True,
        timeout=110,
    )
    mine = np.frombuffer(shift.events(), EVENT)
    theirs = np.frombuffer(target.read_bytes(), EVENT)
    for k, (one, other) in enumerate(zip(mine, theirs, strict=False)):
        assert other == one, f"event {k}: {Kind(int(one['kind'])).name}"

    assert theirs.tobytes() == mine.tobytes()


def test_the_shift_has_seen_every_rare_thing(shift):
    seen = set(np.frombuffer(shift.events(), EVENT)["kind"].tolist())

    assert [] == [name for name in RARE if Kind[name] not in seen]


def test_the_floor_holds_after_the_shift_and_the_record_makes_it_again(shift):
    fresh = type(shift.engine)()
    for batch in shift.batches:
        fresh.replay(batch)

    assert [] == faults(shift.engine, capacity_shrank=True)
    assert [] == faults_of_replay(shift.engine, fresh)


def test_the_same_seed_gives_the_same_shift(shift):
    short = Shift(SEED).run(300).events()

    assert short == shift.events()[: len(short)]
