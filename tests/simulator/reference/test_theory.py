"""Theory is met: systems with known answers, simulated by the engine that routes live.

A tenth of what `make theory` runs, of one case for every family. z counts standard errors,
so a false alarm is possible and rare: with |z| < 4 and about 200 numbers once in a hundred
seeds, and the seed is fixed.
"""

import math
from pathlib import Path

import pytest

from simulator.reference.estimates import flat
from simulator.reference.reading import Case, read_cases
from simulator.reference.running import verdict_of

CASES = read_cases(Path(__file__).with_name("cases.json"))
INTERACTIONS = 100_000
SEED = 1
FAR = 4.0


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_what_is_known_is_what_the_simulator_finds(case: Case):
    verdict = verdict_of(case, INTERACTIONS, SEED)

    assert verdict.expressed, verdict.reason
    assert verdict.outputs is not None
    found = verdict.outputs
    unmeasured = {name: e.reason for name, e in found.items() if e.compared is None}
    far = {
        name: [
            (part.exact, part.simulated, round(part.z, 2)) for part in flat(e.compared)
        ]
        for name, e in found.items()
        if any(not abs(part.z) < FAR for part in flat(e.compared))
    }
    assert ({}, {}) == (unmeasured, far)


def test_an_answer_that_is_wrong_by_a_little_is_found_out():
    case = next(case for case in CASES if case.id == "erlang_a_1260_300_90_120")
    wrong = {name: 1.05 * value for name, value in case.outputs.items()}
    verdict = verdict_of(
        Case(case.id, case.group, case.parameters, wrong, case.model),
        INTERACTIONS,
        SEED,
    )

    assert verdict.outputs is not None
    zs = [part.z for e in verdict.outputs.values() for part in flat(e.compared)]
    assert max(abs(z) for z in zs if not math.isnan(z)) > FAR
