"""Nothing is compiled once a router serves: the first round, question or replay of a day
would stop the loop for seconds.
"""

import json
import subprocess
import sys

import pytest

from router.warming import EVERY, FUNCTIONS, Progress
from tests.architecture.source import ROOT

A_DAY = """
import gc, json
from numba.core.dispatcher import Dispatcher

import router.app
from router.engine import explain
from router.engine.engine import Engine
from router.engine.floor import fork
from router.engine.kinds import Kind
from router.engine.snapshot import capture, restore
from router.measures import Measures
from router.service import resources
from router.warming import warm_up
from tests.engine.long_shift import Shift
from tests.factories import a_call


def compiled():
    return {
        (one.py_func.__module__, one.py_func.__name__, str(signature))
        for one in gc.get_objects()
        if isinstance(one, Dispatcher) and one.py_func.__module__.startswith("router.")
        for signature in one.signatures
    }


warm_up(print)
before = compiled()
shift = Shift(7).run(3_000)
engine = shift.engine
engine.begin(engine.now)
engine.enqueue_all([a_call(f"together-{n}") for n in range(9)])
engine.take()
heir = Engine()
for batch in shift.batches:
    heir.replay(batch)
restore(capture(engine).pack(), lambda text: engine.policy)
measures = Measures()
measures.start_from(engine.floor)
for batch in shift.batches:
    measures.fold(batch.events)
measures.close(engine.now)
explain.warm_up(fork(engine.floor))
for row in list(engine.names.interactions.texts):
    resources.interaction(engine, row)
kinds = {kind for batch in shift.batches for kind in batch.kinds}
print(json.dumps({
    "late": sorted(compiled() - before),
    "known": len(before),
    "rounds": Kind.MATCH_ROUND_SOLVED in kinds,
}))
"""


@pytest.mark.timeout(400)  # with an empty cache all of it is compiled here
def test_a_whole_shift_compiles_nothing_that_was_not_there_before():
    done = subprocess.run(
        [sys.executable, "-c", A_DAY], cwd=ROOT, capture_output=True, text=True
    )
    assert 0 == done.returncode, done.stderr[-2_000:]
    told = json.loads(done.stdout.splitlines()[-1])

    assert told["rounds"], "the shift has no joint round to speak of"
    assert told["known"] > 10
    assert [] == told["late"]


def test_whoever_waits_for_the_compiler_is_told_how_far_it_is():
    said = []
    progress = Progress(said.append)

    for _ in range(2 * EVERY + 1):
        progress.on_end(None)

    assert 2 == len(said)
    assert f"{2 * EVERY} of about {FUNCTIONS} functions" in said[1]
